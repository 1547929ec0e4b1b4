"""The offline verifier: whether an evidence bundle is whole, signed and logged by the keys one trusts.

It imports nothing of the server and never goes online: the standard library and `cryptography` are all it
needs. Read it in this order: bundle.py (the file), notes.py and tree.py (the log), typed_data.py (the
signatures), trust.py (whom you trust), checks.py (what is checked, and in which order); for a party's proof
that it was shown everything: place.py, check_complete.py, kept.py.
"""

from verifier.checks import verify
from verifier.report import Check, Report

__all__ = ["Check", "Report", "verify"]
