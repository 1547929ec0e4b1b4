"""A figure of a statement explained: the sum it is, its clause, and one line of it to the last step.

A figure is named by its place in the statement's content (`/totals/0`), by its own name (`payable`), by the
leg it is of, by a line's number (`line:7`), or by its amount ("38.93").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ledger.log import Log
from ledger.settlement.errors import StatementUnknown
from ledger.statements.contested import parts_of
from ledger.statements.due_words import DueExplained, about_due, explain_due
from ledger.statements.explain import explain
from ledger.statements.explanation import Explanation
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement, StatementLine, read_line
from policies.agreement import Agreement
from policies.errors import MoneyError, did_you_mean
from policies.money import from_minor, grouped, to_minor

Words = Mapping[str, str]

SUMS = ("opening", "closing", "held", "carried_forward", "payable")
"""Figures of a statement that have a name of their own."""

LINES_SHOWN = 5
"""How many lines of a figure are named: those that come to most."""

_NAMED: dict[str, Words] = {
    "opening": {"zh": "期初", "en": "opening"},
    "closing": {"zh": "期末", "en": "closing"},
    "held": {"zh": "暂缓支付", "en": "held"},
    "carried_forward": {"zh": "结转下期", "en": "carried forward"},
    "payable": {"zh": "应付", "en": "payable"},
    "debt": {"zh": "欠款结转", "en": "debt carried forward"},
}
_KINDS: dict[str, Words] = {
    "earned": {"zh": "应得", "en": "earned"},
    "reversed": {"zh": "冲正", "en": "reversed"},
    "funded": {"zh": "出资", "en": "funded"},
    "returned": {"zh": "退回出资", "en": "returned"},
}


@dataclass(frozen=True, slots=True)
class FigurePart:
    """One part of a figure: its place, by which it is explained in turn, its words, and its amount."""

    place: str
    label: Words
    amount_minor: int


@dataclass(frozen=True, slots=True)
class FigureExplained:
    """Why a figure is what it is.

    `words` say it in sentences. `parts` come to the amount, where it is a sum. Of a figure over lines,
    `count` is how many there are, `lines` those that come to most, and `line` explains the first of them.
    `due` explains what is due beside the lines, `entry` is that of a decision.
    """

    statement: str
    agreement: str
    place: str
    label: Words
    amount_minor: int
    currency: str
    words: tuple[Words, ...]
    clause: str | None = None
    clause_text: Words | None = None
    parts: tuple[FigurePart, ...] = ()
    count: int = 0
    lines: tuple[StatementLine, ...] = ()
    line: Explanation | None = None
    due: DueExplained | None = None
    entry: int | None = None


def explain_figure(
    log: Log, store: LineStore, agreements: Iterable[Agreement], statement: Statement, figure: str
) -> FigureExplained:
    """Explain one figure of a statement. Raises StatementUnknown for one it does not have, and as explain."""
    return _Figures(log, store, tuple(agreements), statement).explained(figure)


def place_of(store: LineStore, statement: Statement, figure: str) -> str:
    """Return the place of a figure: its own, `line:N`, or one of SUMS. Raises StatementUnknown."""
    text, content = figure.strip(), statement.content
    name = text.strip("/").removesuffix("_minor").replace("-", "_")
    if name in SUMS:
        return name
    places = dict(parts_of(content))
    if text in places:
        return text
    number = text.removeprefix("line:").removeprefix("#")
    if number.isascii() and number.isdecimal():
        read_line(store, statement, int(number))
        return f"line:{int(number)}"
    found = [place for place, one in places.items() if text in {one.get("leg"), one["kind"], one.get("key")}]
    given = [place for place in found if places[place]["kind"] in {"earned", "funded"}]
    found = (given if len(given) == 1 else found) or _of_amount(store, statement, text)
    if len(found) == 1:
        return found[0]
    if found:
        raise StatementUnknown(f"several figures are so: {', '.join(found[:8])}; name one", where=text[:80])
    known = [*SUMS, *places, *(str(one["leg"]) for one in places.values() if "leg" in one)]
    hint = did_you_mean(text, known)
    raise StatementUnknown(
        f"it has no figure '{text[:80]}'{hint}; name {', '.join(SUMS)}, a place such as /totals/0, a leg, an"
        " amount or line:N",
        where=statement.id,
    )


def _of_amount(store: LineStore, statement: Statement, text: str) -> list[str]:
    """Return the figures of an amount: those of the sum, else lines of it."""
    try:
        amount = to_minor(text.replace(",", ""), statement.content["currency"])
    except MoneyError:
        return []
    content = statement.content
    named = [name for name in SUMS if content.get(f"{name}_minor", 0) == amount and name != "carried_forward"]
    found = [place for place, one in parts_of(content) if one["amount_minor"] == amount]
    if named or found:
        return found or named[-1:]
    lines = store.scan(statement.root).with_row_index("number").filter(pl.col("amount_minor") == amount)
    return [f"line:{row[0]}" for row in lines.select("number").head(LINES_SHOWN).collect().iter_rows()]


class _Figures:
    """The figures of one statement, each explained when it is asked for."""

    def __init__(
        self, log: Log, store: LineStore, agreements: tuple[Agreement, ...], statement: Statement
    ) -> None:
        self.log, self.store, self.agreements, self.statement = log, store, agreements, statement
        issued = {one["sha256"] for one in statement.content["versions"]}
        self.agreement = max(
            (one for one in agreements if one.sha256 in issued), key=lambda one: one.version, default=None
        )
        self.currency = str(statement.content["currency"])

    def explained(self, figure: str) -> FigureExplained:
        place = place_of(self.store, self.statement, figure)
        if place in SUMS:
            return self._sum(place)
        if place.startswith("line:"):
            return self._line(place)
        part = dict(parts_of(self.statement.content))[place]
        if place.startswith("/totals/"):
            return self._total(place, part)
        if place.startswith("/dues/"):
            return self._due(place, part)
        return self._decided(place, part)

    def _sum(self, name: str) -> FigureExplained:
        content = self.statement.content
        amount, held = int(content.get(f"{name}_minor", 0)), int(content.get("held_minor", 0))
        parts: list[FigurePart] = []
        if name == "closing":
            parts = [self._named("opening", content["opening_minor"]), *self._parts()]
        elif name in {"payable", "carried_forward"}:
            sign = -1 if name == "payable" else 1
            rest = content["carried_forward_minor"] - held
            parts = [
                *([self._named("closing", content["closing_minor"])] if name == "payable" else []),
                *([self._named("held", sign * held)] if held else []),
                *([FigurePart("carried_forward", _NAMED["debt"], sign * rest)] if rest else []),
            ]
        assert not parts or sum(one.amount_minor for one in parts) == amount, (
            "a sum has parts that come to it"
        )
        return FigureExplained(
            self.statement.id,
            self.statement.agreement,
            name,
            _NAMED[name],
            amount,
            self.currency,
            (self._says(name, amount, parts),),
            parts=tuple(parts),
        )

    def _says(self, name: str, amount: int, parts: list[FigurePart]) -> Words:
        label, previous = _NAMED[name], self.statement.content["previous"]
        if name == "opening":
            zh = f"{label['zh']} {self._money(amount)}：" + (
                f"上期结算单 {previous} 结转" if previous else "首期结算单，无结转"
            )
            before = f"what statement {previous} carried forward" if previous else "nothing came before it"
            en = f"{label['en']} {self._money(amount)}: {before}"
            return {"zh": zh, "en": en}
        if name == "held":
            return {
                "zh": f"{label['zh']} {self._money(amount)}：出具结算单时处于暂缓支付",
                "en": f"{label['en']} {self._money(amount)}: held when the statement was issued",
            }
        return {
            language: f"{label[language]} {self._money(amount)} = "
            + (" ".join(self._signed(one, language, first=not at) for at, one in enumerate(parts)) or "0")
            for language in ("zh", "en")
        }

    def _signed(self, one: FigurePart, language: str, *, first: bool) -> str:
        sign = "−" if one.amount_minor < 0 else "" if first else "+"
        text = f"{one.label[language]} {self._money(abs(one.amount_minor))}"
        return f"{sign} {text}" if sign and not first else f"{sign}{text}"

    def _total(self, place: str, part: Mapping[str, Any]) -> FigureExplained:
        of_leg = {"leg": part["leg"], "kind": part["kind"]}
        lines = (
            self.store.scan(self.statement.root)
            .with_row_index("number")
            .filter(*(pl.col(name) == value for name, value in of_leg.items()))
            .filter(pl.col("clause") == part["clause"])
            .sort(pl.col("amount_minor").abs(), descending=True, maintain_order=True)
        )
        numbers = [row[0] for row in lines.select("number").head(LINES_SHOWN).collect().iter_rows()]
        shown = tuple(read_line(self.store, self.statement, number) for number in numbers)
        first = explain(self.log, self.agreements, self.statement, shown[0])
        amount, count = part["amount_minor"], part["lines"]
        most = grouped(from_minor(shown[0].amount_minor, self.currency))
        label = self._label(part)
        words = {
            "zh": f"{label['zh']} {self._money(amount)}：第 {part['clause']} 条，共 {count:,} 行；"
            f"其中最大一行为订单 {shown[0].order} 第 {shown[0].line} 行 {most}",
            "en": f"{label['en']} {self._money(amount)}: under clause {part['clause']}, over"
            f" {count:,} lines; the one that comes to most is order {shown[0].order} line {shown[0].line},"
            f" {most}",
        }
        return self._of_part(place, part, words, count=count, lines=shown, line=first)

    def _line(self, place: str) -> FigureExplained:
        line = read_line(self.store, self.statement, int(place.removeprefix("line:")))
        found = explain(self.log, self.agreements, self.statement, line)
        words = {
            "zh": f"订单 {line.order} 第 {line.line} 行，{found.label['zh']} {_KINDS[line.kind]['zh']}"
            f" {self._money(line.amount_minor)}：第 {found.version} 版第 {line.clause} 条",
            "en": f"order {line.order} line {line.line}, {found.label['en']} {_KINDS[line.kind]['en']}"
            f" {self._money(line.amount_minor)}: under clause {line.clause} of version {found.version}",
        }
        part = {"leg": line.leg, "kind": line.kind, "clause": line.clause, "amount_minor": line.amount_minor}
        return self._of_part(place, part, words, count=1, lines=(line,), line=found)

    def _due(self, place: str, part: Mapping[str, Any]) -> FigureExplained:
        due = explain_due(self.agreements, self.statement, int(place.removeprefix("/dues/")))
        because = {
            "zh": "、".join(one["zh"] for one in due.causes),
            "en": ", ".join(one["en"] for one in due.causes),
        }
        amount = self._money(due.amount_minor)
        words = {
            "zh": f"{due.label['zh']}（{due.about['zh']}）{amount}：第 {due.version} 版第 {due.clause} 条，"
            f"因{because['zh']}",
            "en": f"{due.label['en']} ({due.about['en']}) {amount}: under clause {due.clause} of version"
            f" {due.version}, because of {because['en']}",
        }
        return self._of_part(place, part, words, due=due)

    def _decided(self, place: str, part: Mapping[str, Any]) -> FigureExplained:
        amount, label = self._money(part["amount_minor"]), self._label(part)
        words = {
            "zh": f"{label['zh']} {amount}：存证 {part['seq']} 的裁决或期初，第 {part['clause']} 条",
            "en": f"{label['en']} {amount}: moved by entry {part['seq']} under clause {part['clause']}",
        }
        return self._of_part(place, part, words, entry=part["seq"])

    def _of_part(self, place: str, part: Mapping[str, Any], words: Words, **more: Any) -> FigureExplained:
        clause = self.agreement.clauses.get(part["clause"]) if self.agreement else None
        return FigureExplained(
            self.statement.id,
            self.statement.agreement,
            place,
            self._label(part),
            part["amount_minor"],
            self.currency,
            (words,),
            clause=part["clause"],
            clause_text=clause.text.model_dump() if clause else None,
            **more,
        )

    def _parts(self) -> list[FigurePart]:
        return [
            FigurePart(place, self._label(one), one["amount_minor"])
            for place, one in parts_of(self.statement.content)
        ]

    def _named(self, name: str, amount: int) -> FigurePart:
        return FigurePart(name, _NAMED[name], amount)

    def _label(self, part: Mapping[str, Any]) -> Words:
        """Return what people call a part of the sum: its leg or kind, with what it is for or how it came."""
        name = part.get("leg") or part["kind"]
        words = self.agreement.labels().get(name, {}) if self.agreement else {}
        label = {language: words.get(language) or str(name) for language in ("zh", "en")}
        if "key" in part and self.agreement is not None:
            about = about_due(self.agreement, part)
            return {language: f"{label[language]} ({about[language]})" for language in label}
        kind = _KINDS.get(part["kind"]) if "leg" in part else None
        return {language: f"{label[language]} {kind[language]}" for language in label} if kind else label

    def _money(self, amount_minor: int) -> str:
        return f"{grouped(from_minor(amount_minor, self.currency))} {self.currency}"
