"""Entries sent in over HTTP, one by one or many at once."""
