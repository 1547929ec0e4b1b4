"""How counterfactuals are told in a terminal and as JSON."""

from __future__ import annotations

from typing import Any

from api.cli.output import say
from policies.agreement import Agreement
from policies.counterfactuals.answer import Counterfactuals
from policies.counterfactuals.wording import place_words, worded

_WORDS = {
    "en": {
        "none": "no change of a single fact that is given would have it decided otherwise",
        "steady": "no value of these would change the outcome: ",
        "cut": "the case is too large to look at every fact; these are those looked at",
        "sep": ", ",
    },
    "zh": {
        "none": "已给事实中任何一项单独改变，都不会改变裁决结果",
        "steady": "下列事实无论取何值，裁决结果不变：",
        "cut": "本案过大，未能逐一检查每项事实；以上为已检查的部分",
        "sep": "、",
    },
}


def tell_counterfactuals(searched: Counterfactuals, agreement: Agreement, lang: str) -> None:
    """Print each change that would have the case decided otherwise, then the facts that change nothing."""
    words = _WORDS[lang]
    for one in searched.found:
        say(f"  - {worded(agreement, one)[lang]}")
    if not searched.found:
        say(f"  - {words['none']}")
    if searched.steady:
        listed = dict.fromkeys(place_words(agreement, one)[lang] for one in searched.steady)
        say(f"  - {words['steady']}{words['sep'].join(listed)}")
    if not searched.complete:
        say(f"  - {words['cut']}")


def counterfactuals_json(agreement: Agreement, searched: Counterfactuals) -> dict[str, Any]:
    """Return what a search found as plain JSON, each change with its sentence in both languages."""
    return {
        "complete": searched.complete,
        "found": [
            one.as_json(agreement.currency) | {"text": worded(agreement, one)} for one in searched.found
        ],
        "steady": [{"fact": one.name, "path": list(one.path)} for one in searched.steady],
    }
