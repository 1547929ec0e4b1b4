"""Words: how findings are said in both languages, and what is read out of contract text."""
