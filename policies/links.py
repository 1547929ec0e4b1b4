"""Agreements that name each other: whether the documents a deal consists of are all there and fit together.

Every document names others by id and version. What is checked here needs several documents at once: that
each named version is given, has the digest that was pinned and is in force, that nothing leads back to
itself, and that a leg which feeds another split exists, is in its currency and pays a party of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.agreement import Agreement
from policies.clauses.commission import FedWhole, Step
from policies.document import Link
from policies.errors import AgreementRejected, Finding, did_you_mean
from policies.source import Path


class LinksRejected(AgreementRejected):
    """Documents that name each other and do not fit together, with the findings of the first that misfits."""

    code = "agreement.links"


@dataclass(frozen=True, slots=True)
class Feed:
    """How one split feeds the next: by which legs of which version, and from whose account they go on.

    `payee` is that party's id across agreements; `account` is its account in the document that is fed: what
    it received under the one and brings into the other, which is not its to be paid again.
    """

    source: str
    legs: tuple[str, ...]
    payee: str
    account: str


@dataclass(frozen=True)
class Linked:
    """Documents that fit together, each after those it names. `feeds` is by the version that is fed."""

    agreements: tuple[Agreement, ...]
    feeds: Mapping[str, Feed]

    def roots(self) -> tuple[Agreement, ...]:
        """Return the documents at which an order's money comes in: those that split and are not fed."""
        splitting = (one for one in self.agreements if one.commission is not None)
        return tuple(one for one in splitting if one.ref not in self.feeds)

    def chain(self, root: Agreement) -> tuple[Agreement, ...]:
        """Return a root and every document that it feeds, directly or not, each after its feeder."""
        reached = {root.ref}
        for one in self.agreements:
            if one.ref in self.feeds and self.feeds[one.ref].source in reached:
                reached.add(one.ref)
        return tuple(one for one in self.agreements if one.ref in reached)


def link_agreements(agreements: Sequence[Agreement]) -> Linked:
    """Put documents that name each other together. Raises LinksRejected with what does not fit."""
    misfits: dict[str, list[Finding]] = {}
    names = {one.ref: one.name for one in agreements}
    for one, finding in link_findings(agreements):
        misfits.setdefault(one.ref, []).append(finding)
    for ref, findings in misfits.items():
        raise LinksRejected(names[ref], tuple(findings))
    given = {one.ref: one for one in agreements}
    ordered: list[Agreement] = []
    while len(ordered) < len(given):
        done = {one.ref for one in ordered}
        ordered += [
            one
            for one in given.values()
            if one.ref not in done and all(link.ref in done for link in one.document.links or ())
        ]
    feeds = {one.ref: _feed(one, given[_feeding(one).ref]) for one in ordered if _fed(one) is not None}
    return Linked(tuple(ordered), feeds)


def feed_between(one: Agreement, source: Agreement) -> Feed:
    """Return how one document feeds another, whatever else that links to. Raises LinksRejected."""
    link = _feeding(one)
    path: Path = ("links", (one.document.links or ()).index(link))
    misfits = (*_link(one, link, {source.ref: source}, path), *_feed_findings(one, source))
    if misfits:
        raise LinksRejected(one.name, misfits)
    return _feed(one, source)


def fed_by(agreement: Agreement) -> Link | None:
    """Return the link to what feeds a document's split; None where its whole is its own."""
    return None if _fed(agreement) is None else _feeding(agreement)


def link_findings(agreements: Sequence[Agreement]) -> Iterator[tuple[Agreement, Finding]]:
    """Yield each misfit of documents that name each other, with the document in which it stands."""
    given = {one.ref: one for one in agreements}
    yield from _given_twice(agreements)
    for one in given.values():
        for index, link in enumerate(one.document.links or ()):
            for finding in _link(one, link, given, ("links", index)):
                yield one, finding
            if one.ref in _reached(link.ref, given):
                message = f"links lead from {one.ref} back to itself; one of the documents must stand alone"
                zh = f"链接由 {one.ref} 出发又回到自身，须有一份文件不再链接"
                yield one, one.finding("link.circle", message, ("links", index), message_zh=zh)
        if _fed(one) is not None and _feeding(one).ref in given:
            for finding in _feed_findings(one, given[_feeding(one).ref]):
                yield one, finding


def _given_twice(agreements: Sequence[Agreement]) -> Iterator[tuple[Agreement, Finding]]:
    splitting: dict[str, Agreement] = {}
    for one in agreements:
        first = splitting.setdefault(one.id, one) if one.commission is not None else one
        if first is not one:
            message = f"{first.ref} and {one.ref} are given; give the one in force when the orders were sold"
            zh = f"同时给出了 {first.ref} 与 {one.ref}；请只给出成交时有效的版本"
            yield one, one.finding("link.two-versions", message, ("version",), message_zh=zh)


def _link(one: Agreement, link: Link, given: Mapping[str, Agreement], path: Path) -> Iterator[Finding]:
    if link.ref not in given:
        yield _not_given(one, link, given, path)
        return
    named = given[link.ref]
    if link.sha256 is not None and link.sha256 != named.sha256:
        message = f"the digest of {link.ref} is {named.sha256}, not the one pinned here; it is another text"
        zh = f"{link.ref} 的摘要为 {named.sha256}，与此处所载不符，并非同一文本"
        yield one.finding("link.digest", message, (*path, "sha256"), message_zh=zh)
    start, named_start = one.document.effective_from, named.document.effective_from
    if start < named_start:
        message = f"{one.ref} takes effect on {start}, before {link.ref}, which does on {named_start}"
        zh = f"{one.ref} 自 {start} 生效，早于所链接的 {link.ref}（{named_start}）"
        yield one.finding("link.not-in-force", message, (*path, "version"), message_zh=zh)
    if link.as_ == "frame":
        yield from _under_frame(one, named, path)


def _not_given(one: Agreement, link: Link, given: Mapping[str, Agreement], path: Path) -> Finding:
    others = sorted(other.version for other in given.values() if other.id == link.agreement)
    if others:
        have = ", ".join(str(version) for version in others)
        message = f"{one.ref} names {link.ref}, but only version {have} of it was given"
        zh = f"{one.ref} 指明 {link.ref}，但只给出了第 {have} 版"
        return one.finding("link.version", message, (*path, "version"), message_zh=zh)
    near = did_you_mean(link.agreement, [other.id for other in given.values() if other.id != one.id])
    message = f"{one.ref} names {link.ref}, which was not given{near}"
    zh = f"{one.ref} 指明 {link.ref}，但未给出该文件"
    return one.finding("link.missing", message, (*path, "agreement"), message_zh=zh)


def _under_frame(one: Agreement, frame: Agreement, path: Path) -> Iterator[Finding]:
    known = {frame.party_id(key) for key in frame.parties}
    for key in one.parties:
        if one.party_id(key) not in known:
            message = f"'{key}' is no party of the frame {frame.ref}, so it cannot order under it"
            zh = f"“{key}”不是框架协议 {frame.ref} 的当事人，不能依其下单"
            yield one.finding("link.frame-party", message, path, message_zh=zh)


def _reached(start: str, given: Mapping[str, Agreement]) -> set[str]:
    """Return every version that links lead to from one, itself included."""
    found, ahead = set[str](), [start]
    while ahead:
        ref = ahead.pop()
        if ref not in found and ref in given:
            found.add(ref)
            ahead += [link.ref for link in given[ref].document.links or ()]
    return found


# ---- what feeds a split


def _fed(one: Agreement) -> FedWhole | None:
    return one.commission.fed if one.commission is not None else None


def _feeding(one: Agreement) -> Link:
    """Return the link by which a fed document names what feeds it; reading the document made sure of it."""
    fed = _fed(one)
    assert fed is not None, "only a fed document is asked"
    return next(
        link for link in one.document.links or () if (link.agreement, link.as_) == (fed.from_, "feeds")
    )


def _legs(source: Agreement, name: str) -> tuple[Step, ...]:
    """Return the leg of that name, or every leg of the pool of that name; none where there is neither."""
    steps: Iterable[Step] = source.commission.waterfall if source.commission else ()
    return tuple(step for step in steps if name in {step.leg, step.from_})


def _counted(source: Agreement) -> set[str]:
    """Return the legs that an entry of a window may change: its pool's, and the rest beside it."""
    steps = source.commission.waterfall if source.commission else ()
    counted = {step.name: step.from_ for step in steps if step.over is not None}
    beside = {step.name for step in steps if step.rest and step.from_ in counted.values()}
    return {*counted, *(step.name for step in steps if step.from_ in counted), *beside}


def _owner(step: Step) -> str:
    return (step.to or "").partition(".")[0]


def _feed_findings(one: Agreement, source: Agreement) -> Iterator[Finding]:
    fed, commission = _fed(one), one.commission
    assert fed is not None
    assert commission is not None
    path: Path = ("clauses", one.document.clauses.index(commission), "whole")
    if one.currency != source.currency:
        message = f"{source.ref} pays in {source.currency}, but {one.ref} is in {one.currency}"
        zh = f"{source.ref} 以 {source.currency} 支付，而 {one.ref} 的币种为 {one.currency}"
        yield one.finding("link.currency", message, path, message_zh=zh)
    legs = _legs(source, fed.leg)
    if not legs:
        known = [step.name for step in source.commission.waterfall] if source.commission else []
        message = f"'{fed.leg}' is neither a leg nor a pool of {source.ref}{did_you_mean(fed.leg, known)}"
        zh = f"{source.ref} 没有名为“{fed.leg}”的分配项或池"
        yield one.finding("link.leg", message, (*path, "leg"), message_zh=zh)
        return
    if source.commission is not None and source.commission.rounding.at == "statement":
        message = f"{source.ref} rounds per statement, so it does not say line by line what it passes on"
        zh = f"{source.ref} 按结算单取整，不能逐单确定转入金额"
        yield one.finding("link.statement", message, (*path, "from"), message_zh=zh)
    if changing := sorted({step.name for step in legs} & _counted(source)):
        message = (
            f"what '{changing[0]}' of {source.ref} pays may still change over a window, and what a window"
            " makes up later is not passed on; name a leg beside it"
        )
        zh = f"{source.ref} 的“{changing[0]}”按期间累计、事后补足，补足部分无法转入；请指明其他分配项"
        yield one.finding("link.window", message, (*path, "leg"), message_zh=zh)
    owners = sorted({_owner(step) for step in legs})
    if len(owners) > 1:
        message = f"the legs of '{fed.leg}' in {source.ref} pay {', '.join(owners)}; name a leg that pays one"
        zh = f"{source.ref} 的池“{fed.leg}”付给多方（{', '.join(owners)}）；请指明付给一方的分配项"
        yield one.finding("link.leg", message, (*path, "leg"), message_zh=zh)
    elif _key_of(one, source, owners[0]) is None:
        message = f"'{fed.leg}' of {source.ref} pays {owners[0]}, who is no party of {one.ref}"
        zh = f"{source.ref} 的“{fed.leg}”付给 {owners[0]}，而其不是 {one.ref} 的当事人"
        yield one.finding("link.leg-party", message, (*path, "leg"), message_zh=zh)


def _key_of(one: Agreement, source: Agreement, owner: str) -> str | None:
    """Return the key that a party of the feeding document has in the fed one, None where it is no party."""
    if owner not in source.parties:
        return None
    wanted = source.party_id(owner)
    return next((key for key in one.parties if one.party_id(key) == wanted), None)


def _feed(one: Agreement, source: Agreement) -> Feed:
    fed = _fed(one)
    assert fed is not None
    legs = _legs(source, fed.leg)
    key = _key_of(one, source, _owner(legs[0]))
    assert key is not None, "the documents fit together"
    return Feed(source.ref, tuple(step.name for step in legs), one.party_id(key), f"{key}.clearing")
