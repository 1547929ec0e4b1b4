"""The on-chain side: Vyper sources, their committed artifacts, signing, chains."""
