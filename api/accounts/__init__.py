"""The chart of accounts: balances at a pair of times, and the movements of one account."""
