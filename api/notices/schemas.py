"""Read models of notices: what is said, which clause, what it rests on, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import PartyName, Text

NoticeState = Literal["open", "dismissed", "filed"]
"""Whether it still asks something of the viewer: not once their party dismissed it, or it became a case."""


@dataclass(frozen=True, slots=True)
class NoticeFact:
    """Something that a notice is about, or a figure of it: by its name, in words, and as it stands."""

    name: str
    label: Text
    value: Text


@dataclass(frozen=True, slots=True)
class DismissalShown:
    """A party's word that nothing needs to be done. `at` is RFC 3339."""

    by: PartyName
    reason: str
    at: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class DoubtShown:
    """What a notice rests on (entry `cited_seq`, of a register) that is disputed or withdrawn now.

    `entry_seq` says so; `reason` is null where none is given, or it was erased. `at` is RFC 3339.
    """

    register: str
    title: Text
    item: str
    state: str
    state_text: Text
    by: Text
    reason: str | None
    at: str
    entry_seq: int
    cited_seq: int


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """A notice as one viewer may see it. Times are RFC 3339; `cites` are the seqs of entries it rests on.

    `severity` is info, warning or breach. `may_dismiss_for` names the parties of the viewer that may still
    dismiss it, `may_file` says whether they can make a case of it. `doubts` are told of a notice asked for by
    itself, and null in lists.
    """

    id: str
    code: str
    severity: str
    state: NoticeState
    agreement: str | None
    version: int | None
    clause: str | None
    text: Text
    about: tuple[NoticeFact, ...]
    figures: tuple[NoticeFact, ...]
    cites: tuple[int, ...]
    given_at: str
    given_by: Text
    entry_seq: int
    readers: tuple[PartyName, ...]
    dismissed: tuple[DismissalShown, ...]
    dispute: str | None
    may_dismiss_for: tuple[str, ...]
    may_file: bool
    doubts: tuple[DoubtShown, ...] | None = None


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some notices, newest first; `next_before` is the cursor of the next page, None at the end."""

    notices: tuple[NoticeShown, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class FilingRequest:
    """Makes a case of a notice, for one of the viewer's parties; what is claimed where it is a sum."""

    party: str = ""
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class DismissalRequest:
    """Why nothing needs to be done, for one of the viewer's parties; the only one where none is named."""

    reason: str
    party: str = ""
