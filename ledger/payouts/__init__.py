"""Payouts: what statements leave to be paid, batches of payments by two people, and what banks say of them.

Nothing here moves money: it says whom to pay what, on which account, and keeps what banks answered.
"""
