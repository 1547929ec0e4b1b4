"""Month end: the checklist of a month, what is earned and not yet settled, and what returns are expected.

Not closing itself, which says the balances and is in periods.py, and not vouchers, in vouchers/.
"""
