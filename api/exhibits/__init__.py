"""Exhibits over HTTP: filed by parties, ordered about by arbiters, read by those they are open to."""
