"""Credit: points that rules give parties, each with its reason; appealed and taken back by later entries."""
