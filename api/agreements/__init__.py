"""Agreements as their parties read them: clauses beside the signed bytes, signatures, the money path."""
