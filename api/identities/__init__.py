"""Identities over the API and on their page: how each party stands, and the gate that the operator sets."""
