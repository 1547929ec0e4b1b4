"""What a verification says: one named result a check, in English and Chinese, and one exit code.

Text from a bundle is written by whoever made the bundle: control characters are escaped before they are
shown, so that a bundle cannot print a line of its own that looks like one of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["holds", "fails", "unusable", "noted"]
"""`unusable`: could not be decided, so there is no yes. `noted`: told to the reader, proves nothing."""

Lang = Literal["en", "zh"]

_LABELS: dict[Lang, dict[Status, str]] = {
    "en": {"holds": "ok      ", "fails": "FAIL    ", "unusable": "UNUSABLE", "noted": "note    "},
    "zh": {"holds": "通过", "fails": "不符", "unusable": "无法", "noted": "说明"},
}
_VERDICTS: dict[Lang, tuple[str, str, str]] = {
    "en": (
        "All checks hold.",
        "A check fails: do not rely on this file.",
        "No answer: what is missing is named above.",
    ),
    "zh": ("全部核验通过。", "有核验不符:请勿采信本文件。", "无法得出结论:缺少的内容见上。"),
}


class Fault(Exception):
    """A check that cannot go on: wrong (`fails`), or not decidable with what was given (`unusable`)."""

    def __init__(
        self, en: str, zh: str, *, part: str | None = None, unusable: bool = False, at: int | None = None
    ) -> None:
        """Take both texts, the part it is about, and for a text the character at which it goes wrong."""
        super().__init__(en)
        self.en = en
        self.zh = zh
        self.part = part
        self.unusable = unusable
        self.at = at

    def as_check(self, name: str, part: str | None = None) -> Check:
        """Return the fault as the result of the named check; `part` where the fault names none."""
        return result(name, "unusable" if self.unusable else "fails", self.en, self.zh, self.part or part)


@dataclass(frozen=True, slots=True)
class Check:
    """One result: the check's stable name, how it went, why, and the part of the bundle it is about."""

    name: str
    status: Status
    detail: str
    detail_zh: str
    part: str | None = None

    @property
    def ok(self) -> bool | None:
        """True: holds. False: fails. None: not decided, or only noted."""
        return {"holds": True, "fails": False}.get(self.status)

    def line(self, lang: Lang = "en") -> str:
        """Return the one line that people read."""
        where = f"  [{self.part}]" if self.part else ""
        detail = self.detail_zh if lang == "zh" else self.detail
        return f"{_LABELS[lang][self.status]}  {self.name}{where}  {detail}"


@dataclass(frozen=True, slots=True)
class Report:
    """Every result, in the documented order."""

    checks: tuple[Check, ...]

    @property
    def exit_code(self) -> int:
        """0: all hold. 1: a check fails. 2: nothing fails, but something could not be decided."""
        seen = {check.status for check in self.checks}
        if "fails" in seen:
            return 1
        return 0 if "holds" in seen and "unusable" not in seen else 2

    def lines(self, lang: Lang = "en") -> list[str]:
        """Return a line a check, and the verdict."""
        return [*(check.line(lang) for check in self.checks), _VERDICTS[lang][self.exit_code]]

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON, both languages included."""
        rows = [
            {
                "name": check.name,
                "ok": check.ok,
                "status": check.status,
                "part": check.part,
                "detail": check.detail,
                "detail_zh": check.detail_zh,
            }
            for check in self.checks
        ]
        return {"holds": self.exit_code == 0, "exit_code": self.exit_code, "checks": rows}


def result(name: str, status: Status, en: str, zh: str, part: str | None = None) -> Check:
    """Return a check result whose texts are safe to print."""
    return Check(name, status, _safe(en), _safe(zh), None if part is None else _safe(part))


def listed(items: Iterable[str], limit: int = 20) -> str:
    """Return the items with commas between them, cut after `limit` with the number left out."""
    named = list(items)
    more = f", … (+{len(named) - limit})" if len(named) > limit else ""
    return ", ".join(named[:limit]) + more


def _safe(text: str) -> str:
    cut = text if len(text) <= 2_000 else text[:2_000] + "…"
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in cut
    )
