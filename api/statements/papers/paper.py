"""What every form of a statement says: heading, the parts of the sum in words, and lines with their words.

Lines come in frames of some ten thousand rows, so that a statement of a million is never in memory whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import polars as pl

from api.language import Language, catalogue
from api.pages import moment
from api.reading import Text
from api.statements.due_reading import held_dues
from api.statements.schemas import HeldDueShown
from api.worded import both, label, local_time, party_by_id
from ledger.statements.classes import ClassSum, StatementClass, class_of, class_sums
from ledger.statements.contested import parts_of
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement
from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from policies.money import from_minor, minor_digits

Form = Literal["pdf", "xlsx", "csv", "json"]
FORMS: tuple[Form, ...] = ("pdf", "xlsx", "csv", "json")

LINES_READ, LINES_AT_ONCE = 262_144, 25_000
"""Lines read at once, a group of rows of a line file; and those that are written at once."""


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the sum: `what` it is (opening, total, due, adjustment, closing …) and its words.

    `lines` counts those behind it, `entry` is the one that a decision moved it by. `of_class` is the class
    that a part of the sum counts to.
    """

    what: str
    label: Text
    kind: str | None
    clause: str | None
    leg: str | None
    lines: int
    entry: int | None
    amount_minor: int
    of_class: StatementClass | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A statement to be written: as issued, under its agreement, its lines from a store."""

    statement: Statement
    agreement: Agreement
    store: LineStore

    @property
    def currency(self) -> str:
        """The currency of every amount."""
        return str(self.statement.content["currency"])

    @property
    def digits(self) -> int:
        """How many decimals an amount has."""
        return minor_digits(self.currency)

    @property
    def cutoff(self) -> datetime:
        """The cut-off, UTC: the only time that a file bears."""
        return datetime.fromisoformat(self.statement.content["cutoff"]).astimezone(UTC)

    @property
    def digest(self) -> str:
        """SHA-256 of the statement's canonical content, hex."""
        return hashlib.sha256(canonical_bytes(self.statement.content)).hexdigest()

    def heading(self, language: Language) -> list[tuple[str, str]]:
        """Return what stands above the sum: label and text."""
        content, words = self.statement.content, catalogue(language)
        party = party_by_id(self.agreement, self.statement.party)
        version = content["versions"][-1]
        rows = [
            ("paper.number", self.statement.id),
            ("word.party", f"{party.name.spoken(language)} ({party.id})"),
            ("word.agreement", f"{self.statement.agreement} · {version['version']}"),
            ("statement.period", period_text(content["period"]["from"], content["period"]["to"])),
            ("statement.cutoff", moment(content["cutoff"])),
            ("statement.issued", moment(local_time(self.agreement, self.statement.issued_at))),
            ("agreement.currency", self.currency),
            ("paper.entry", str(self.statement.seq)),
        ]
        if content["previous"]:
            rows.append(("paper.previous", content["previous"]))
        if "corrects" in content:
            rows.append(("paper.corrects", content["corrects"]["statement"]))
        return [(words.text(key), text) for key, text in rows]

    def parts(self) -> list[Part]:
        """Return the rows of the sum, from opening to closing, and what becomes of it."""
        content = self.statement.content
        rows = [self._sum("opening")]
        for place, one in parts_of(content):
            what = place.split("/")[1].removesuffix("s")
            rows.append(
                Part(
                    what,
                    label(self.agreement, one.get("leg") or one["kind"]),
                    one["kind"] if "leg" in one else "decided",
                    one["clause"],
                    one.get("leg"),
                    one.get("lines", 0),
                    one.get("seq"),
                    one["amount_minor"],
                    class_of(one, self.agreement),
                )
            )
        closing = self._sum("closing")
        assert sum(one.amount_minor for one in rows) == closing.amount_minor, "parts sum to the closing"
        after = (
            ("held", "payable", "carried_forward")
            if "held_minor" in content
            else ("payable", "carried_forward")
        )
        rows += [closing, *(self._sum(one) for one in after)]
        return rows

    def classes(self) -> tuple[ClassSum, ...]:
        """Return the subtotals of the parts by class; with the opening they come to the closing."""
        return class_sums(self.statement.content, self.agreement)

    def held_dues(self) -> tuple[HeldDueShown, ...]:
        """Return what fell due and is not settled: it has no amount, and stands beside the sum."""
        return held_dues(self.agreement, self.statement.content)

    def amount(self, minor: int) -> str:
        """Return minor units as exact decimal text."""
        return from_minor(minor, self.currency)

    def frames(self, language: Language | None = None) -> Iterator[pl.DataFrame]:
        """Yield the lines in order with `number`, `label` and `kind_word` in words, and `amount` as text."""
        lines = self.store.scan(self.statement.root).with_row_index("number")
        read = (
            lines.slice(start, LINES_READ).collect() for start in range(0, self.statement.count, LINES_READ)
        )
        for frame in (piece for group in read for piece in group.iter_slices(LINES_AT_ONCE)):
            yield frame.with_columns(
                *self._words(frame, language),
                amount=decimal_text(pl.col("amount_minor"), self.digits),
                rests_on=pl.col("entries").cast(pl.List(pl.String)).list.join(" "),
            )

    def _words(self, frame: pl.DataFrame, language: Language | None) -> list[pl.Expr]:
        """Return columns of words for what a frame names: in one language, or labels in both."""
        legs = {leg: label(self.agreement, leg) for leg in frame["leg"].unique().to_list()}
        if language is None:
            return [
                pl.col("leg").replace_strict({leg: words.spoken(one) for leg, words in legs.items()},
                                             return_dtype=pl.String).alias(f"label_{one}")
                for one in ("zh", "en")
            ]  # fmt: skip
        words = catalogue(language)
        kinds = {kind: words.term("line-kind", kind) for kind in frame["kind"].unique().to_list()}
        spoken = {leg: text.spoken(language) for leg, text in legs.items()}
        return [
            pl.col("leg").replace_strict(spoken, return_dtype=pl.String).alias("label"),
            pl.col("kind").replace_strict(kinds, return_dtype=pl.String).alias("kind_word"),
        ]

    def _sum(self, what: str) -> Part:
        key = "carried" if what == "carried_forward" else what
        return Part(
            what, both(f"statement.{key}"), None, None, None, 0, None, self.statement.content[f"{what}_minor"]
        )


def period_text(start: str, cutoff: str) -> str:
    """Write a period by its first and last day; the cut-off is the moment at which it is over."""
    last = datetime.fromisoformat(cutoff) - timedelta(microseconds=1)
    return f"{start[:10]} – {last.date().isoformat()}"


def decimal_text(minor: pl.Expr, digits: int) -> pl.Expr:
    """Return a column of minor units as exact decimal text: -1669 is -16.69."""
    sign = pl.when(minor < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    if digits == 0:
        return minor.cast(pl.String)
    units = 10**digits
    whole, rest = minor.abs() // units, minor.abs() % units
    return pl.concat_str([sign, whole.cast(pl.String), pl.lit("."), rest.cast(pl.String).str.zfill(digits)])
