"""Disputes as a timeline, with the decision, what it cites and what it posts."""
