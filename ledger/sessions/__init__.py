"""Live sessions in figures: what was sold, what promoting them cost, and draws that anyone can redo."""
