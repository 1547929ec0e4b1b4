"""Statements: what a run means for one party, each figure leading to lines and each line to its arithmetic.

lines.py     the lines of a statement: canonical text, tree root, line files
content.py   the statement itself, as it is committed to in the log
reading.py   listing and reading what was issued
explain.py   a line in facts, clause and arithmetic, in Chinese and English
figure.py    any figure of a statement: its sum, its clause, one line of it
change.py    why a statement pays another amount than an earlier one
due_words.py what is due beside the lines, in clause, arithmetic and causes
figures.py   exact figures as text
"""
