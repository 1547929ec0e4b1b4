"""Month end for an accounting program: accruals, expected returns, and vouchers by an account mapping."""
