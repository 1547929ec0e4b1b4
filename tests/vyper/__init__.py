"""Tests of the Vyper contracts themselves, on titanoboa: state machines, odd tokens, and what they cover."""
