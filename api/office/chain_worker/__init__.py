"""The chain worker: puts on the chain what the log says is to be there, by itself, and says how it goes.

tasks.py    what is to be put there, in its order; derived from the log
lost_tasks.py  what is on record and stands there no more
standing.py what a task is, each kind of it in version_tasks.py, key_tasks.py, anchor_tasks.py
sender.py   transactions: their nonces and fees, sent again, replaced when they wait too long
kept.py     what is remembered from round to round, and one worker at a time
turn.py     that one, for who sends by the same key beside the worker
work.py     one round
state.py    what operators are told, without asking a chain

The log decides what there is to do and the contracts take nothing twice, so that what is remembered may be
lost. Nothing is recorded before the chain calls its block final. No request of the API waits for any of it.
"""
