"""Vouchers of a closed month for an accounting program: by the user's account mapping, in a declared layout.

Not journals, which hold every posting for programs that read text (journals/): vouchers are sums by day,
under the codes of somebody's own chart of accounts.
"""
