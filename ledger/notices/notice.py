"""What a notice is, and what its readers did about it. How one is given is in giving.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ledger.entries import require_plain
from ledger.errors import EntryInvalid

Severity = Literal["info", "warning", "breach"]
"""How a notice is meant: to know, to act before it is late, or that a duty was not kept."""

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "breach")
TEXT_LIMIT = 500
CITES_LIMIT = 200
"""The most entries that one notice cites; who finds more cites the first and counts them in `figures`."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}")
_CODE = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A notice to be given: its id for ever, what it says, whom it is for, and what it rests on.

    `code` names its words (`notice.CODE` of the catalogues), which may use the names of `about` (what it is
    about: a SKU, an order, a session) and of `figures` (what was found and what was due). `agreement` is a
    version (id@version), and `clause` a clause of it; None for what falls under none. `cites` are the seqs of
    the entries that it rests on. `readers` are the global ids of the parties it is for.
    """

    id: str
    code: str
    agreement: str | None
    clause: str | None
    about: Mapping[str, str]
    cites: tuple[int, ...]
    figures: Mapping[str, str]
    readers: tuple[str, ...]
    severity: Severity

    def __post_init__(self) -> None:
        """Refuse what cannot be addressed or worded. Raises EntryInvalid."""
        if not _ID.fullmatch(self.id):
            raise EntryInvalid(
                f"{self.id!r:.80} must be letters, digits and . _ : @ -, at most 128", where="notice.id"
            )
        if not _CODE.fullmatch(self.code):
            raise EntryInvalid(f"{self.code!r:.80} must be lower-case words joined by -", where=self.id)
        if self.severity not in SEVERITIES:
            raise EntryInvalid(f"{self.severity!r:.20} is none of {', '.join(SEVERITIES)}", where=self.id)
        if list(self.cites) != sorted(set(self.cites)) or len(self.cites) > CITES_LIMIT:
            message = f"the entries cited must rise, each once, at most {CITES_LIMIT}"
            raise EntryInvalid(message, where=self.id)
        for name, text in (*self.about.items(), *self.figures.items()):
            require_plain(text, TEXT_LIMIT, f"{self.id}, {name}")


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A reader's word that nothing needs to be done: which party's, why, when, and in which entry."""

    by: str
    reason: str
    at: str
    seq: int


@dataclass(frozen=True, slots=True)
class Filing:
    """The case that a party made of a notice: its dispute, which party did, when, and in which entry."""

    by: str
    dispute: str
    at: str
    seq: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as the log has it: what was said, in which entry, by whom, and what readers did about it.

    `given_at` is when what it tells of was so, as RFC 3339; `recorded_us` when the log took it.
    """

    seq: int
    new: NewNotice
    given_at: str
    recorded_us: int
    by: str
    dismissed: tuple[Dismissal, ...] = ()
    filed: Filing | None = None

    def open_for(self, party: str) -> bool:
        """Tell whether it still asks something of a party: neither dismissed by it nor made into a case."""
        return self.filed is None and all(one.by != party for one in self.dismissed)
