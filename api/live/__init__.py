"""Sales and feedback as they come in, for every party of an agreement alike."""
