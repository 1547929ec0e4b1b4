"""Relationships: the stages that the versions of an agreement go through, and what should be so before each.

entry.py    conditions of a stage held against figures of the relationship
draft.py    the next version, at another stage or with somebody in a party's place
moves.py    how an agreement came to its stage, and what its parties should know of a version that moves it
"""
