"""March 2026 of a relationship as happenings in order of time; the same seed gives the same month.

A quiet month comes close to many limits and crosses none: prices at the promise, cheaper ones under
conditions or on other channels, words that deny what they say, returns below the ceiling, payments on their
day. With `breaches` some of it goes wrong, and `injected` says what, by code and by what a notice must name.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

ZONE = timezone(timedelta(hours=8))
FIRST = date(2026, 3, 1)
SKUS = {"serum": 29_900, "cream": 19_900, "mask": 9_900, "toner": 12_900}
"""Items and their live prices, in cents."""

SHOWS = tuple(FIRST + timedelta(days=day) for day in (3, 6, 9, 12, 15, 18, 21, 24))
ORDERS_A_SHOW = 16
DIGEST = "ab" * 32

Act = Literal["tell", "orders", "share", "end", "propose", "settle", "accept", "pay"]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something done at a time: `act` says what, `of` the register, item and event of what is told."""

    at: datetime
    act: Act
    of: tuple[str, ...] = ()
    by: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """One order line: when it was paid, received, and refunded if it was. Amounts are in cents."""

    id: str
    sku: str
    paid_minor: int
    paid_at: datetime
    confirmed_at: datetime
    refunded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Injected:
    """A breach put into the month: the code of the notice that must be given, and what it must name."""

    code: str
    key: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month: what happened in order of time, its orders, what was put in, and when the grant ends."""

    happenings: tuple[Happening, ...]
    orders: tuple[Order, ...]
    injected: frozenset[Injected]
    grant_until: date


def simulated_month(seed: int, *, breaches: bool) -> Month:
    """Return the month of a seed, quiet or with breaches."""
    return _Making(seed, breaches=breaches).month()


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return an instant of a day in Shanghai."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE).astimezone(UTC)


def money(minor: int) -> str:
    """Write cents in yuan."""
    return f"{minor // 100}.{minor % 100:02}"


class _Making:
    """The month while it is made: every draw comes from one seeded source, in one order."""

    def __init__(self, seed: int, *, breaches: bool) -> None:
        self.draw = random.Random(seed)  # noqa: S311 -- a month that can be made again, no secret
        self.breaches = breaches
        self.injected: set[Injected] = set()

    def month(self) -> Month:
        orders = tuple(self.orders())
        happenings = [
            *self.inspections(), *self.training(), *self.shows(), *self.prices(), *self.elsewhere(),
            *self.shares(), *self.papers(), *self.money(),
        ]  # fmt: skip
        until = date(2026, 4, 5) if self.inject("grant-expiring", "2026-04-05") else date(2026, 6, 30)
        ordered = tuple(sorted(happenings, key=lambda one: one.at))
        return Month(ordered, orders, frozenset(self.injected), until)

    def inject(self, code: str, key: str) -> bool:
        """Note a breach that is put in, in a month that has some; say whether it is."""
        if self.breaches:
            self.injected.add(Injected(code, key))
        return self.breaches

    def inspections(self) -> Iterator[Happening]:
        for sku in (*SKUS, "balm"):
            asked, passed = ("inspection", f"I-{sku}", "asked"), ("inspection", f"I-{sku}", "passed")
            yield Happening(at(FIRST, 10), "tell", asked, "brand", {"sku": sku, "sampled_from": "sent"})
            report = {"laboratory": "SGS", "report": DIGEST, "valid_until": "2027-02-28"}
            if sku != "balm" or not self.inject("report-missing", "balm"):
                yield Happening(at(FIRST, 15), "tell", passed, "brand", report)

    def training(self) -> Iterator[Happening]:
        item = ("training", "T-1")
        yield Happening(at(FIRST, 9), "tell", (*item, "planned"), "mcn", {"course": "law_and_rules"})
        passed = {"score": "92", "valid_until": "2027-02-28"}
        yield Happening(at(FIRST, 17), "tell", (*item, "passed"), "mcn", passed)

    def shows(self) -> Iterator[Happening]:
        for number, day in enumerate(SHOWS, 1):
            name = f"S-{number}"
            planned = {"host_type": "creator", "scheduled_at": at(day, 20).isoformat()}
            yield Happening(at(day, 9), "tell", ("session", name, "planned"), "mcn", planned)
            items = [*SKUS.items(), *([("balm", 4_900)] if number == 3 else [])]
            for minute, (sku, price) in enumerate(items):
                listed = {"sku": sku, "price": money(price)}
                yield Happening(at(day, 18, minute), "tell", ("session", name, "item_listed"), "mcn", listed)
            for check in ("product_review", "licences", "price_snapshot", "script_check", "training"):
                ticked = {"check": check, **({"shown_by": "T-1"} if check == "training" else {})}
                yield Happening(at(day, 19), "tell", ("session", name, "checked"), "mcn", ticked)
            yield Happening(at(day, 20), "tell", ("session", name, "started"), "mcn")
            yield from self.spoken(name, day, number)
            yield Happening(at(day, 22), "tell", ("session", name, "ended"), "mcn")

    def spoken(self, name: str, day: date, number: int) -> Iterator[Happening]:
        lines = self.draw.sample(_SAID, 6)
        if number in {2, 5, 7} and self.breaches:
            lines[3] = self.draw.choice(_ABSOLUTE)
        for minute, said in enumerate(lines):
            at_ms = str((number * 100 + minute) * 1_000)
            if said in _ABSOLUTE:
                self.inject("absolute-terms", at_ms)
            told = {"said": said, "at_ms": at_ms, "speaker": "streamer"}
            yield Happening(at(day, 20, 5 + minute), "tell", ("session", name, "spoken"), "mcn", told)

    def prices(self) -> Iterator[Happening]:
        days = [SHOWS[0] + timedelta(days=1 + day) for day in range(24)]
        wrong = set(self.draw.sample(range(24), 3)) if self.breaches else set()
        for number, day in enumerate(days):
            sku = self.draw.choice(list(SKUS))
            promised = SKUS[sku]
            seen = {
                "sku": sku,
                "channel": "brand_store",
                "price": money(promised),
                "seen_at": at(day, 11).isoformat(),
            }
            if number in wrong and self.inject("price-below-promise", f"{sku} {day}"):
                seen["price"] = money(promised - self.draw.randrange(1, promised // 5))
            yield self.observed(f"P-{number}a", day, seen)
            cheaper = {**seen, "price": money(promised // 2)}
            other = {"channel": "other_mall"} if number % 2 else {"conditions": "第二件半价", "quantity": "2"}
            yield self.observed(f"P-{number}b", day, {**cheaper, **other})

    @staticmethod
    def observed(name: str, day: date, seen: Mapping[str, str]) -> Happening:
        of = ("price_observation", name, "observed")
        return Happening(at(day, 12), "tell", of, "streamer", {**seen, "evidence": DIGEST})

    def elsewhere(self) -> Iterator[Happening]:
        for number, (day, within) in enumerate([(10, False), (20, self.breaches)]):
            seen_on = FIRST + timedelta(days=day)
            if within:
                self.inject("exclusivity-breached", seen_on.isoformat())
            fields = {
                "host": "streamer", "for_whom": "another brand", "evidence": DIGEST,
                "within_field": "true" if within else "false", "seen_at": at(seen_on, 21).isoformat(),
            }  # fmt: skip
            of = ("session_observation", f"E-{number}", "observed")
            yield Happening(at(seen_on, 22), "tell", of, "brand", fields)

    def shares(self) -> Iterator[Happening]:
        for week in range(4):
            day = FIRST + timedelta(days=5 + 7 * week)
            asked = {"recipient": "mcn", "purpose": "对账", "fields": "paid sku"}
            if week == 1 and self.inject("data-beyond-grant", "营销"):
                asked["purpose"] = "营销"
            if week == 2 and self.inject("data-beyond-grant", "对账"):
                asked["fields"] = "paid buyer_phone"
            yield Happening(at(day, 14), "share", by="platform", fields=asked)

    def papers(self) -> Iterator[Happening]:
        ended_on = "2026-03-25" if self.inject("notice-period-broken", "2026-03-10") else "2026-04-30"
        told = {"noticed_on": "2026-03-10", "ended_on": ended_on}
        yield Happening(at(date(2026, 3, 10), 16), "end", by="brand", fields=told)
        binds = "2026-03-28" if self.inject("change-noticed-late", "2") else "2026-04-20"
        yield Happening(at(date(2026, 3, 20), 10), "propose", fields={"effective_from": binds})

    def money(self) -> Iterator[Happening]:
        for day in (8, 15, 22, 29):
            yield Happening(at(FIRST + timedelta(days=day), 8), "orders")
        for number, day in enumerate((16, 23)):
            settled = FIRST + timedelta(days=day)
            yield Happening(at(settled, 10), "settle")
            yield Happening(at(settled + timedelta(days=1), 10), "accept")
            late = 4 if number else 0
            if late and self.breaches:
                for party in ("brand", "mcn", "streamer"):
                    self.inject("settlement-late", party)
            paid = settled + timedelta(days=3 + (late if self.breaches else 0))
            yield Happening(at(paid, 15), "pay")

    def orders(self) -> Iterator[Order]:
        """Yield orders of each show; one in ten comes back, and of one item two in five if it goes wrong."""
        bad = self.draw.choice(list(SKUS))
        number = 0
        for day in SHOWS:
            for place in range(ORDERS_A_SHOW):
                sku = list(SKUS)[place % len(SKUS)]
                number += 1
                paid_at = at(day, 21, place)
                confirmed = paid_at + timedelta(days=2, hours=self.draw.randrange(20))
                returned = number % 5 < 2 if sku == bad and self.breaches else self.draw.random() < 0.1
                refunded = confirmed + timedelta(days=1) if returned else None
                yield Order(f"M-{number:04}", sku, SKUS[sku], paid_at, confirmed, refunded)
        self.inject("return-rate-high", bad)


_SAID = (
    "这款精华我自己用了两个月", "不敢说全国第一，但是真的好用", "按最高级别的标准出厂",
    "今天直播间的价格给到大家",
    "敏感肌先做耳后测试", "质地清爽，吸收很快", "别说全网第一这种话，我们看成分表", "库存不多，拍完就没有了",
    "七天无理由退货", "成分表在详情页", "没有最佳的护肤品，只有合适的", "运费由商家承担",
)  # fmt: skip
"""What is said on air in a quiet month: some of it denies a claim, or has its letters in another word."""

_ABSOLUTE = ("这款面霜全国第一", "全网第一的价格", "顶级成分，闭眼入", "国家级的实验室出品")
