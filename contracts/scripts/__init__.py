"""Scripts that eth-ape runs: `ape run NAME` from contracts/."""
