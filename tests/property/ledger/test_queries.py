"""A search of bytes finds what a walk through every group finds: exactly, whatever texts and keys hold."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.entries import Group, NewEntry
from ledger.log import Log
from ledger.queries.answering import ask
from ledger.queries.question import read_question
from ledger.queries.scope import Scope
from tests.ledger_samples import AGREEMENT, START

SCOPE = Scope("D-1", ("autumn-beauty",), ("brand",), frozenset({"buyer"}))
WORDS = st.sampled_from(
    ["x", "sku", 'x","sku":"x', '"', "\\", '\\"sku\\":\\"x\\"', "面霜", "x\u2028", "clause"]
)
KEYS = st.sampled_from(["sku", "skus", "a", "session", "clause"])
CONTENT = st.dictionaries(
    KEYS,
    st.recursive(
        WORDS | st.integers(0, 9) | st.booleans() | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
GROUP = st.tuples(st.sampled_from(["facts", "buyer"]), st.sampled_from([("brand",), ("mcn",)]), CONTENT)
GROUPS = st.lists(GROUP, min_size=1, max_size=3, unique_by=lambda one: one[0])
NAMES = ("sku", "session", "clause")


def says(value: Any, name: str, text: str) -> bool:
    """Tell by walking whether something says a text under a name, at whatever depth."""
    if isinstance(value, dict):
        return value.get(name) == text or any(says(one, name, text) for one in value.values())
    return isinstance(value, list) and any(says(one, name, text) for one in value)


@settings(max_examples=25)
@given(st.lists(GROUPS, min_size=2, max_size=8), st.sampled_from(NAMES), WORDS)
def test_a_search_finds_exactly_the_entries_whose_shown_groups_say_it(
    log: Log, told: list[list[tuple[str, tuple[str, ...], dict[str, Any]]]], name: str, text: str
) -> None:
    first = log.size()
    entries = [
        NewEntry(
            source="shop",
            id=f"{first}/{number}",
            kind="fact.stated",
            occurred_at=START,
            asserter="brand",
            agreement=AGREEMENT,
            groups=tuple(Group(*group) for group in groups),
        )
        for number, groups in enumerate(told)
    ]
    log.append(entries)
    wanted = [
        first + number
        for number, groups in enumerate(told)
        if any(
            one != "buyer" and readers == ("brand",) and says(content, name, text)
            for one, readers, content in groups
        )
    ]
    question = read_question({"of": "entries", "kind": "fact.stated", name: text})
    found = ask(log, SCOPE, question, after=first - 1)
    assert [row["seq"] for row in found.rows] == wanted
