"""Adds up what each party may have to pay under its remedies, and holds it against what it has put up.

A remedy with no figure that bounds it is exposure without limit, shown in a case that costs 10,000,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from policies.agreement import Agreement
from policies.checks.asking import condition_scope, read, remedy_amount, settle, whole_condition
from policies.checks.bounds import upper
from policies.checks.paths import party_of, payers_of, remedy_path
from policies.checks.security import security_of
from policies.checks.witness import amount, phrase, written_values
from policies.clauses.core import Clause, Remedy
from policies.errors import Finding
from policies.formulas.tree import Comparison, Number
from policies.money import grouped, round_minor
from policies.source import Path

LARGE = Fraction(10_000_000)
"""Major units at which exposure without limit is shown."""


@dataclass
class _Exposure:
    """What one party may owe: the sum of the remedies that are bounded, by name, and the others."""

    bounded: dict[str, Fraction] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield findings for exposure without limit, and for exposure above what is put up to secure it."""
    exposures: dict[str, _Exposure] = {}
    for index, clause in enumerate(agreement.document.clauses):
        core = agreement.clauses[clause.id]
        if core.not_enforced is not None:
            continue
        for at, remedy in enumerate(core.remedies):
            path = remedy_path(clause, core, at, ("clauses", index))
            owner = next((party_of(account) for account in payers_of(agreement, remedy)), "")
            if owner not in agreement.parties or remedy.set_off:
                continue
            most = _most(agreement, core, remedy)
            if most is None:
                yield from _unlimited(agreement, core, remedy, (owner, path))
            elif most > 0:
                found = exposures.setdefault(owner, _Exposure())
                found.bounded[f"{core.id}/{remedy.id or remedy.kind}"] = most
                found.paths.append(path)
    for owner, exposure in exposures.items():
        yield from _above_security(agreement, owner, exposure)


def _most(agreement: Agreement, core: Clause, remedy: Remedy) -> Fraction | None:
    """Return the most a remedy can award, in major units, or None where nothing bounds it."""
    bounds = []
    if remedy.amount is not None:
        bounds.append(upper(read(agreement, core, remedy.amount)))
    if remedy.cap is not None and remedy.cap_if is None:
        bounds.append(upper(read(agreement, core, remedy.cap)))
    known = [bound for bound in bounds if bound is not None]
    if not known:
        return None
    most = min(known)
    if remedy.floor is not None:
        floor = upper(read(agreement, core, remedy.floor))
        return None if floor is None else max(most, floor)
    return most


def _unlimited(
    agreement: Agreement, core: Clause, remedy: Remedy, owed: tuple[str, Path]
) -> Iterator[Finding]:
    owner, path = owed
    party = agreement.parties[owner].name
    name = f"{remedy.kind} ({remedy.id or core.id})"
    large = grouped(amount(agreement, int(LARGE * agreement.scale)))
    if remedy.each is not None:
        each = amount(agreement, 10 * agreement.scale)
        case: dict[str, str] | None = {"rows": grouped(str(LARGE // 10)), "each": each}
        shown = (f"with {LARGE // 10:,} of {each} each", f"如 {LARGE // 10:,} 笔、每笔 {each}")
    else:
        case = _large_case(agreement, core, remedy, path)
        if case is None:
            return
        words = {language: phrase(agreement, case, language) for language in ("zh", "en")}
        shown = (f"for example {words['en']}", f"如{words['zh']}") if case else ("in any case", "任何情形")
    yield agreement.finding(
        "exposure.uncapped",
        f"nothing limits what {party.en} pays as {name}: it reaches {large} and more, {shown[0]}",
        path,
        severity="info",
        witness={"party": owner, "remedy": remedy.kind, "case": case, "reaches": large},
        message_zh=f"{party.zh}按 {name} 支付的金额没有上限，可达 {large} 以上（{shown[1]}）",
    )


def _large_case(agreement: Agreement, core: Clause, remedy: Remedy, path: Path) -> dict[str, str] | None:
    """Return a case in which a remedy costs LARGE or more; None where no such case could be shown."""
    figure = remedy_amount(agreement, core, remedy)
    if figure is None:
        return None
    scope = condition_scope(agreement)
    nodes = [*whole_condition(agreement, core), Comparison(">=", figure, Number(LARGE, str(LARGE)))]
    answer = settle(agreement, nodes, scope, ("", ""), path)
    if isinstance(answer, Finding) or answer.verdict != "found":
        return None
    return written_values(agreement, answer.values, scope)


def _above_security(agreement: Agreement, owner: str, exposure: _Exposure) -> Iterator[Finding]:
    total = sum(exposure.bounded.values(), Fraction(0))
    secured = security_of(agreement, owner)
    if not secured or total <= sum(secured.values(), Fraction(0)):
        return
    party = agreement.parties[owner].name
    held = sum(secured.values(), Fraction(0))
    owed, put_up = (
        grouped(amount(agreement, round_minor(one * agreement.scale, "half_up"))) for one in (total, held)
    )
    yield agreement.finding(
        "exposure.above-security",
        f"{party.en} may owe {owed} under {', '.join(exposure.bounded)}, and has put up {put_up}"
        f" ({', '.join(secured)})",
        exposure.paths[0],
        severity="warning",
        witness={"party": owner, "may_owe": owed, "put_up": put_up},
        message_zh=f"{party.zh}依 {'、'.join(exposure.bounded)} 最多应付 {owed}，而其缴存仅 {put_up}"
        f"（{'、'.join(secured)}）",
    )
