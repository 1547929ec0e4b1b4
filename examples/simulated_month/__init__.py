"""A month of a relationship, made up from a seed: what was told in it, and what went wrong on purpose.

generate.py  the month as happenings in order of time, and the breaches put into it
play.py      a month played into an installation as it would have happened, monitors run every morning
__main__.py  both, and what of the breaches was found: python -m examples.simulated_month
"""
