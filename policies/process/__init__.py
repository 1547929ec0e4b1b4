"""The process of a dispute under its document, as a pure function of the steps taken and the time.

terms.py     the process as a document gives it, or as none gives it
days.py      when a step is due: days counted from recorded service, extensions included
standing.py  where a case stands, what waits for whom until when, and what each side may do
folding.py   the case that the rules get: the facts as filed, answered and shown

Nothing here reads a clock or a log: steps are handed in, and so is the time asked about.
"""
