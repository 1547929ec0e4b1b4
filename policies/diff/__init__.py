"""What one version of an agreement changes against another: in terms, in words, and in money.

terms.py   which parts were added, removed or changed
words.py   each change as a sentence in Chinese and English
orders.py  example orders: those of the documents' own tests, and those around the figures of their formulas
money.py   what each example order pays under both, and where a party gains or loses most
less.py    whether there is a real order for which a party is paid less, with such an order
"""
