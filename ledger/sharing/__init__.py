"""Data of orders that is given away: what was given to whom under which clause, and what ends with its term.

What a grant permits is said by policies/grants.py; who may ask, by api/. Here sales are found, groups are
made large enough, and every answer becomes an entry before it leaves.
"""
