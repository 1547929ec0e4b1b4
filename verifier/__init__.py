"""The offline verifier. Imports nothing of the server; is told which keys to trust."""
