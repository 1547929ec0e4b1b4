"""Random bytes for salts, asked of the system by the block: a call for each entry stops every other thread.

Each byte is given out once. A forked process begins with a block of its own.
"""

from __future__ import annotations

import os
import secrets
import threading

_BLOCK_BYTES = 1 << 14


class Entropy:
    """Gives random bytes. Safe to share between threads."""

    def __init__(self) -> None:
        """Begin with nothing drawn."""
        self._lock = threading.Lock()
        self._block, self._at = b"", 0
        os.register_at_fork(before=self._lock.acquire, after_in_parent=self._lock.release,
                            after_in_child=self._forget)  # fmt: skip

    def __call__(self, size: int) -> bytes:
        """Return `size` random bytes that nobody was given before."""
        with self._lock:
            if self._at + size > len(self._block):
                self._block, self._at = secrets.token_bytes(max(size, _BLOCK_BYTES)), 0
            self._at += size
            return self._block[self._at - size : self._at]

    def _forget(self) -> None:
        self._block, self._at = b"", 0
        self._lock.release()


system_entropy = Entropy()
"""The one that every log of a process draws from unless told otherwise."""
