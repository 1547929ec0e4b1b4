"""An award drawn from its accounts: each in turn gives what remains, up to what it can give.

What a decision has drawn from an account so far counts against what the account can still give, whichever
remedy or pool drew it. What no account gives stays uncovered and is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from policies.agreement import Agreement
from policies.clauses.payment import Draw
from policies.decisions.case import ORDER
from policies.decisions.filled import worded
from policies.decisions.moves import Move, Phase
from policies.errors import FactError
from policies.formulas.exact import Facts, Row, Unknown, Value, evaluate
from policies.formulas.joins import candidates
from policies.money import from_minor, grouped, round_minor
from policies.words.labels import account_words


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be drawn: so many minor units, for whom, and the words of the posting."""

    minor: int
    target: str
    kind: str
    clause: str
    status: Literal["settled", "open"] = "settled"
    phase: Phase = "decision"
    memo: Mapping[str, str] | None = None


@dataclass
class Drawn:
    """What was drawn for one award, what stayed uncovered, the facts lacking to tell, and the reasons."""

    moves: list[Move] = field(default_factory=list)
    cited: list[str] = field(default_factory=list)
    trace: list[dict[str, Any]] = field(default_factory=list)
    missing: frozenset[str] = frozenset()
    uncovered: int = 0


@dataclass
class Accounts:
    """What one decision has drawn from each account so far, in minor units."""

    agreement: Agreement
    taken: dict[tuple[Phase, str], int] = field(default_factory=dict)

    def figures(self) -> dict[str, Value]:
        """Return `drawn.ACCOUNT` for each account drawn from, over the orders of `ACCOUNT:order`."""
        found: dict[str, Value] = {}
        for (_, account), minor in self.taken.items():
            name = f"drawn.{account.partition(':')[0]}"
            before = found.get(name, Fraction(0))
            assert isinstance(before, Fraction)
            found[name] = before + Fraction(minor, self.agreement.scale)
        return found

    def take(self, asked: Asked, source: str) -> Move:
        """Draw all that is asked from one account."""
        self.taken[asked.phase, source] = self.taken.get((asked.phase, source), 0) + asked.minor
        return Move(
            source, asked.target, asked.kind, asked.minor, asked.clause, asked.status, asked.phase, asked.memo
        )

    def draw(self, asked: Asked, draws: Sequence[Draw], facts: Facts) -> Drawn:
        """Draw from accounts in order. Raises FactError where a row should name its order and does not."""
        found, left = Drawn(), asked.minor
        for draw, source, inside in self._each(draws, facts, found):
            if not left:
                break
            given, words = left, None
            if draw.up_to is not None:
                limit = evaluate(self.agreement.formula(draw.up_to), inside)
                if isinstance(limit, Unknown):
                    found.missing |= limit.names
                    return found
                words = worded(self.agreement, self.agreement.formula(draw.up_to), inside.values)
                given = min(left, self._available(asked.phase, source, limit))
            if not given:
                continue
            memo = _memo(draw, given, left)
            part = Asked(given, asked.target, draw.kind or asked.kind, draw.clause or asked.clause,
                         draw.status or asked.status, asked.phase, memo)  # fmt: skip
            found.moves.append(self.take(part, source))
            found.cited += [draw.clause] if draw.clause else []
            found.trace += [_reason(self.agreement, part, source, words)]
            left -= given
        found.uncovered = left
        return found

    def _each(self, draws: Sequence[Draw], facts: Facts, found: Drawn) -> Iterator[tuple[Draw, str, Facts]]:
        for draw in draws:
            if draw.for_ is None:
                yield draw, full_account(self.agreement, draw.account), facts
                continue
            source = self.agreement.rows_formula(draw.for_)
            rows = candidates(source, facts.rows)
            if isinstance(rows, Unknown):
                found.missing |= rows.names
                return
            for row in rows:
                inside = Facts({**facts.values, **row.facts}, {}, facts.rounded)
                chosen: Value = True if source.where is None else evaluate(source.where, inside)
                if isinstance(chosen, Unknown):
                    found.missing |= chosen.names
                    return
                if chosen:
                    yield draw, full_account(self.agreement, of_order(draw.account, row)), inside

    def _available(self, phase: Phase, source: str, limit: Value) -> int:
        assert isinstance(limit, Fraction)
        can_give = round_minor(limit * self.agreement.scale, "floor")
        return max(0, can_give - self.taken.get((phase, source), 0))


def full_account(agreement: Agreement, account: str) -> str:
    """Name an account in full: a party alone means its balance."""
    return f"{account}.balance" if account in agreement.parties else account


def of_order(account: str, row: Row) -> str:
    """Name the row's own order in an account that ends in `:order`. Raises FactError where it names none."""
    if not account.endswith(":order"):
        return account
    order = row.facts.get(ORDER)
    if not isinstance(order, str):
        raise FactError(f"a row names no order, which '{account}' needs; give it 'order: …'")
    return f"{account.removesuffix(':order')}:{order}"


def _memo(draw: Draw, given: int, left: int) -> Mapping[str, str] | None:
    if draw.status == "open":
        return {"zh": "挂账，结转下期", "en": "left open, carried forward"}
    if given < left:
        return {"zh": "可用部分全部", "en": "all that was available"}
    return None


def _reason(
    agreement: Agreement, part: Asked, source: str, limit: Mapping[str, str] | None
) -> dict[str, Any]:
    amount = grouped(from_minor(part.minor, agreement.currency))
    named = account_words(source, agreement.labels())
    bound = (
        {"zh": f"（上限 {limit['zh']}）", "en": f" (up to {limit['en']})"} if limit else {"zh": "", "en": ""}
    )
    return {
        "step": "draw",
        "clause": part.clause,
        "account": source,
        "amount_minor": part.minor,
        "zh": f"由{named['zh']}支付 {amount}{bound['zh']}",
        "en": f"{amount} from {named['en']}{bound['en']}",
    }
