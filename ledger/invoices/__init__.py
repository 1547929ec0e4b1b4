"""Invoices (发票) and red-letter invoices (红字发票): recorded, and matched with statements and payments.

numbers.py    numbers of invoices and taxpayers, as the tax offices give them out
invoice.py    an invoice as somebody records it, and what of it cannot be
reading.py    invoices that the log holds, with what became of each
recording.py  recording and withdrawing, each one transaction
matching.py   a statement's invoices against what it pays and what was paid
waiting.py    whether the payment of a statement waits for an invoice, and why
errors.py     what is refused
"""
