"""Read models of monitors: what each finds, the clause or law it is of, what it reads, and whom it tells."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import PartyName, Text


@dataclass(frozen=True, slots=True)
class MonitorShown:
    """A monitor of one signed version. It is of a `clause`, of a `rule` of law (PACK.RULE), or of both.

    `code` and `severity` (info, warning, breach) are those of its notices, `finds` says when it gives one.
    `watches` are the kinds of entries that it reads, none where days, payments or order lines bring it about;
    `watched` says in words what it reads. `readers` are the parties that a notice of it may be for, `of_them`
    who of these one notice is for, where that is not who may read what it cites.
    """

    agreement: str
    version: int
    clause: str | None
    rule: str | None
    law: Text | None
    code: str
    severity: str
    finds: Text
    watches: tuple[str, ...]
    watched: tuple[Text, ...]
    readers: tuple[PartyName, ...]
    of_them: Text | None


@dataclass(frozen=True, slots=True)
class MonitorsShown:
    """The monitors of the agreements that were asked for, in order of agreement, version and clause."""

    monitors: tuple[MonitorShown, ...]
