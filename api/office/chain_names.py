"""Names of an installation on its chain, in chain.json: where its contracts are, and the salts behind them.

Names on a chain behind a node begin with its chain id, so that an installation may be moved to one and still
tell both apart. Several processes may keep names at once: each is made once, by whoever comes first. Not a
cache of the chain: a name may be kept before anything stands there (see Office.domain).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api.office.private_files import write_private
from api.settings import private_folder
from contracts.errors import ChainFileUnusable


class ChainNames:
    """The names in one file. Every read looks at it anew: another process may have kept a name since."""

    def __init__(self, path: Path, *, chain_id: int | None = None) -> None:
        """Read and keep names in a file, which need not be there yet; of the embedded chain without an id."""
        self._path = path
        self._before = "" if chain_id is None else f"{chain_id}/"

    def get(self, name: str) -> str | None:
        """Return what is kept under a name; raises ChainFileUnusable where the file is damaged."""
        value = self._read().get(self._before + name)
        return value if isinstance(value, str) else None

    def keep(self, name: str, make: Callable[[], str]) -> str:
        """Return what is kept under a name, making it on first use, by one process alone."""
        known = self.get(name)
        if known is not None:
            return known
        with self._alone():
            known = self.get(name)
            if known is None:
                known = make()
                self._write(name, known)
        return known

    def put(self, name: str, value: str) -> None:
        """Keep a value under a name, whatever was kept there."""
        with self._alone():
            if self.get(name) != value:
                self._write(name, value)

    def _read(self) -> dict[str, object]:
        if not self._path.exists():
            return {}
        try:
            names = json.loads(self._path.read_text(encoding="utf-8"))
        except ValueError:
            names = None
        if not isinstance(names, dict):
            raise ChainFileUnusable("is damaged; restore it", where=str(self._path))
        return names

    def _write(self, name: str, value: str) -> None:
        text = json.dumps({**self._read(), self._before + name: value}, indent=1, sort_keys=True)
        write_private(self._path, text + "\n")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        private_folder(self._path.parent)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
