"""Time to check a whole agreement before signing, against the time its solver needs for the same questions.

`python -m benchmarks.check [--clauses N] [--json]` writes an agreement of N clauses by rule (the worked
example, every kind that ships as a file, and core clauses of six shapes), checks it, and tells what part of
the time z3 itself spent on the questions put to it: the limit below which no check of them can fall.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from policies.agreement import Agreement
from policies.check import check
from policies.clauses.templates import template, template_names
from policies.formulas import solver
from policies.formulas.terms import Terms
from policies.loading import load_agreement

EXAMPLE = Path(__file__).parents[1] / "examples" / "agreements" / "head-streamer.yaml"

_SHAPES: tuple[dict[str, Any], ...] = (
    {
        "kind": "late_sample",
        "text": {"zh": "迟延 3 日以上的，每日 500.00 元，至多 5,000.00 元；4,000.00 元以上复核。",
                 "en": "Over 3 days late: 500.00 a day, at most 5,000.00; review above 4,000.00."},
        "when": "days_N > 3",
        "remedies": [{"kind": "late_fee_N", "from": "brand.balance", "to": "streamer.balance",
                      "amount": "500.00 * days_N", "cap": "5_000.00"}],
        "review_when": "award > 4_000.00",
    },
    {
        "kind": "excuse",
        "exception_of": "PREVIOUS",
        "text": {"zh": "对方所致的除外。", "en": "Not where the other side caused it."},
        "when": "excused_N",
        "effects": [{"id": "excused", "text": {"zh": "免责", "en": "excused"}}],
    },
    {
        "kind": "damages",
        "text": {"zh": "违约金 200,000.00 元；请求调减且非恶意的，至多已证损失的 130%。",
                 "en": "200,000.00; if challenged and not malicious, at most 130% of the loss."},
        "when": "broken_N",
        "remedies": [{"kind": "damages_N", "from": "brand.balance", "to": "streamer.balance",
                      "amount": "200_000.00", "cap": "130% * loss_N",
                      "cap_if": "challenged and not malicious"}],
    },
    {
        "kind": "price_refund",
        "text": {"zh": "售价高于承诺的，向每笔未退款订单补足差价。",
                 "en": "Above the promised price, every order not refunded is paid the difference."},
        "when": "sold_N > promised_N",
        "remedies": [{"kind": "refund_N", "from": "brand.balance", "to": "consumers",
                      "each": "sold_N - promised_N", "for": "orders where refunded < paid"}],
    },
    {
        "kind": "service_level",
        "text": {"zh": "达成率低于 95% 的，付费用的 1%，至多 50,000.00 元。",
                 "en": "Below 95% of the service level, 1% of the fee is due, at most 50,000.00."},
        "when": "level_N < 95%",
        "remedies": [{"kind": "credit_N", "from": "platform.balance", "to": "brand.balance",
                      "amount": "min(50_000.00, 1% * fee_N)"}],
    },
    {
        "kind": "late_payment",
        "text": {"zh": "逾期付款超过 7 日的，每日万分之五。",
                 "en": "Payment more than 7 days late bears 0.05% a day."},
        "when": "days(due_N, done_N) > 7",
        "remedies": [{"kind": "interest_N", "from": "platform.balance", "to": "mcn.balance",
                      "amount": "0.05% * days(due_N, done_N) * owed_N"}],
    },
)  # fmt: skip
"""Core clauses; N stands for the clause's number, so that each reads facts of its own."""

_FACTS = {
    "days": "count", "excused": "bool", "broken": "bool", "loss": "money", "sold": "money",
    "promised": "money", "level": "rate", "fee": "money", "due": "date", "done": "date", "owed": "money",
}  # fmt: skip


def large_agreement(clauses: int = 60) -> Agreement:
    """Return an agreement of so many clauses, with every kind that ships."""
    document = yaml.load(EXAMPLE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    document["agreement"] = "large"
    for number, kind in enumerate(sorted(template_names()), start=1):
        document["clauses"].append({**template(kind).example, "id": f"K{number}"})
    previous = "6.1"
    for number in count(1):
        if len(document["clauses"]) >= clauses:
            break
        shape = json.dumps(_SHAPES[(number - 1) % len(_SHAPES)]).replace("PREVIOUS", previous)
        written = shape.replace("_N", f"_{number}")
        for name, kind in _FACTS.items():
            if re.search(rf"\b{name}_{number}\b", written):
                words = {"zh": f"{name} {number}", "en": f"{name} {number}"}
                document["facts"][f"{name}_{number}"] = {"type": kind, "of": "case", "text": words}
        previous = f"C{number}"
        document["clauses"].append({"id": previous, **json.loads(written)})
    return load_agreement(yaml.safe_dump(document, allow_unicode=True), name="large.yaml")


def measure(clauses: int) -> dict[str, Any]:
    """Check a large agreement once; return seconds, z3's among them, and what is found."""
    agreement = large_agreement(clauses)
    inside = 0.0
    asked = 0
    solve = solver.solve

    def timed(terms: Terms, conditions: Iterable[Any], limit: int) -> solver.Answer:
        nonlocal inside, asked
        started = time.perf_counter()
        answer = solve(terms, conditions, limit)
        inside += time.perf_counter() - started
        asked += 1
        return answer

    solver.solve = timed
    try:
        started = time.perf_counter()
        findings = check(agreement)
        seconds = time.perf_counter() - started
    finally:
        solver.solve = solve
    return {
        "clauses": len(agreement.document.clauses),
        "questions": asked,
        "findings": len(findings),
        "unknown": sum(one.code == "check.unknown" for one in findings),
        "seconds": round(seconds, 3),
        "z3_seconds": round(inside, 3),
        "times_z3": round(seconds / inside, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clauses", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines for people")
    given = parser.parse_args()
    found = measure(given.clauses)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
