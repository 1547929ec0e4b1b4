"""A second opinion on a run before it is written: a sample of its lines, worked out by somebody else.

Of the sampled lines everything is read from the log again, asked about, and held against what the run would
post, each leg and each funder in each direction. A difference stops the run. Who gives the opinion is not
known here: the office passes it in, and it says by itself which documents it can read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import polars as pl

from ledger.log import Log
from ledger.settlement.counted import change, counted
from ledger.settlement.counting import exact_split
from ledger.settlement.errors import SecondOpinionDiffers
from ledger.settlement.facts import LineBook, read_orders
from ledger.settlement.kernels import FED_REFUNDABLE, WHOLE_BACK, exact_values
from ledger.settlement.moves import Move, moves_of
from ledger.settlement.run import RunResult, lines_with_states
from ledger.settlement.sample import SampledLine, sample
from ledger.settlement.state import Point
from ledger.settlement.terms import VersionTerms
from policies.agreement import Agreement
from policies.formulas.exact import Unknown
from policies.money import from_minor
from policies.splits.opinion import AnsweredLine, AskedLine, RefundState

_Key = tuple[int, str, str]
"""Version, order and line."""


class SecondOpinion(Protocol):
    """Somebody who works out splits by other means than `policies`."""

    @property
    def name(self) -> str:
        """Who gives the opinion, as the record of a run says it: the digest of the code that was asked."""

    @property
    def lines(self) -> int:
        """How many lines of a run are asked about."""

    def plan(self, agreement: Agreement) -> str | None:
        """Return the digest of what it read out of a document, None where it cannot read it."""

    def answers(self, agreement: Agreement, lines: Sequence[AskedLine]) -> Sequence[AnsweredLine | str]:
        """Return the figures of each line, or in words why it has none."""


def second_opinion(
    log: Log, result: RunResult, opinion: SecondOpinion, digest: str, earlier: Sequence[Point]
) -> dict[str, Any]:
    """Ask about a sample of a run's lines; return what the record of the run says of it.

    `digest` is the run's, and `earlier` are the points of the runs before it. Raises SecondOpinionDiffers for
    the first line of which a figure differs.
    """
    splitting = [one for one in result.terms.versions if one.plan.steps]
    plans = {one.version: opinion.plan(one.agreement) for one in splitting}
    lines = sample(result, digest, opinion.lines, {number for number, plan in plans.items() if plan})
    expected = _Expected(log, result, opinion, earlier).moves(lines)
    for one in lines:
        _require_same(one, expected[one.version.version, one.order, one.line])
    return {
        "by": opinion.name,
        "lines": len(lines),
        "taken_back": sum(one.taken_back for one in lines),
        "plans": [
            {"version": number, **({"plan": plan} if plan else {"not_compiled": True})}
            for number, plan in plans.items()
        ],
    }


def _require_same(line: SampledLine, expected: Mapping[str, int]) -> None:
    for move in moves_of(line.version):
        posted, other = line.moved[move.column], expected[move.column]
        if posted != other:
            currency = line.version.agreement.currency
            raise SecondOpinionDiffers(
                f"'{move.leg}' ({move.kind}) comes to {from_minor(posted, currency)} {currency}, and by the"
                f" second opinion to {from_minor(other, currency)}; nothing is issued, look into it first",
                where=f"{line.version.agreement.ref}, order {line.order}, line {line.line}",
                order=line.order,
                line=line.line,
                leg=move.leg,
                kind=move.kind,
                posted_minor=posted,
                second_opinion_minor=other,
            )


@dataclass(frozen=True)
class _Expected:
    """What sampled lines would move by the second opinion, from what the log says of them."""

    log: Log
    result: RunResult
    opinion: SecondOpinion
    earlier: Sequence[Point]

    def moves(self, lines: Sequence[SampledLine]) -> dict[_Key, dict[str, int]]:
        """Return the amount of every move of every line, by its column."""
        found: dict[_Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        wanted, book = {one.version.version for one in lines}, self._book(lines)
        for version in self.result.terms.versions:
            if version.version not in wanted:
                continue
            rows = list(self._rows(book, version))
            asked = [_asked(version, row) for _, row in rows]
            answers = self.opinion.answers(version.agreement, asked)
            for (sign, row), answer in zip(rows, answers, strict=True):
                if isinstance(answer, str):
                    raise _refused(version, row, answer)
                key = version.version, row["order"], row["line"]
                for move in moves_of(version):
                    found[key][move.column] += sign * _amount(move, row, answer)
        return found

    def _book(self, lines: Sequence[SampledLine]) -> LineBook:
        terms, point = self.result.terms, self.result.point
        book = read_orders(self.log, terms, sorted({one.order for one in lines}), point.end)
        settled = tuple((one.us, one.end) for one in self.earlier)
        keys = pl.concat_str("order", "line", separator="\n")
        mine = book.where(keys.is_in([f"{one.order}\n{one.line}" for one in lines]))
        return replace(mine, settled=settled, kernel="exact")

    def _rows(self, book: LineBook, version: VersionTerms) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield the lines of a version that can be split, with the sign by which their states count.

        As in `moved_lines`: where other reports count than at the run before, what was settled is taken back
        as it was, and settled as it counts now.
        """
        for sign, told, point, before in self._states(book):
            frame = lines_with_states(told, self.result.terms, version, point, before).collect()
            for row in frame.iter_rows(named=True):
                if exact_split(version, row) is not None:
                    yield sign, row

    def _states(self, book: LineBook) -> Iterator[tuple[int, LineBook, Point, Point | None]]:
        point, before = self.result.point, self.result.before
        if before is None or not book.contested:
            yield 1, counted(book, point.end), point, before
            return
        what = change(book, before.end, point.end)
        yield 1, what.same, point, before
        yield -1, what.then, before, None
        yield 1, what.now, point, None


_STATES = ("now", "before")


def _asked(version: VersionTerms, row: Mapping[str, Any]) -> AskedLine:
    values = exact_values(version, row)
    facts = {name: value for name, value in values.items() if not isinstance(value, Unknown)}
    states = tuple(_state(row, name) for name in _STATES if _is_refunded(row, name))
    return AskedLine(facts, states, row.get(FED_REFUNDABLE) or 0)


def _state(row: Mapping[str, Any], name: str) -> RefundState:
    return RefundState(row[f"{name}:refunded"], row.get(f"{name}:{WHOLE_BACK}") or 0)


def _is_refunded(row: Mapping[str, Any], name: str) -> bool:
    return _state(row, name) != RefundState(0)


def _amount(move: Move, row: Mapping[str, Any], answer: AnsweredLine) -> int:
    """Return what a line moves between its two states by an answer; signs are those of `moves`."""
    earned = {name: int(row[f"{name}:earned"]) for name in _STATES}
    newly = earned["now"] - earned["before"]
    if move.kind == "earned":
        return answer.legs[move.leg] * newly
    way, _, place = move.column.partition(":")
    if way == "funded":
        return -answer.funding[int(place)] * newly
    back = dict.fromkeys(_STATES, 0)
    refunded = [name for name in _STATES if _is_refunded(row, name)]
    for name, state in zip(refunded, answer.states, strict=True):
        back[name] = state.legs[move.leg] if move.kind == "reversed" else state.funding[int(place)]
    if way == "freed":  # what came with the sale goes back whether the line was earned or not
        return back["now"] - back["before"]
    since = back["now"] * earned["now"] - back["before"] * earned["before"]
    return -since if move.kind == "reversed" else since


def _refused(version: VersionTerms, row: Mapping[str, Any], reason: str) -> SecondOpinionDiffers:
    return SecondOpinionDiffers(
        f"it is settled here, and the second opinion has no figures for it: {reason}; nothing is issued, look"
        " into it first",
        where=f"{version.agreement.ref}, order {row['order']}, line {row['line']}",
        order=row["order"],
        line=row["line"],
    )
