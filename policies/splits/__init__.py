"""The money of order lines: split, taken back, over windows and statements, through linked documents.

`line` splits one line on exact rationals and `reversal` takes a refund back out of it; both are the
reference. `columns` is the same arithmetic a million lines at a time. `chain` splits a line by documents that
feed each other, `series` and `series_columns` split lines that count towards a window of time, `statements`
rounds per statement instead of per line, and `attribution` says under which document a line falls.
"""
