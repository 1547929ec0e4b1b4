"""Sums in another currency than the agreement's: rates, conversions, gains and losses.

arithmetic.py  pure: rates as exact rationals, conversion in parts, positions, what is gained or lost
rates.py       rates as entries of the log, and which one counts at a time
books.py       conversions and revaluations as entries with postings
reading.py     what stands in the log of all these, as one reader may see it

Rates are facts that somebody says with a source; none is fetched, or computed through a third currency.
"""
