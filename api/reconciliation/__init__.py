"""Reconciliation over the API and on its page: a party holds its own ledger against others' files."""
