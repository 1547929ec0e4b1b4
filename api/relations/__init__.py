"""Relationships over HTTP: stage, how it was reached, what the next one asks, what registers come to."""
