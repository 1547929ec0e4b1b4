"""Reconciliation: what a party's own ledger says, held against a platform's bill, a bank's file or its own.

layouts.py is how such a file is declared, layouts/ the ones that are shipped, files.py reads one into rows
(rows.py) and own.py makes rows of what runs posted for the party. Rows of both sides are matched by
reference.py; what is left over by amounts.py and subsets.py, within the limits of rules.py. breaks.py classes
what does not match, with versions.py saying what each version of the agreement gives. matching.py holds it
together and explains the total to zero; words.py says each reason in Chinese and English.

recorded.py writes a reconciliation into the log and reads it back, manual.py keeps what members match by
hand, aging.py says how long what is open has been so, three_ways.py leads from a bill to the bank.
"""
