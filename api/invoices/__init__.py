"""Invoices and red-letter invoices: recorded by seller or buyer, matched with statements."""
