"""Exhibits (证据): files and records that parties file in a dispute, and what becomes of them.

exhibit.py    an exhibit as the log has it: what it is, whose, what was done to it, who sees which file
reading.py    exhibits of a case, folded from their entries
filing.py     filing one, and handing it on from one holder to the next
orders.py     what an arbiter orders: sealed, opened again, replaced by a redacted copy
files.py      the files themselves, by their SHA-256, beside the database
standard.py   an exhibit as ERC-1497 writes evidence
errors.py     what is refused
"""
