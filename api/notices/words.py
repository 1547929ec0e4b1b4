"""What a notice says, in both languages: the words of its code, filled in with what it is about."""

from __future__ import annotations

from api.language import LANGUAGES, catalogue
from api.reading import Text, plain
from api.worded import both, label, party_by_id
from ledger.notices.notice import NewNotice
from ledger.registers.declaration import registers
from policies.agreement import Agreement
from policies.packs.shipped import shipped_packs


class _Known(dict[str, str]):
    """Values by name; a name that a notice does not give is a dash, and no page fails for it."""

    def __missing__(self, name: str) -> str:
        return "—"


def said(new: NewNotice, agreement: Agreement | None = None) -> Text:
    """Return a notice in words, its code where the house has none; parties by name where it can."""
    if not catalogue("en").has(f"notice.{new.code}"):
        return plain(new.code)
    zh, en = (_said(new, agreement, language) for language in LANGUAGES)
    return Text(zh, en)


def _said(new: NewNotice, agreement: Agreement | None, language: str) -> str:
    ref = new.agreement or ""
    values = _Known(clause=new.clause or "—", agreement=ref.partition("@")[0] or "—", **new.figures)
    for name, text in new.about.items():
        values[name] = about_words(name, text, agreement).spoken(language)
    if "rule" in new.figures:
        values["law"] = law_of(new.figures["rule"]).spoken(language)
    words = catalogue("zh" if language == "zh" else "en")
    return words.text(f"notice.{new.code}").format_map(values)


def law_of(rule: str) -> Text:
    """Return the articles that a rule of a pack (PACK.RULE) cites, the rule itself where no pack has it."""
    for pack in shipped_packs():
        for one in pack.rules:
            if f"{pack.pack}.{one.id}" == rule:
                cited = [(pack.sources[cite.source].title, cite.article) for cite in one.cites]
                zh = "、".join(f"{title.zh}第 {article} 条" for title, article in cited)
                return Text(zh, "; ".join(f"{title.en}, {article}" for title, article in cited))
    return plain(rule)


def about_words(name: str, text: str, agreement: Agreement | None) -> Text:
    """Return what a notice is about: a channel as the document calls it, anything else as `valued` does."""
    return label(agreement, text) if name == "channel" and agreement is not None else valued(text, agreement)


def figured(name: str, text: str) -> Text:
    """Return a figure of a notice: the house's words for it where it has them, else as it stands."""
    if name == "rule":
        return law_of(text)
    key = f"notice-{name}.{text}"
    return both(key) if catalogue("en").has(key) else plain(text)


def valued(text: str, agreement: Agreement | None) -> Text:
    """Return what a notice is about: a party, a register or its clock by name, anything else as it stands."""
    kind, _, name = text.partition(":")
    if kind in {"register", "clock"}:
        return _declared(name)
    known = agreement is not None and any(agreement.party_id(key) == text for key in agreement.parties)
    return party_by_id(agreement, text).name if agreement is not None and known else plain(text)


def _declared(name: str) -> Text:
    """Return the words of a register, or of `REGISTER.CLOCK`; the name itself where there is none."""
    of, _, clock_id = name.partition(".")
    declared = registers().get(of)
    if declared is None:
        return plain(name)
    words = next((one.text for one in declared.clocks if one.id == clock_id), declared.title)
    return Text(words.zh, words.en)
