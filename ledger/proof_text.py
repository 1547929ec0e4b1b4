"""Proofs as the text that is handed out: C2SP `tlog-proof`, and consistency as a C2SP witness takes it.

Writing only: whoever reads them uses the verifier, which shares nothing with this.

Sources: c2sp.org/tlog-proof; c2sp.org/tlog-witness, the body of `add-checkpoint`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence


def inclusion_text(index: int, path: Sequence[bytes], note: str, extra: bytes) -> str:
    """Return the proof that an entry stands at `index` under a checkpoint's note.

    `extra` is what a reader needs to make the leaf; it is authenticated only by leading to the root.
    """
    return "\n".join(
        ["c2sp.org/tlog-proof@v1", f"extra {_base64(extra)}", f"index {index}", *map(_base64, path), "", note]
    )


def consistency_text(old: int, path: Sequence[bytes], note: str) -> str:
    """Return the proof that the log under a checkpoint's note begins with its first `old` entries."""
    return "\n".join([f"old {old}", *map(_base64, path), "", note])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
