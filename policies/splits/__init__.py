"""The money of order lines: split, taken back, over windows and statements, through linked documents.

`line` splits one line on exact rationals and `reversal` takes a refund back out of it; both are the
reference. `columns` is the same arithmetic a million lines at a time.
"""
