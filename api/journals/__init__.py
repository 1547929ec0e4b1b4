"""The accounts as journals for hledger and beancount, over the API."""
