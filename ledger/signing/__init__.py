"""Signing on the record: proposals from first to last step, who signed in whose name, and parties' keys.

proposals.py   a proposal of a version: its order and end, what was signed, taken back, declined
signatory.py   who gave a signature: member, role, authority, verified identity, and by what method
keys.py        the register of parties' keys: named, rotated, revoked; which one signs in the place of which
errors.py      what is refused

Verifying signatures is not ledger's: who records one has verified it (api/office/).
"""
