"""Members of parties: access codes, sign-in, sessions."""
