"""The accounts as journals that other accounting programs read: hledger and beancount.

names.py         an account's name in a journal, and back
transactions.py  the log's postings as transactions, in order, as far as one reader may see them
writing.py       a whole journal as text, a piece at a time: what is declared, moved and asserted
hledger.py       how hledger writes each of these
beancount.py     how beancount writes each of these

Nothing here decides who may see what: the caller gives a sight. What a journal holds is described in
docs/reference/journals.md.
"""
