"""Holds over the API: seen by whose account it is, placed and released by the house."""
