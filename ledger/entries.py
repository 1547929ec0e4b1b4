"""What a writer hands to the log: entries, their disclosure groups and postings, each validating itself.

They are structs and not dataclasses, and unseen by the search for reference cycles, of which they can hold
none: a batch makes seventy thousand, and they cost a third. `msgspec.structs.replace` changes a copy.

Not here: the canonical bytes of these (leaves.py), and how they are sequenced and stored (log.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import force_setattr

from ledger.errors import EntryInvalid
from policies.errors import did_you_mean
from policies.money import MINOR_DIGITS

CONCERNS = "concerns"
"""Name of the group that the log itself adds to each entry: whom it concerns, readable by auditors."""

AUDITOR = "auditor"
"""The reader that every `concerns` group names."""

SOURCE_LIMIT = 128
ID_LIMIT = 512
GROUPS_LIMIT = 64
CONCERNS_LIMIT = 1_000
POSTINGS_LIMIT = 10_000
AMOUNT_LIMIT_MINOR = 2**53
"""Postings stay strictly below this size, so that they are exact in canonical JSON."""

_KIND = re.compile(r"[a-z][a-z0-9_]{0,31}(\.[a-z][a-z0-9_]{0,31}){1,3}")
_REF = re.compile(r"[a-z0-9][a-z0-9-]{0,63}@[1-9][0-9]{0,8}")
_AGREEMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_PARTY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}")
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_PURPOSE = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")

_PATTERNS = {
    "kind": (_KIND, "past-tense dotted words such as sale.recorded"),
    "agreement": (_REF, "an agreement version such as autumn-beauty@2"),
    "agreement_id": (_AGREEMENT, "an agreement id such as autumn-beauty"),
    "party": (_PARTY, "a party id: ASCII letters, digits and . _ : @ -, at most 128"),
    "name": (_NAME, "a group name: lower-case ASCII letters, digits and . _ -, at most 64"),
    "purpose": (_PURPOSE, "an account purpose: lower-case ASCII letters, digits, _ and -, no dot"),
    "currency": (_CURRENCY, "a currency code of three capitals such as CNY"),
}


@lru_cache(maxsize=8192)
def _require(rule: str, value: Any, where: str) -> None:
    pattern, wanted = _PATTERNS[rule]
    if type(value) is not str or not pattern.fullmatch(value):
        raise EntryInvalid(f"{value!r:.80} is not {wanted}", where=where)


def require_plain(value: Any, limit: int, where: str) -> None:
    """Refuse anything but text of 1 to `limit` characters with no control characters. Raises EntryInvalid."""
    if type(value) is str and 0 < len(value) <= limit and (value.isprintable() or _PLAIN.fullmatch(value)):
        return
    raise EntryInvalid(
        f"{value!r:.80} must be 1 to {limit} characters with no control characters", where=where
    )


@lru_cache(maxsize=8192)
def _require_account(owner: Any, purpose: Any, agreement: Any, currency: Any, kind: Any) -> None:
    _require("party", owner, "posting.owner")
    _require("purpose", purpose, "posting.purpose")
    _require("agreement_id", agreement, "posting.agreement")
    _require("currency", currency, "posting.currency")
    _require("name", kind, "posting.kind")


def _require_place(place: Any) -> None:
    if type(place) is not tuple or [type(part) for part in place] != [int, int] or min(place) < 0:
        raise EntryInvalid(
            f"{place!r:.80} must be the seq of an entry and the number of a posting in it",
            where="posting.reverses",
        )


class Posting(Struct, frozen=True, kw_only=True, gc=False):
    """One change of one account: `amount_minor` > 0 credits (increases) it, < 0 debits it, never 0.

    The account is (owner, agreement, purpose, currency). `agreement` is an agreement id with no version,
    `clause` the clause that asks for the posting, `kind` what it is (sale, leg, reversal, penalty…).
    The postings of an entry, over all its groups, sum to zero per currency. `reverses` names the earlier
    posting that this one takes back: the seq of its entry, and its number in it (see reversals.py).
    """

    owner: str
    purpose: str
    agreement: str
    currency: str
    amount_minor: int
    clause: str
    kind: str
    reverses: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        _require_account(self.owner, self.purpose, self.agreement, self.currency, self.kind)
        require_plain(self.clause, 128, "posting.clause")
        amount = self.amount_minor
        if type(amount) is not int or amount == 0 or not -AMOUNT_LIMIT_MINOR < amount < AMOUNT_LIMIT_MINOR:
            raise EntryInvalid(
                f"{amount!r:.40} must be an integer of minor units, not 0, below 2^53 in size",
                where="posting.amount_minor",
            )
        if self.reverses is not None:
            _require_place(self.reverses)

    @property
    def account(self) -> str:
        """The account as text, OWNER.PURPOSE; a purpose has no dot, so the last dot parts them."""
        return f"{self.owner}.{self.purpose}"

    def as_json(self) -> dict[str, Any]:
        """Return the canonical form of the posting, as it stands in an opened group."""
        form: dict[str, Any] = {
            "account": f"{self.owner}.{self.purpose}",
            "agreement": self.agreement,
            "amount_minor": self.amount_minor,
            "clause": self.clause,
            "currency": self.currency,
            "kind": self.kind,
        }
        if self.reverses is not None:
            form["reverses"] = {"n": self.reverses[1], "seq": self.reverses[0]}
        return form


@lru_cache(maxsize=8192)
def _require_readers(readers: tuple[str, ...], where: str) -> None:
    if not readers:
        raise EntryInvalid("a group needs at least one reader", where=where)
    for reader in readers:
        _require("party", reader, where)
    if list(readers) != sorted(set(readers)):
        raise EntryInvalid("readers must be sorted, each once", where=where)


class Group(Struct, frozen=True, gc=False):
    """A disclosure group: the part of an entry that is shown, withheld or erased as a whole.

    `readers` are global party ids, given in any order and kept sorted. `content` is a JSON object held to
    canonical JSON (no floats); `postings` come with the group that its readers may see them in.
    """

    name: str
    readers: tuple[str, ...]
    content: dict[str, Any]
    postings: tuple[Posting, ...] = ()

    def __post_init__(self) -> None:
        _require("name", self.name, "group.name")
        where = "group.readers"
        if type(self.readers) is not tuple:
            force_setattr(self, "readers", tuple(self.readers))
        try:
            _require_readers(self.readers, where)
        except EntryInvalid:
            force_setattr(self, "readers", tuple(sorted(set(self.readers))))
            _require_readers(self.readers, where)
        if type(self.content) is not dict:
            raise EntryInvalid("content must be a JSON object", where=f"group {self.name}")
        if type(self.postings) is not tuple:
            force_setattr(self, "postings", tuple(self.postings))

    def as_json(self) -> dict[str, Any]:
        """Return the opened form of the group, whose canonical bytes are committed to."""
        return {
            "content": self.content,
            "name": self.name,
            "postings": [posting.as_json() for posting in self.postings],
            "readers": list(self.readers),
        }


class NewEntry(Struct, frozen=True, kw_only=True, gc=False):
    """An entry before the log has taken it: no seq and no recorded time yet.

    `source` and `id` together are its key for ever: the same again is a repeat, anything else under them a
    conflict. `occurred_at` is aware and keeps its offset. `concerns` are the global ids of the parties that
    the entry concerns; the log writes them into the salted group `concerns`, never into the clear.
    """

    source: str
    id: str
    kind: str
    occurred_at: datetime
    asserter: str
    groups: tuple[Group, ...] = ()
    agreement: str | None = None
    concerns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_plain(self.source, SOURCE_LIMIT, "entry.source")
        require_plain(self.id, ID_LIMIT, "entry.id")
        _require("kind", self.kind, "entry.kind")
        _require("party", self.asserter, "entry.asserter")
        if self.agreement is not None:
            _require("agreement", self.agreement, "entry.agreement")
        require_instant(self.occurred_at, "entry.occurred_at")
        if type(self.groups) is not tuple:
            force_setattr(self, "groups", tuple(self.groups))
        if type(self.concerns) is not tuple or list(self.concerns) != sorted(set(self.concerns)):
            force_setattr(self, "concerns", tuple(sorted(set(self.concerns))))
        self._require_groups()
        self._require_concerns()

    def _require_groups(self) -> None:
        names = [group.name for group in self.groups]
        if CONCERNS in names:
            raise EntryInvalid("the log writes that group itself; give `concerns`", where=f"group {CONCERNS}")
        if len(set(names)) != len(names) or len(names) >= GROUPS_LIMIT:
            raise EntryInvalid(
                f"{self.id!r}: group names must differ, fewer than {GROUPS_LIMIT} of them", where="groups"
            )
        require_balanced((posting for group in self.groups for posting in group.postings), self.id)

    def _require_concerns(self) -> None:
        if len(self.concerns) > CONCERNS_LIMIT:
            raise EntryInvalid(f"more than {CONCERNS_LIMIT} parties", where="entry.concerns")
        for party in self.concerns:
            _require("party", party, "entry.concerns")


def entry_of(  # noqa: PLR0913 -- the parts of one entry
    group: Group,
    *,
    source: str,
    id: str,  # noqa: A002 -- an entry's id
    kind: str,
    at: datetime,
    by: str,
    agreement: str | None,
) -> NewEntry:
    """Return an entry of one group, which concerns those who read it. Raises EntryInvalid."""
    return NewEntry(
        source=source,
        id=id,
        kind=kind,
        occurred_at=at,
        asserter=by,
        agreement=agreement,
        concerns=group.readers,
        groups=(group,),
    )


@lru_cache(maxsize=256)
def _offset_is_whole(offset: timedelta) -> bool:
    return offset % timedelta(minutes=1) == timedelta(0)


def require_instant(value: Any, where: str) -> None:
    """Refuse a datetime that is naive, or whose offset RFC 3339 cannot write. Raises EntryInvalid."""
    offset = value.utcoffset() if isinstance(value, datetime) else None
    if offset is None or not _offset_is_whole(offset):
        raise EntryInvalid(f"{value!r:.80} must be a datetime with an offset of whole minutes", where=where)
    if not 1900 <= value.year <= 9000:
        raise EntryInvalid(f"the year {value.year} lies outside 1900 to 9000", where=where)


def require_balanced(postings: Iterable[Posting], where: str) -> None:
    """Refuse postings that do not sum to zero per currency, or in a currency of which no minor unit is known.

    Raises EntryInvalid naming the difference, or the currency.
    """
    sums: dict[str, int] = defaultdict(int)
    count = 0
    for posting in postings:
        sums[posting.currency] += posting.amount_minor
        count += 1
    for currency, total in sums.items():
        if currency not in MINOR_DIGITS:
            hint = did_you_mean(currency, MINOR_DIGITS)
            raise EntryInvalid(f"unknown currency '{currency}'{hint}", where=f"{where}, posting.currency")
        if total:
            raise EntryInvalid(f"postings leave {total} minor units of {currency} over", where=where)
    if count > POSTINGS_LIMIT:
        raise EntryInvalid(f"more than {POSTINGS_LIMIT} postings; write several entries", where=where)
