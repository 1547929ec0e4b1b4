"""Formulas: one small typed language with several readers over one tree.

`parse` makes the tree, `types` checks it against declared facts, `exact` evaluates it on rationals (the
reference), `columns` turns it into integer column arithmetic, `solver` into z3 terms, `prose` into Chinese
and English. There are no loops and no calls out; size and depth are bounded.
"""
