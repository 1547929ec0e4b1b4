"""What parties should know of an amendment before they sign it: its start, its notice, how far back it goes.

Reads two versions of one agreement. Whether the new one pays a party less is `policies.diff.less`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.diff.terms import changed_terms
from policies.errors import Finding
from policies.source import Path
from policies.versions.notice import Lawful, lawful_effective, notice_asked, notice_of_law
from policies.versions.timeline import start_of

_NOTICE: Path = ("supersedes", "notice")


def amendment_findings(previous: Agreement, amendment: Agreement) -> list[Finding]:
    """Return what an amendment's parties should know, as findings at the lines of the amendment."""
    return [*_start(previous, amendment), *_back(previous, amendment), *_leaving(previous, amendment)]


def _start(previous: Agreement, amendment: Agreement) -> Iterator[Finding]:
    follows, asked = amendment.document.supersedes, notice_asked(previous)
    if follows is not None and follows.transition == "retroactive":
        return
    notice = follows.notice if follows else None
    if notice is None:
        if asked is not None:
            yield amendment.finding(
                "amendment.notice-not-stated",
                f"{asked.source} of version {previous.version} asks for {asked.few} days of notice,"
                f" {asked.many} where many are affected; say when this was made known with 'notice' in"
                " 'supersedes'",
                ("supersedes",) if follows else ("version",),
                severity="warning",
                message_zh=f"第 {previous.version} 版{asked.source_zh}要求提前 {asked.few} 日公示，"
                f"影响多数用户的 {asked.many} 日；请在 supersedes 中以 notice 写明公示日",
            )
        return
    own = lawful_effective(amendment, *([asked] if asked else []))
    if own.delayed:
        yield _later(amendment, own)
    law = notice_of_law(amendment)
    by_law = lawful_effective(amendment, *([law] if law else []))
    if by_law.day > own.day:
        yield amendment.finding(
            "amendment.notice-of-law",
            f"it starts on {own.day}, but by law it may bind from {by_law.day} only: {by_law.reason('en')}",
            _NOTICE,
            severity="warning",
            message_zh=f"于 {own.day} 生效，但依法可能须自 {by_law.day} 起方有约束力：{by_law.reason('zh')}",
        )


def _later(amendment: Agreement, lawful: Lawful) -> Finding:
    return amendment.finding(
        "amendment.starts-later",
        f"takes effect on {lawful.day} instead of {lawful.stated}: {lawful.reason('en')}",
        _NOTICE,
        severity="warning",
        message_zh=f"生效日为 {lawful.day}，而非 {lawful.stated}：{lawful.reason('zh')}",
    )


def _back(previous: Agreement, amendment: Agreement) -> Iterator[Finding]:
    start = start_of(amendment, previous)
    if start is None or start.because != "consent":
        return
    changes = changed_terms(previous, amendment)
    touched = dict.fromkeys(f"{one.part} {one.item}".strip() for one in changes)
    parties = dict.fromkeys([*previous.parties, *amendment.parties])
    stated = amendment.document.effective_from
    yield amendment.finding(
        "amendment.retroactive",
        f"orders from {start.day} until {stated} are read anew, for which {', '.join(parties)} must"
        f" each sign; it changes {', '.join(touched) or 'nothing'}",
        ("supersedes", "from"),
        severity="warning",
        message_zh=f"自 {start.day} 至 {stated} 的订单将按新条款重算，须经{'、'.join(parties)}各自签署；"
        f"所变更：{'、'.join(touched) or '无'}",
    )


def _leaving(previous: Agreement, amendment: Agreement) -> Iterator[Finding]:
    staying = {amendment.party_id(key) for key in amendment.parties}
    for key in previous.parties:
        if previous.party_id(key) not in staying:
            yield amendment.finding(
                "amendment.party-leaves",
                f"'{key}' is a party of version {previous.version} but not of this one, and must sign it too",
                ("parties",),
                severity="warning",
                message_zh=f"“{key}”是第 {previous.version} 版的当事人而不在本版，仍须签署本版",
            )
