"""A plan is compiled from a document alone, or refused with the reason in both languages."""

from __future__ import annotations

import pytest

from contracts.errors import SplitNotCompiled
from contracts.split_code import text_key
from contracts.split_plan import compile_split
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.splitter_lines import EVERYTHING, everything, example


def written(old: str, new: str) -> Agreement:
    """Return the document of every construct with something written otherwise."""
    text = EVERYTHING.format(mode="half_up", currency="CNY")
    assert old in text
    return load_agreement(text.replace(old, new), name="everything.yaml")


def refused(agreement: Agreement) -> SplitNotCompiled:
    with pytest.raises(SplitNotCompiled) as fault:
        compile_split(agreement)
    assert fault.value.where == agreement.ref
    assert any("\u4e00" <= char <= "\u9fff" for char in fault.value.data["zh"])
    return fault.value


def test_the_digest_of_a_plan_is_known_and_frozen() -> None:
    assert compile_split(example("head-streamer.yaml")).digest.hex() == (
        "e83fb85a9a1fe1482d69c7da24d8b3b86f3137828c80f17c0ff56996f0f14582"
    )


def test_the_same_terms_give_the_same_plan_and_other_terms_another() -> None:
    one = compile_split(everything())
    assert compile_split(written("全部写法", "别的标题")) == one
    assert compile_split(written("value: 20%}", "value: 21%}")).digest != one.digest


def test_a_window_is_refused_by_its_name() -> None:
    fault = refused(example("month-ladder.yaml"))
    assert "the window 'monthly' counts over many lines" in fault.message
    assert "monthly" in fault.data["zh"]


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("if(exists(tag), 0.05, 0.06)", "exists() has no instruction"),
        ("if(add_days(sold_on, 3) > 2026-06-18, 0.05, 0.06)", "add_days() has no instruction"),
        ("if(months(2026-06-01, sold_on) > 1, 0.05, 0.06)", "months() has no instruction"),
        ("if(business_days(2026-06-01, sold_on) > 1, 0.05, 0.06)", "business_days() has no instruction"),
    ],
)
def test_what_the_machine_has_no_instruction_for_is_refused_by_name(formula: str, words: str) -> None:
    text = EVERYTHING.format(mode="half_up", currency="CNY").replace("-0.05)", f"{formula})")
    document = load_agreement(f"{text}calendar: CN\n", name="everything.yaml")
    assert words in refused(document).message


def test_times_among_the_facts_are_refused_by_name() -> None:
    text = EVERYTHING.format(mode="half_up", currency="CNY").replace("-0.05)", "if(seen < sent, 0.05, 0.06))")
    times = (
        f"  {name}: {{type: instant, of: order, text: {{zh: 时, en: {name}}}}}\n" for name in ("seen", "sent")
    )
    document = load_agreement(text.replace("  sold_on:", f"{''.join(times)}  sold_on:"), name="times.yaml")
    assert "'seen' is a time" in refused(document).message


def test_more_than_there_is_room_for_is_refused_with_the_count() -> None:
    long = " + ".join(["0.01"] * 140)
    steps = "".join(
        f'      - {{leg: more{place}, to: platform.more, amount: "{long}"}}\n' for place in range(3)
    )
    document = written("      - {leg: merchant_net", f"{steps}      - {{leg: merchant_net")
    assert "instructions; the splitter has room for 640" in refused(document).message


def test_a_text_is_known_by_the_first_15_bytes_of_its_digest() -> None:
    assert text_key("").to_bytes(15).hex() == "c5d2460186f7233c927e7db2dcc703"
