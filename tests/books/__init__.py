"""The machine that holds the books to a plain model, and its parts: what is sold, imported, held, closed."""
