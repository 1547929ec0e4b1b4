"""The append-only log, the accounts, settlement and statements."""
