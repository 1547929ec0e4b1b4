"""One check before signing per file: `check(agreement)` yields findings in both languages, with witnesses."""
