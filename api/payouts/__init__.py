"""Payouts over the API: a payer's batches, a payee's payments, and the accounts on which payees are paid."""
