"""Cases a second of our decisions against zen-engine and Cedar, on one price promise with a cap.

`python -m benchmarks.decide [--cases N] [--json]` lets three engines say, of the same cases in one run,
whether the promise of the worked example was broken, whether the cap binds and, where the engine can, what is
awarded. It prints cases a second, ratios, and what each engine did with a fact that is missing. Ours also
gives postings, clauses, a trace in two languages and a second reader's agreement, which is most of its time.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cedarpy
import zen

from policies.agreement import Agreement
from policies.decisions.case import Case, read_case
from policies.decisions.decide import decide
from policies.loading import load_agreement

ROOT = Path(__file__).parents[1]
AGREEMENT = ROOT / "examples" / "agreements" / "head-streamer.yaml"
MISSING = "later.price"
"""The fact that is left out to see what each engine makes of it."""

EXPRESSIONS = {
    "breach": "later_sku == live_sku and later_channel in ['brand_store', 'brand_live']"
    " and d(later_on) <= d('2026-11-11') and later_price < live_price",
    "difference": "$.breach ? (live_price - later_price)"
    " * sum(map(filter(orders, #.refunded < #.paid), #.count)) : 0",
    "damages": "$.breach ? (challenged and not malicious ? min([2000000, 1.3 * proven_loss]) : 2000000) : 0",
    "award": "$.difference + $.damages",
}
"""Clause 9.1 of the worked example in the expressions of zen-engine."""

_BROKEN = (
    "context.later_sku == context.live_sku"
    ' && ["brand_store", "brand_live"].contains(context.later_channel)'
    " && context.later_day <= 20261111 && context.later_minor < context.live_minor"
)
POLICIES = f"""
permit(principal, action == Action::"breach", resource) when {{ {_BROKEN} }};
permit(principal, action == Action::"cap", resource)
when {{ {_BROKEN} && context.challenged && !context.malicious && context.loss_minor * 130 < 20000000000 }};
"""
"""The same clause in Cedar, which permits or denies and has no other result; amounts in minor units."""

CANNOT = {
    "tallystick": [],
    "zen-engine": [
        "rationals: numbers are 28-digit decimals, given here as JSON floats",
        "unknown facts: a missing one is an error of the evaluation",
        "a second reader; remedies paid in order from accounts; clauses cited",
    ],
    "cedar": [
        "amounts: it permits or denies; two requests a case ask for the breach and for the cap",
        "fractions: integers of 64 bits and decimals that can only be compared",
        "unknown facts: a missing one skips the policy, so the answer is Deny",
        "a trace: it names the policies that decided, without figures",
    ],
}
"""What an engine does not do of what ours does for every case."""


def facts_of(number: int) -> dict[str, str]:
    """Return the facts of one case, different for each number so that nothing is remembered between cases."""
    return {
        "live.price": f"{429 + number % 50}.00",
        "live.sku": f"MASK-{number}",
        MISSING: f"{257 + number % 40}.70",
        "later.sku": f"MASK-{number}",
        "later.channel": "brand_store",
        "later.on": f"2026-11-{1 + number % 11:02}",
        "proven_loss": f"{600_000 + number}.00",
        "challenged": "true",
        "malicious": "false" if number % 3 else "true",
        "vouchers_given": "0",
    }


ORDERS = (("12000", "429.00", "0.00"), ("500", "429.00", "429.00"))
"""Orders of every case: how many alike, what was paid, what was refunded."""


def our_case(facts: dict[str, str]) -> Case:
    """Return a case as our decisions take it."""
    file = {
        "clause": "9.1",
        "claim": {"claimant": "streamer", "respondent": "brand"},
        "decided_at": "2026-11-15",
        "facts": {name: {"value": value, "status": "proven"} for name, value in facts.items()},
        "orders": [dict(zip(("count", "paid", "refunded"), order, strict=True)) for order in ORDERS],
    }
    return read_case(json.dumps(file), name="case.json")


def zen_context(facts: dict[str, str]) -> dict[str, Any]:
    """Return a case as zen-engine takes it."""
    read: dict[str, Any] = {name.replace(".", "_"): value for name, value in facts.items()}
    for name in ("live_price", "later_price", "proven_loss"):
        if name in read:
            read[name] = float(read[name])
    for name in ("challenged", "malicious"):
        read[name] = read[name] == "true"
    orders = [{"count": int(n), "paid": float(paid), "refunded": float(back)} for n, paid, back in ORDERS]
    return {**read, "orders": orders}


def zen_decision() -> Any:
    """Return clause 9.1 as a decision of zen-engine."""
    expressions = [{"id": key, "key": key, "value": value} for key, value in EXPRESSIONS.items()]
    kinds: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("in", "inputNode", {}),
        ("all", "expressionNode", {"expressions": expressions}),
        ("out", "outputNode", {}),
    )
    nodes = [
        {"id": name, "name": name, "type": kind, "content": content, "position": {"x": 0, "y": 0}}
        for name, kind, content in kinds
    ]
    edges = [
        {"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"}
        for a, b in (("in", "all"), ("all", "out"))
    ]
    return zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))


def cedar_context(facts: dict[str, str]) -> dict[str, Any]:
    """Return a case as Cedar takes it, amounts in minor units and the day as a number."""
    minor = {"live_minor": "live.price", "later_minor": "later.price", "loss_minor": "proven_loss"}
    return {
        **{name: int(facts[fact].replace(".", "")) for name, fact in minor.items() if fact in facts},
        "live_sku": facts["live.sku"],
        "later_sku": facts["later.sku"],
        "later_channel": facts["later.channel"],
        "later_day": int(facts["later.on"].replace("-", "")),
        "challenged": facts["challenged"] == "true",
        "malicious": facts["malicious"] == "true",
    }


class Cedar:
    """Both policies parsed once; a case is two requests."""

    def __init__(self) -> None:
        self.policies = cedarpy.PolicySet.from_str(POLICIES)
        self.entities = cedarpy.Entities.from_json_str("[]")

    def asks(self, action: str, context: dict[str, Any]) -> bool:
        """Tell whether one request is allowed."""
        request = {
            "principal": 'Party::"streamer"',
            "action": f'Action::"{action}"',
            "resource": 'Clause::"9.1"',
            "context": context,
        }
        return bool(cedarpy.is_authorized(request, self.policies, self.entities).allowed)

    def decide(self, context: dict[str, Any]) -> tuple[bool, bool]:
        """Return whether the promise was broken and whether the cap binds."""
        return self.asks("breach", context), self.asks("cap", context)


def per_second(works: dict[str, tuple[Callable[[Any], object], Sequence[Any]]]) -> dict[str, float]:
    """Return how many cases a second go through each engine, its best of five turns taken one after another.

    The engines take turns, so that what else runs on the machine meets them alike.
    """
    best = dict.fromkeys(works, 0.0)
    for _ in range(5):
        for name, (work, cases) in works.items():
            started = time.perf_counter()
            for case in cases:
                work(case)
            best[name] = max(best[name], len(cases) / (time.perf_counter() - started))
    return best


def measure(cases: int) -> dict[str, Any]:
    """Decide so many cases by each engine; return the figures. All must say the same of every case."""
    agreement = load_agreement(AGREEMENT.read_text(encoding="utf-8"), name=AGREEMENT.name)
    facts = [facts_of(number) for number in range(cases)]
    ours = [our_case(one) for one in facts]
    zens = [zen_context(one) for one in facts]
    cedars = [cedar_context(one) for one in facts]
    table, cedar = zen_decision(), Cedar()
    for one, two, three in zip(ours, zens, cedars, strict=True):
        _require_same(agreement, one, table.evaluate(two)["result"], cedar.decide(three))
    rates = per_second(
        {
            "tallystick": (lambda case: decide([agreement], case), ours),
            "zen-engine": (table.evaluate, zens),
            "zen-engine with trace": (lambda case: table.evaluate(case, {"trace": True}), zens),
            "cedar": (cedar.decide, cedars),
        }
    )
    return {
        "cases": cases,
        "versions": {"zen-engine": version("zen-engine"), "cedarpy": version("cedarpy")},
        "cases_per_second": {name: round(rate) for name, rate in rates.items()},
        "ours_as_a_part_of": {
            name: round(rates["tallystick"] / rate, 3) for name, rate in rates.items() if name != "tallystick"
        },
        f"without_{MISSING}": _without(agreement, table, cedar),
        "does_not": CANNOT,
    }


def _require_same(agreement: Agreement, case: Case, theirs: dict[str, Any], cedar: tuple[bool, bool]) -> None:
    decision = decide([agreement], case)
    assert decision.amount_minor == round(theirs["award"] * 100), "zen-engine awards the same"
    capped = any("cap" in step for step in decision.trace)
    assert cedar == (decision.amount_minor > 0, capped), "Cedar allows the same"


def _without(agreement: Agreement, table: Any, cedar: Cedar) -> dict[str, str]:
    """Return what each engine makes of a case without one fact."""
    facts = {name: value for name, value in facts_of(1).items() if name != MISSING}
    decision = decide([agreement], our_case(facts))
    try:
        zens = f"result {table.evaluate(zen_context(facts))['result']}"
    except RuntimeError as fault:
        zens = f"error: {json.loads(str(fault).partition(chr(10))[0])['type']}"
    allowed = cedar.asks("breach", cedar_context(facts))
    return {
        "tallystick": f"{decision.outcome}, missing {', '.join(decision.missing)}",
        "zen-engine": zens,
        "cedar": "Allow" if allowed else "Deny",
    }


def main() -> None:
    """Measure, and print one figure a line or one JSON object."""
    parser = argparse.ArgumentParser(description="Compare decisions with zen-engine and Cedar.")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.cases)
    if given.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        for key, one in value.items() if isinstance(value, dict) else [("", value)]:
            print(f"{name:>20} {key:<22} {'; '.join(one) if isinstance(one, list) else one}")


if __name__ == "__main__":
    main()
