"""The error tree of the agreement language, and the finding, its unit of bad news.

TallystickError                 anything this project refuses, with a stable code
└─ PolicyError                  refused by the language
   ├─ CanonicalError            a value has no canonical bytes
   ├─ MoneyError                an amount that its currency cannot hold
   ├─ FormulaError              a formula that does not parse, type or evaluate
   ├─ AgreementRejected         a document with findings that stop it
   ├─ FactError                 facts that a clause needs and did not get, or got wrongly
   └─ CaseRejected              a case file that cannot be decided

Messages say what is wrong, where, and what to do. Nothing here knows about HTTP or exit codes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Severity = Literal["error", "warning", "accepted", "info"]
"""`accepted` is a warning that every party signs over by name."""


class TallystickError(Exception):
    """A refusal with a stable code, a message for people and the data behind it.

    `code` never changes once released: scripts match on it. `where` names a file, path, field or row.
    """

    code: ClassVar[str] = "tallystick"

    def __init__(self, message: str, *, where: str | None = None, **data: Any) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where
        self.data = data


class PolicyError(TallystickError):
    """Refused by the agreement language."""

    code = "policy"


class CanonicalError(PolicyError):
    """A value that has no canonical bytes: a float, an integer beyond 2^53, a non-ASCII key."""

    code = "canonical.unrepresentable"


class MoneyError(PolicyError):
    """An amount that is not decimal text, or has more places than its currency."""

    code = "money.unreadable"


class FormulaError(PolicyError):
    """A formula that does not parse, does not type-check or cannot be evaluated.

    `zh` among its data is the same reason in Chinese, where a finding may quote it.
    """

    code = "formula.invalid"


class FactError(PolicyError):
    """A fact that is missing, mistyped or out of range where a clause needs it."""

    code = "fact.unusable"


class CaseRejected(PolicyError):
    """A case file that cannot be decided as it stands."""

    code = "case.unusable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check: where, how bad, which rule, what to do, and a concrete witness.

    `path` is the path inside the document ("clauses[0].waterfall[2].amount"), `line` and `column`
    count from 1 in the file as written, `witness` is an order or a day that shows the fault, `law` is the
    rule pack and the articles that a finding of law rests on.
    """

    code: str
    severity: Severity
    message: str
    path: str = ""
    line: int | None = None
    column: int | None = None
    witness: dict[str, Any] | None = None
    message_zh: str | None = None
    law: dict[str, Any] | None = None

    def as_json(self, file: str | None = None) -> dict[str, Any]:
        """Return the finding as plain JSON, with its file where one is given."""
        found: dict[str, Any] = {
            "code": self.code,
            "severity": self.severity,
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "message_zh": self.message_zh,
            "witness": self.witness,
            **({"law": self.law} if self.law is not None else {}),
        }
        return {"file": file, **found} if file is not None else found


class AgreementRejected(PolicyError):
    """A document that cannot be used, with every finding that stops it."""

    code = "agreement.rejected"

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        """Word the refusal from its first finding, so that a log line is already useful."""
        detail = "".join(f"; line {f.line}, {f.path}: {f.message}" for f in findings[:1])
        super().__init__(f"{len(findings)} finding(s){detail}", where=name)
        self.name = name
        self.findings = findings


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known word, or all of them when few, else nothing."""
    names = sorted(set(known))
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known here: {', '.join(names)}" if 0 < len(names) <= 12 else ""
