"""What a declaration may say, and that every shipped one is whole: words, mechanisms, links, formulas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.entries import Group, NewEntry
from ledger.registers.declaration import read_register, register, registers
from ledger.registers.errors import RegisterUnknown, RegisterUnusable
from tests.ledger_samples import START

TEXT = {"zh": "到访", "en": "Visit"}
GOOD: dict[str, Any] = {
    "register": "visit",
    "title": TEXT,
    "lead": {"zh": "到访登记", "en": "Visits"},
    "mechanisms": ["35"],
    "fields": {"people": {"type": "count", "text": {"zh": "人数", "en": "people"}}},
    "states": {"open": {"zh": "进行中", "en": "open"}, "over": {"zh": "已结束", "en": "over"}},
    "events": {
        "begun": {"text": {"zh": "开始", "en": "Begun"}, "opens": "open", "needs": ["people"]},
        "ended": {"text": {"zh": "结束", "en": "Ended"}, "in": ["open"], "to": "over"},
    },
    "clocks": [
        {
            "id": "stay",
            "text": TEXT,
            "from": "begun",
            "until": ["ended"],
            "hours": "2",
        }
    ],
}


def written(path: tuple[str, ...], value: Any) -> str:
    """Return the declaration with one thing changed, as a file."""
    changed: Any = json.loads(json.dumps(GOOD))
    inner = changed
    for key in path[:-1]:
        inner = inner[int(key) if key.isdigit() else key]
    inner[path[-1]] = value
    return json.dumps(changed)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("title",), {"zh": "到访"}, "Field required"),
        (("events", "begun", "opens"), "opne", "did you mean 'open'"),
        (("events", "begun", "needs"), ["peple"], "did you mean 'people'"),
        (("events", "begun", "to"), "over", "neither 'in' nor 'to'"),
        (("events", "ended", "checklist"), ["papers"], "no check 'papers'"),
        (("events", "ended", "must"), [{"holds": "people > 'a'", "text": TEXT}], "event ended, must"),
        (("events", "ended", "reveals"), {"people": "people"}, "is needed where it reveals"),
        (("figures",), {"half": {"formula": "people / peple", "type": "count", "text": TEXT}}, "figures"),
        (("events", "begun"), {"text": TEXT, "in": ["open"]}, "no event 'opens'"),
        (("clocks", "0", "until"), ["endd"], "did you mean 'ended'"),
        (("clocks", "0", "days"), "2", "either 'days' or 'hours'"),
        (("retention",), {"days": "9", "from": "x"}, "retention: there is no event 'x'"),
        (("fields", "people", "options"), ["a"], "an enum has 'options'"),
        (("fields", "people", "from"), "begun", "only a 'time_code' counts"),
        (("checks",), {"x": {"text": TEXT}}, ""),
        (("of",), "party", ""),
    ],
)  # fmt: skip
def test_a_declaration_that_does_not_fit_is_refused_by_place(
    path: tuple[str, ...], value: Any, why: str
) -> None:
    text = written(path, value)
    if not why:
        assert read_register(text, name="visit.yaml").name == "visit"
        return
    with pytest.raises(RegisterUnusable, match=why) as refused:
        read_register(text, name="visit.yaml")
    assert "visit.yaml, line " in str(refused.value)


def test_fields_of_checks_and_money_of_a_party_are_refused() -> None:
    money = {"people": {"type": "money", "text": TEXT}}
    with pytest.raises(RegisterUnusable, match="currency of an agreement"):
        read_register(json.dumps({**GOOD, "of": "party", "fields": money}), name="visit.yaml")
    note = {**GOOD["fields"], "note": {"type": "text", "text": TEXT}}
    checks = {"x": {"text": TEXT}}
    with pytest.raises(RegisterUnusable, match="the field 'note' has the name"):
        read_register(json.dumps({**GOOD, "fields": note, "checks": checks}), name="visit.yaml")


@pytest.mark.parametrize("name", registers())
def test_every_shipped_register_can_write_entries(name: str) -> None:
    one = register(name)
    for kind in one.kinds:
        group = Group("register", ("mcn",), {"fields": {}})
        NewEntry(source="s", id="i", kind=kind, occurred_at=START, asserter="mcn", groups=(group,))
    assert all(1 <= number <= 61 for number in one.mechanisms)
    assert all(one.all_fields[field].text.zh for event in one.all_events.values() for field in event.fields)


def test_a_name_that_is_near_is_offered() -> None:
    with pytest.raises(RegisterUnknown, match="did you mean 'lottery'"):
        register("loterry")


def test_the_reference_page_shows_every_key_of_a_declaration() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "registers.md").read_text(encoding="utf-8")
    fields = type(register("session")).model_fields
    assert [key for key, one in fields.items() if f"{one.alias or key}" not in page] == []
