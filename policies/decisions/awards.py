"""Remedies evaluated to amounts: in order, later ones citing earlier, each rounded as written, then drawn.

One `Awarding` runs through the clauses that apply. It keeps what is awarded of each kind (`awarded.KIND`)
and what was drawn from each account (`drawn.ACCOUNT`), which later formulas may read, and draws each pool
right after the last remedy that pays into it. How one figure is worked out is `policies.decisions.amounts`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause, Remedy
from policies.clauses.family import followed, pool_owners, sources_named
from policies.clauses.payment import Draw, Pool
from policies.decisions.amounts import Amount, RowAmount, Working
from policies.decisions.draws import Accounts, Asked, Drawn, full_account, of_order
from policies.decisions.filled import figure_text, worded
from policies.decisions.moves import Move, Phase
from policies.decisions.proof import Shown
from policies.formulas.exact import Facts, Unknown, Value, evaluate
from policies.money import from_minor, grouped, minor_digits, round_minor
from policies.references.remedies import figure_types


@dataclass(frozen=True, slots=True)
class Award:
    """One remedy's outcome: its amount in minor units, and the clauses it rests on."""

    remedy: Remedy
    clauses: tuple[str, ...]
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What no account gave of an award or pool: its kind and minor units."""

    kind: str
    minor: int


@dataclass
class _Pot:
    """What is paid into a pool so far, and for how many rows."""

    minor: int = 0
    counts: dict[tuple[str, int], int] = field(default_factory=dict)


@dataclass
class Awards:
    """The awards of a decision, what moved for them in order, and what is lacking or uncovered."""

    awards: list[Award] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    uncovered: list[Uncovered] = field(default_factory=list)
    cited: list[str] = field(default_factory=list)
    figures: dict[str, Value] = field(default_factory=dict)
    named: dict[str, dict[str, Value]] = field(default_factory=dict)
    trace: list[dict[str, Any]] = field(default_factory=list)

    def facts(self, shown: Shown, clause: Clause) -> Facts:
        """Return what figures, draws and effects of a clause read: its facts, and all that was awarded."""
        under, currency = shown.under(clause), shown.agreement.currency
        values = {**under.values, **self.figures}
        for one in (*followed(shown.agreement.clauses, clause), clause):
            values |= self.named.get(one.id, {})
        return Facts(values, under.rows, lambda major: _to_the_unit(major, currency))

    def total_minor(self, *, set_off: bool) -> int:
        """Return the sum of what answers the claim, or of what is set off against it."""
        return sum(
            one.amount_minor for one in self.awards if one.remedy.set_off is set_off and one.remedy.answers
        )

    def largest_minor(self) -> int:
        """Return a bound on every figure that is posted."""
        return sum(one.amount_minor for one in self.awards)

    def uncovered_minor(self) -> dict[str, int]:
        """Return what no account gave, in minor units by kind."""
        found: dict[str, int] = defaultdict(int)
        for one in self.uncovered:
            found[one.kind] += one.minor
        return dict(found)


def evaluate_remedies(
    shown: Shown, clauses: Sequence[Clause], standing: frozenset[str], *, claim_paid: bool = True
) -> Awards:
    """Evaluate the remedies of the clauses that apply, in order. Unknown facts leave one open and are named.

    `awarded.KIND` is the sum of all remedies of that kind so far, unknown as soon as one of them is.
    `standing` are the ids of all clauses that stand, those among them whose pools are only lent. Without
    `claim_paid`, where what is set off leaves nothing, what answers the claim is worked out and not drawn.
    """
    return _Awarding(shown, tuple(clauses), standing, claim_paid).run()


@dataclass
class _Awarding:
    shown: Shown
    clauses: tuple[Clause, ...]
    standing: frozenset[str]
    claim_paid: bool
    result: Awards = field(default_factory=Awards)
    pots: dict[str, _Pot] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.agreement)
        everything = self.agreement.clauses
        self.pools: Mapping[str, tuple[Clause, Pool]] = {
            name: (owner, (owner.pools or {})[name]) for name, owner in pool_owners(everything).items()
        }
        kinds = {remedy.kind for clause in everything.values() for remedy in clause.remedies}
        self.result.figures |= {f"awarded.{kind}": Fraction(0) for kind in kinds}
        for account in sources_named(everything):
            self.result.figures[f"drawn.{full_account(self.agreement, account)}"] = Fraction(0)

    @property
    def agreement(self) -> Agreement:
        return self.shown.agreement

    def run(self) -> Awards:
        last = {
            remedy.into: (clause.id, index)
            for clause in self.clauses
            for index, remedy in enumerate(clause.remedies)
            if remedy.into is not None
        }
        for clause in self.clauses:
            self.name_figures(clause)
            for index, remedy in enumerate(clause.remedies):
                self.remedy(clause, remedy)
                if remedy.into is not None and last[remedy.into] == (clause.id, index):
                    self.pool(remedy.into)
        return self.result

    def name_figures(self, clause: Clause) -> None:
        """Work out the figures that a clause names, once, and say how."""
        if clause.id in self.result.named:
            return
        named = self.result.named[clause.id] = {}
        for name, figure in (clause.figures or {}).items():
            facts, node = self.result.facts(self.shown, clause), self.agreement.formula(figure.value)
            named[name] = evaluate(node, facts)
            types = figure_types(self.agreement, clause)
            words = worded(self.agreement, node, facts.values, types)
            text = figure_text(self.agreement, named[name], types.get(name))
            head: dict[str, Any] = {"step": "figure", "clause": clause.id, "figure": name}
            head |= {"text": figure.text.model_dump()} if figure.text is not None else {}
            self.result.trace.append({**head, **({"value": text} if text else {}), **words})

    def remedy(self, clause: Clause, remedy: Remedy) -> None:
        facts = self.result.facts(self.shown, clause)
        working = Working(self.agreement, clause, remedy, facts)
        amount = working.amount()
        name = f"awarded.{remedy.kind}"
        if isinstance(amount, Unknown):
            self.lack(amount.names, name, remedy)
            return
        self.result.trace.append(amount.trace)
        if remedy.answers and not self.claim_paid:
            pass  # nothing moves for it
        elif remedy.into is not None:
            pot = self.pots.setdefault(remedy.into, _Pot())
            pot.minor += amount.minor
            pot.counts |= amount.counts
        else:
            drawn = self.paid(clause, remedy, amount, facts)
            if drawn.missing:
                self.lack(drawn.missing, name, remedy)
                return
            self.take(drawn, remedy.kind)
        cited = (*amount.cited, *(remedy.cites or ())) if amount.minor else amount.cited[:1]
        self.result.awards.append(Award(remedy, cited, amount.minor))
        self.count(name, Fraction(amount.minor, self.agreement.scale))

    def lack(self, names: Iterable[str], name: str, remedy: Remedy) -> None:
        """Note what is missing to tell a remedy; whatever reads its figures is unknown from here on."""
        unknown = Unknown(frozenset(names))
        self.result.missing |= unknown.names
        self.count(name, unknown)
        pool = self.pools[remedy.into][1] if remedy.into is not None else None
        source = pool.from_ if pool is not None else remedy.from_
        accounts = [source] if isinstance(source, str) else [draw.account for draw in source or ()]
        for account in accounts:
            plain = full_account(self.agreement, account.removesuffix(":order"))
            self.result.figures[f"drawn.{plain}"] = unknown

    def count(self, name: str, value: Value) -> None:
        """Add a figure to those of its name; with one unknown among them the sum is unknown."""
        before = self.result.figures.get(name, Fraction(0))
        if isinstance(before, Fraction):
            self.result.figures[name] = before + value if isinstance(value, Fraction) else value

    def take(self, drawn: Drawn, kind: str) -> None:
        """Note what a drawing brought, and what no account gave."""
        self.result.moved += drawn.moves
        self.result.trace += drawn.trace
        self.result.cited += drawn.cited
        if drawn.uncovered:
            self.result.uncovered.append(Uncovered(kind, drawn.uncovered))
        for name, value in self.accounts.figures().items():
            if isinstance(self.result.figures.get(name), Fraction):
                self.result.figures[name] = value

    def paid(self, clause: Clause, remedy: Remedy, amount: Amount, facts: Facts) -> Drawn:
        """Draw one award from where its remedy says, by rows where each order has an account of its own."""
        assert remedy.to is not None
        assert remedy.from_ is not None
        if any(isinstance(one, str) and one.endswith(":order") for one in (remedy.from_, remedy.to)):
            return self.by_rows(clause, remedy, amount)
        target = self.payee(remedy.to, amount.counts)
        asked = Asked(
            amount.minor, target, remedy.kind, clause.id, remedy.status, _phase(remedy), amount.memo
        )
        return self.drawn(asked, remedy.from_, facts)

    def drawn(self, asked: Asked, source: str | tuple[Draw, ...], facts: Facts) -> Drawn:
        if not asked.minor:
            return Drawn()
        if isinstance(source, str):
            return Drawn([self.accounts.take(asked, full_account(self.agreement, source))])
        return self.accounts.draw(asked, source, facts)

    def by_rows(self, clause: Clause, remedy: Remedy, amount: Amount) -> Drawn:
        """Pay row by row, each from or to the account of its own order, until the award is paid."""
        found, left = Drawn(), amount.minor
        for one in amount.rows:
            minor = min(left, one.minor * one.row.count)
            if not minor:
                continue
            source, target = (self.of_row(account, one) for account in (remedy.from_, remedy.to))
            asked = Asked(minor, target, remedy.kind, clause.id, remedy.status, _phase(remedy))
            found.moves.append(self.accounts.take(asked, source))
            left -= minor
        found.uncovered = left
        return found

    def of_row(self, account: str | tuple[Draw, ...] | None, one: RowAmount) -> str:
        assert isinstance(account, str), "draws name the rows' orders themselves"
        return full_account(self.agreement, of_order(account, one.row))

    def pool(self, name: str) -> None:
        """Draw a pool: all that was paid into it, from where its clause says, in that order."""
        owner, pool = self.pools[name]
        pot = self.pots.get(name)
        if pot is None or not pot.minor:
            return
        if owner.id not in self.standing:
            self.result.uncovered.append(Uncovered(pool.kind, pot.minor))
            return
        asked = Asked(pot.minor, self.payee(pool.to, pot.counts), pool.kind, owner.id)
        self.name_figures(owner)
        drawn = self.drawn(asked, pool.from_, self.result.facts(self.shown, owner))
        if drawn.missing:
            self.result.missing |= drawn.missing
            return
        total = grouped(from_minor(pot.minor, self.agreement.currency))
        said = pool.text.model_dump() if pool.text is not None else {"zh": name, "en": name}
        self.result.cited.append(owner.id)
        self.result.trace.append(
            {
                "step": "pool",
                "clause": owner.id,
                "pool": name,
                "amount_minor": pot.minor,
                "zh": f"{said['zh']}，合计 {total}",
                "en": f"{said['en']}, in all {total}",
            }
        )
        self.take(drawn, pool.kind)

    def payee(self, account: str, counts: Mapping[tuple[str, int], int]) -> str:
        """Name a payee in full: a class of payees says how many of them are paid."""
        number = sum(counts.values())
        if account in self.agreement.document.payees and number:
            return f"{account}({number})"
        return full_account(self.agreement, account)


def _to_the_unit(major: Fraction, currency: str) -> Fraction:
    """Round half up, as a remedy rounds that says nothing else."""
    scale = 10 ** minor_digits(currency)
    return Fraction(round_minor(major * scale, "half_up"), scale)


def _phase(remedy: Remedy) -> Phase:
    return remedy.phase or "decision"
