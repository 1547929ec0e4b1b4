"""Small files that only their owner may read: keys, salts, names. They are whole or not there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from api.settings import private_folder


def kept_text(path: Path, make: Callable[[], str]) -> str:
    """Return the text kept in a file, making it on first use: what the first of several makes."""
    if not path.exists():
        fresh = _written(path, make())
        with suppress(FileExistsError):  # another process has just kept its own
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text(encoding="utf-8").strip()


def write_private(path: Path, text: str) -> None:
    """Write a file readable by its owner only, whole or not at all."""
    _written(path, text).replace(path)


def _written(path: Path, text: str) -> Path:
    private_folder(path.parent)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return fresh
