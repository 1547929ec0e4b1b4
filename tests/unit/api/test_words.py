"""The catalogues have the same keys, and templates use only keys that they have."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

import api.language
from api.language import LANGUAGES, catalogue, choose_language, text_files, words_of
from api.worded import kind_words
from policies.loading import load_agreement
from policies.monitors.compiled import Compiled, compiled

TEMPLATES = Path(api.language.__file__).parent / "templates"


def test_both_languages_have_the_same_files_with_the_same_keys() -> None:
    zh, en = ({file.name: words_of(file).keys() for file in text_files(one)} for one in ("zh", "en"))
    assert len(zh) > 1
    assert zh == en


def test_no_key_stands_in_two_files() -> None:
    for language in LANGUAGES:
        keys = Counter(key for file in text_files(language) for key in words_of(file))
        assert [key for key, times in keys.items() if times > 1] == []
        assert keys.keys() == catalogue(language).messages.keys()


def test_both_languages_fill_in_the_same_names() -> None:
    for key, words in catalogue("zh").messages.items():
        named = [
            {name for _, name, _, _ in Formatter().parse(text) if name}
            for text in (words, catalogue("en").messages[key])
        ]
        assert named[0] == named[1], key


def test_templates_use_only_known_words() -> None:
    known = catalogue("zh").messages
    groups = {key.split(".")[0] for key in known}
    used = set()
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        used |= set(re.findall(r"""\bt\(["']([^"']+)["'][,)]""", text))
        assert set(re.findall(r'\bterm\("([^"]+)"', text)) <= groups, template.name
        assert set(re.findall(r'm\.chip\("([^"]+)"', text)) <= groups, template.name
    assert used
    assert used - known.keys() == set()


def test_the_words_are_the_users_words() -> None:
    everything = " ".join(catalogue("zh").messages.values())
    for word in ("分佣顺序", "冲正", "追扣", "结转", "存证"):
        assert word in everything
    for ours in ("叶子", "默克尔", "瀑布"):
        assert ours not in everything
    for ours in ("leaf", "Merkle", "waterfall"):
        assert ours not in " ".join(catalogue("en").messages.values())


@pytest.mark.parametrize(
    ("asked", "cookie", "accept", "chosen"),
    [
        ("en", "zh", "zh", "en"),
        (None, "en", "zh-CN,zh;q=0.9", "en"),
        (None, None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, None, "en;q=0.2,zh-CN;q=0.9", "zh"),
        ("fr", None, "fr", "zh"),
        (None, None, "en;q=oops", "en"),
        (None, None, "", "zh"),
    ],
)
def test_the_address_then_the_cookie_then_the_browser_choose(
    asked: str | None, cookie: str | None, accept: str, chosen: str
) -> None:
    assert choose_language(asked, cookie, accept) == chosen
    assert chosen in LANGUAGES


def test_every_monitor_that_is_declared_has_words_that_it_can_fill() -> None:
    codes = {one.monitor.code: one.monitor for one in _every_monitor()}
    assert len(codes) >= 9
    for code, monitor in codes.items():
        words = catalogue("zh").messages[f"notice.{code}"]
        named = {name for _, name, _, _ in Formatter().parse(words) if name}
        given = {*monitor.about, *monitor.figures, "clause", "agreement", "law", "phrase", "fields"}
        if monitor.rate or monitor.ends or monitor.payable:
            given |= {
                "sku", "month", "sold", "returned", "ceiling", "ends_on", "payable", "statement", "party",
                "due_on",
            }  # fmt: skip
        assert named <= given, code
        assert f"monitor-finds.{code}" in catalogue("zh").messages, code
        kinds = monitor.watch.kinds if monitor.watch else ()
        assert all(kind_words(kind) or catalogue("zh").has(f"entry-kind.{kind}") for kind in kinds), code
        assert {f"notice-fact.{name}" for name in (*monitor.about, *monitor.figures)} <= catalogue(
            "en"
        ).messages.keys(), code


def _every_monitor() -> tuple[Compiled, ...]:
    text = (TEMPLATES.parents[1] / "examples/simulated_month/agreement.yaml").read_text(encoding="utf-8")
    return compiled(load_agreement(text, name="agreement.yaml"))
