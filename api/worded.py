"""Words in both languages for read models, and how parties and accounts are named there.

Words of pages come from the catalogues, words of a deal from its signed document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from api.language import catalogue
from api.reading import PartyName, Text, plain
from ledger.registers.declaration import registers
from policies.agreement import Agreement
from policies.diff.steps import StepChange
from policies.money import grouped, round_minor
from policies.render.words import WORDS
from policies.words.labels import PURPOSES

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_ACCOUNT = re.compile(r"([^.(]+)(?:\.([^(]+))?(?:\(([0-9]+)\))?")


def both(key: str, **values: object) -> Text:
    """Return a message in both languages; values that are Text are spoken in each."""
    return Text(_message("zh", key, values), _message("en", key, values))


def _message(language: str, key: str, values: Mapping[str, object]) -> str:
    spoken = {
        name: value.spoken(language) if isinstance(value, Text) else value for name, value in values.items()
    }
    return catalogue("zh" if language == "zh" else "en").text(key, **spoken)


def kind_words(kind: str) -> Text | None:
    """Return the words of a kind of entry that a register declares: its title and the event; else None."""
    name, _, event = kind.partition(".")
    of = registers().get(name)
    if of is None or event not in of.all_events:
        return None
    title, words = of.title, of.all_events[event].text
    return Text(f"{title.zh}：{words.zh}", f"{title.en}: {words.en}")


def of_words(words: Mapping[str, str]) -> Text:
    """Return a document's words; a language that it lacks stays empty and falls back to the other."""
    return Text(words.get("zh", ""), words.get("en", ""))


@lru_cache(maxsize=4096)
def label(agreement: Agreement, name: str) -> Text:
    """Return what people call a name of a document: its own words, the house's, else the name itself."""
    words = agreement.labels().get(name)
    if words is not None:
        return of_words(words)
    if name in WORDS["zh"]:
        return Text(WORDS["zh"][name], WORDS["en"][name])
    zh, en = (catalogue(one).term("posting-kind", name) for one in ("zh", "en"))
    return Text(zh, en) if zh != name else plain(name.replace("_", " "))


def party_name(agreement: Agreement, key: str) -> PartyName:
    """Return a party of a document by its key; a class of payees has itself as id and role."""
    party = agreement.parties.get(key)
    if party is None:
        return PartyName(key, key, "payee", label(agreement, key))
    return PartyName(agreement.party_id(key), key, party.role, Text(party.name.zh, party.name.en))


def party_names(agreement: Agreement) -> tuple[PartyName, ...]:
    """Return every party of a document, in its order."""
    return tuple(party_name(agreement, key) for key in agreement.parties)


def party_by_id(agreement: Agreement, party_id: str) -> PartyName:
    """Return a party of a document by its identity across agreements, by that alone where it is not in it."""
    for key in agreement.parties:
        if agreement.party_id(key) == party_id:
            return party_name(agreement, key)
    return PartyName(party_id, party_id, "party", plain(party_id))


def terms_changed(agreement: Agreement, changes: Sequence[StepChange]) -> Text:
    """Say which terms of a document changed: steps by its own words, other parts by the house's."""
    named = [both("change-term.rest")] if not changes else [_term_changed(agreement, one) for one in changes]
    return Text("、".join(one.spoken("zh") for one in named), ", ".join(one.spoken("en") for one in named))


def _term_changed(agreement: Agreement, change: StepChange) -> Text:
    own = change.part not in {"whole", "rounding", "waterfall", ""}
    part = label(agreement, change.part) if own else both(f"change-term.{change.part or 'all'}")
    return both("change-term.of", clause=change.clause, part=part)


def who(agreement: Agreement, asserter: str) -> Text:
    """Return who said something: a party, the operator, the rules, or whatever name stands in the entry."""
    if any(agreement.party_id(key) == asserter for key in agreement.parties):
        return party_by_id(agreement, asserter).name
    return Text(*(catalogue(one).term("asserter", asserter) for one in ("zh", "en")))


def local_time(agreement: Agreement, text: str) -> str:
    """Return an RFC 3339 time where the agreement counts its days, to the second."""
    return datetime.fromisoformat(text).astimezone(agreement.zone).isoformat(timespec="seconds")


def rate_text(rate: Fraction) -> str:
    """Return a rate for people: in percent to two places, and exactly beside that where it is rounded."""
    near = round_minor(rate * 10_000, "half_up")
    percent = f"{near // 100}.{near % 100:02}%"
    return percent if near == rate * 10_000 else f"{percent} ({rate})"


def readable(text: str) -> str:
    """Return decimal text with thousands apart, "780000.00" as "780,000.00"; any other text as it is."""
    return grouped(text) if _DECIMAL.fullmatch(text) else text


def account_label(agreement: Agreement, account: str) -> Text:
    """Return an account of a decision (`brand.balance`, `consumers(12000)`) in words."""
    found = _ACCOUNT.fullmatch(account)
    if found is None:
        return plain(account)
    owner, purpose, count = label(agreement, found[1]), found[2], found[3]
    if purpose:
        what = Text(*PURPOSES[purpose]) if purpose in PURPOSES else label(agreement, purpose)
        return Text(f"{owner.zh} · {what.spoken('zh')}", f"{owner.en} · {what.spoken('en')}")
    return both("dispute.payees", who=owner, count=f"{int(count):,}") if count else owner
