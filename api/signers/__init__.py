"""Signers and their keys over the API and on their page: which key signs for whom, changed, stopped."""
