"""Monitors: what a signed document, and the law it is under, lets one find in what was told, and when.

declared.py   what a monitor is, as clause kinds and regulation packs declare it
compiled.py   the monitors of one signed version: its parameters, conditions and days filled in
judging.py    whether what was told breaks one, by the exact reader of formulas
kinds/        monitors of the kinds of clauses that have no file of their own

Pure: reading the log, and remembering what was told before, is the ledger's. No deal is named anywhere here.
"""
