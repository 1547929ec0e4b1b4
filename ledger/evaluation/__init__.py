"""Evaluation: what was so before a version of an agreement and after it, in windows of equal length.

windows.py    the two windows, and what makes them unlike
sold.py       orders, buyers and sales by day, voided imports left out
told.py       satisfaction and violations as registers and notices tell them
intervals.py  how sure a share, a mean or a growth is
measures.py   the measures before and after, with cautions where the sample cannot carry the claim
disputes.py   how long disputes took and how often a ruling was overturned

Nothing here is posted or appended, and nothing is estimated by a float.
"""
