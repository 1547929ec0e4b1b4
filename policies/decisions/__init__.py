"""Deciding a case: what applies, what it awards, from whom that is drawn, and why."""
