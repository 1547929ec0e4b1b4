"""Versions of an agreement: which is in force when, and from when an amendment binds whom."""
