"""Which check a file is for: an evidence bundle, or what a log hands out on its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from verifier.check_complete import verify_completeness
from verifier.check_log import is_log_text, verify_log_text
from verifier.checks import verify
from verifier.place import is_completeness
from verifier.report import Report
from verifier.rotation import follow_rotations


def verify_file(  # noqa: PLR0913 -- each thing that a reader may hold
    data: bytes,
    trust: str | None,
    *,
    rotations: Sequence[str] = (),
    leaf: bytes | None = None,
    kept: Sequence[bytes] = (),
    chain: Path | None = None,
) -> Report:
    """Verify a bundle, completeness proof, checkpoint, tlog-proof or consistency proof against a trust file.

    `rotations` are statements by which a pinned key of the log names its successor. `leaf` belongs to a
    tlog-proof. `kept` are checkpoints, for anything but a bundle; for a completeness proof also what kept.py
    names. `chain` is a copy of the operator's own chain, for a bundle. Never raises for what the files hold.
    """
    followed, checks = follow_rotations(trust, rotations)
    report = _verify(data, followed, leaf, kept, chain)
    return Report((*checks, *report.checks))


def _verify(
    data: bytes, trust: str | None, leaf: bytes | None, kept: Sequence[bytes], chain: Path | None
) -> Report:
    if is_completeness(data):
        return verify_completeness(data, trust, kept=kept)
    if is_log_text(data):
        return verify_log_text(data, trust, leaf=leaf, kept=kept)
    return verify(data, trust, chain=chain)
