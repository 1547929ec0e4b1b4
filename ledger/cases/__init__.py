"""Cases: the record of a dispute, step by step, and what may still be written into it.

record.py    a case as its entries tell it, and appending the next step
acts.py      the steps of the process, each refused where the process does not allow it
closing.py   the decision that stands: posted, the hold released, the case closed, in one transaction
payments.py  what the sides of a settlement sign and what it moves

The order of the steps and their days are `policies/process`, a pure function of the document.
"""
