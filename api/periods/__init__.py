"""Months of accounts over the API: closed by who pays for the platform, seen by whose accounts they are."""
