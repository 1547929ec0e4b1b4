"""Notices: something in the log that somebody should look at, which clause it is about, and why it is said.

notice.py   what a notice is, and what became of it
giving.py   notices given, dismissed and made into cases, as entries of the log
reading.py  notices as the log has them
since.py    what became since of what a notice rests on

A notice decides nothing and moves nothing. Who finds something to say (a monitor, a deadline, an expiry) is
elsewhere; here is only how it is said, once, and what its readers did about it.
"""
