"""Which check a file is for: an evidence bundle, or what a log hands out on its own."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.check_complete import verify_completeness
from verifier.check_log import is_log_text, verify_log_text
from verifier.checks import verify
from verifier.place import is_completeness
from verifier.report import Report


def verify_file(
    data: bytes, trust: str | None, *, leaf: bytes | None = None, kept: Sequence[bytes] = ()
) -> Report:
    """Verify a bundle, completeness proof, checkpoint, tlog-proof or consistency proof against a trust file.

    `leaf` belongs to a tlog-proof. `kept` are checkpoints, for anything but a bundle; for a completeness
    proof also what kept.py names. Never raises for what the files hold.
    """
    if is_completeness(data):
        return verify_completeness(data, trust, kept=kept)
    if is_log_text(data):
        return verify_log_text(data, trust, leaf=leaf, kept=kept)
    return verify(data, trust)
