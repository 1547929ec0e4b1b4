"""Monitors over the stream of entries: batches of it, each once, with what has to be remembered between them.

plan.py     which entries are read, for which monitors of which signed versions
stream.py   entries as monitors read them, some thousands at a time
memory.py   what is remembered: the position, and what was told last of each item; derived, and no more
running.py  a run over what is new, and the notices that it gives
returns.py  lines sold and returned by item and month
days.py     days that come near, and what was to be paid by a day

What a monitor finds is policies' to say (policies/monitors/). Nothing here names a clause kind or a deal.
"""
