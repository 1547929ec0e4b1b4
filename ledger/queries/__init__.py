"""Searching the ledger for a case: entries, postings and orders, at two times, bounded by what it concerns.

question.py (what is asked), scope.py (what may be shown), matching.py (which entries meet it), rows.py (what
an answer is made of), answering.py (page by page, or whole with its digest). Who may ask, and what is kept
of it, is said in ledger/cases.
"""
