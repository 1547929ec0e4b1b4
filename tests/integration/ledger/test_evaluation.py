"""Evaluation over the log on both databases: equal windows, no voided records, and what is cautioned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from msgspec import structs

from ledger.database import open_engine
from ledger.entries import Group, NewEntry
from ledger.evaluation.errors import EvaluationUnready
from ledger.evaluation.evaluation import Evaluation, evaluate
from ledger.evaluation.measures import Measure
from ledger.intake.events import BUYER_GROUP
from ledger.log import Log
from ledger.notices.giving import dismiss_notice, give_notice
from ledger.notices.notice import NewNotice
from ledger.registers.asking import Standing, Telling
from ledger.registers.telling import tell, tell_all
from ledger.voids import GROUP, VOIDED_KIND
from migrations.apply import migrate
from policies.agreement import Agreement
from policies.versions.timeline import timeline
from tests.settlement_world import instant, plain, sale

FIRST = plain()
SECOND = plain(
    was1="version: 1\n", now1="version: 2\nsupersedes: {version: 1, transition: by_order_time}\n",
    was2="effective_from: 2026-02-01", now2="effective_from: 2026-03-01",
)  # fmt: skip
PERIODS = timeline([FIRST, SECOND])
NOW = datetime(2026, 4, 15, 4, tzinfo=UTC)
READERS = ("brand", "mcn", "platform", "streamer")


def bought(entry: NewEntry, buyer: str) -> NewEntry:
    return structs.replace(entry, groups=(*entry.groups, Group(BUYER_GROUP, ("platform",), {"buyer": buyer})))


def orders() -> Iterator[NewEntry]:
    """Two orders a day in February, three from March on; buyers come back every ten days."""
    day = datetime(2026, 2, 1)  # noqa: DTZ001 (a local day)
    while day < datetime(2026, 4, 15):  # noqa: DTZ001
        agreement, number = (FIRST, 2) if day.month == 2 else (SECOND, 3)
        for place in range(number):
            name = f"{day:%m%d}-{place}"
            at = f"{day:%Y-%m-%d}T1{place}:00:00"
            yield bought(sale(agreement, name, at=at, paid="100.00"), f"b{day.toordinal() % 10}-{place}")
        day += timedelta(days=1)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """One log for all claims here, in a database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('evaluation') / 'ledger.db'}"
    else:
        url = request.getfixturevalue("postgres_server").fresh()
    engine = open_engine(url)
    migrate(engine)
    log = Log(engine, clock=lambda: NOW)
    log.append(list(orders()))
    survey(log)
    tell_all(log, list(watched()))
    yield log
    engine.dispose()


def survey(log: Log) -> None:
    for month, scores in (("02", [3, 3, 4, 2, 5]), ("03", [5, 4, 4, 5, 3])):
        for number, score in enumerate(scores):
            fields = {"score": str(score), "recommend": str(score * 2)}
            told(log, f"{month}-{number}", fields, f"2026-{month}-1{number}")
    told(log, "voided", {"score": "1"}, "2026-03-15")
    tell(log, SECOND, "survey", "voided", "voided", {"reason": "not a buyer"}, by="platform", at=NOW)
    for name, day in (("N1", "2026-02-03"), ("N2", "2026-03-04"), ("N3", "2026-03-05")):
        new = NewNotice(
            id=name, code="price-below-promise", agreement=FIRST.ref, clause="6.1", about={}, cites=(),
            figures={}, readers=READERS, severity="breach",
        )  # fmt: skip
        give_notice(log, new, at=instant(day), by="monitor")
    dismiss_notice(log, "N3", by="brand", reason="another item", at=NOW)


def watched() -> Iterator[Telling]:
    """Sessions in both windows, and incidents: some confirmed, one dismissed since, one only reported."""
    trained = Standing(party="streamer", roles=frozenset({"mcn"}))
    about = {"course": "law_and_rules", "trainee": "Lin"}
    yield Telling("training", "T1", "planned", about, "mcn", NOW, instant("2026-02-01"), trained)
    passed = {"score": "88", "valid_until": "2027-05-01"}
    yield Telling("training", "T1", "passed", passed, "mcn", NOW, instant("2026-02-02"), trained)
    yield from on_air("B1", "2026-02-05")
    yield from on_air("B2", "2026-02-10")
    yield from on_air("B3", "2026-02-28")  # goes on after an interruption, in the window after
    yield happened("session", "B3", "stopped", "2026-02-28T21:00:00", reason="power cut")
    yield happened("session", "B3", "started", "2026-03-01T09:00:00")
    for number in range(1, 5):
        yield from on_air(f"A{number}", f"2026-03-0{number + 3}")
    for name, severity in (("A1", "warning"), ("A2", "notice"), ("A3", "stop")):
        flagged = {"at_ms": "10", "rule": "absolute-terms", "severity": severity, "found_by": "person"}
        yield happened("session", name, "flagged", "2026-03-10", **flagged)
    yield from incident("I1", "false_claim", "2026-02-06", session="B1", confirmed="2026-02-08")
    yield from incident("I2", "safety", "2026-02-27", confirmed="2026-03-02")
    yield from incident("I3", "defect", "2026-03-06", session="A1", confirmed="2026-03-07")
    yield happened("incident", "I3", "remedied", "2026-03-09", measures="recalled")
    yield from incident("I4", "defect", "2026-03-06", session="A4", confirmed="2026-03-08")
    yield happened("incident", "I4", "dismissed", "2026-03-12", reason="another lot")
    yield from incident("I5", "counterfeit", "2026-03-06", session="A2")


def on_air(name: str, day: str) -> Iterator[Telling]:
    yield happened("session", name, "planned", f"{day}T08:00:00", host_type="creator")
    for check in ("product_review", "licences", "price_snapshot", "script_check"):
        yield happened("session", name, "checked", f"{day}T08:30:00", check=check)
    shown = {"check": "training", "shown_by": "T1"}
    yield happened("session", name, "checked", f"{day}T08:30:00", **shown)
    yield happened("session", name, "started", f"{day}T20:00:00")


def incident(name: str, what: str, day: str, *, confirmed: str = "", **more: str) -> Iterator[Telling]:
    yield happened("incident", name, "reported", day, what=what, responsible="streamer", **more)
    if confirmed:
        found = {"responsible": "streamer", "severity": "3", "clause": "6.1"}
        yield happened("incident", name, "confirmed", confirmed, **found)


def happened(register: str, name: str, event: str, day: str, **fields: str) -> Telling:
    return Telling(register, name, event, fields, "platform", NOW, instant(day), Standing(SECOND))


def told(log: Log, name: str, fields: dict[str, str], day: str) -> None:
    tell(log, SECOND, "survey", name, "given", fields, by="platform", at=NOW, occurred_at=instant(day))


def evaluated(log: Log, *, days: int = 28, end: int | None = None, version: int | None = None) -> Evaluation:
    brands: list[tuple[Agreement, frozenset[str]]] = [(SECOND, frozenset({"brand"}))]
    return evaluate(log, PERIODS, version=version, brands=brands, days=days, now=NOW, end=end)


def measure(found: Evaluation, name: str) -> Measure:
    return next(one for one in found.measures if one.name == name)


def test_windows_are_equal_and_sales_are_those_of_their_days(log: Log) -> None:
    found = evaluated(log)
    assert (found.windows.before.days, found.windows.after.days) == (28, 28)
    sales = measure(found, "sales")
    assert (sales.before.hits, sales.after.hits) == (2 * 28 * 10_000, 3 * 28 * 10_000)
    assert sales.change == Fraction(1, 2)
    assert sales.interval is not None
    assert sales.interval.low > 0
    assert (sales.cautions, sales.told_apart) == (("few_days",), False), "of few days nothing is concluded"
    assert measure(found, "orders").after.value == 84
    assert measure(found, "buyers").before.value == 20


def test_windows_are_cut_to_what_is_recorded_and_it_says_so(log: Log) -> None:
    found = evaluated(log, days=90)
    assert (found.windows.before.days, found.windows.after.days) == (28, 28)
    assert found.unlike == ("shortened",)


def test_satisfaction_leaves_out_what_was_voided_and_cautions_of_few_answers(log: Log) -> None:
    found = evaluated(log)
    mean, share = measure(found, "satisfaction"), measure(found, "satisfied")
    assert (mean.before.value, mean.after.value) == (Fraction(17, 5), Fraction(21, 5))
    assert (share.before.hits, share.after.hits, share.after.of) == (2, 4, 5)
    assert set(mean.cautions) == {"few_answers", "within_chance"}


def test_who_would_recommend_is_promoters_less_detractors(log: Log) -> None:
    nps = measure(evaluated(log), "recommendation")
    assert (nps.before.value, nps.after.value) == (Fraction(-2, 5), Fraction(1, 5))
    assert nps.change == Fraction(3, 5)


def test_breaches_are_told_for_ten_thousand_orders_without_those_dismissed(log: Log) -> None:
    found = evaluated(log)
    rate = measure(found, "breaches")
    assert (rate.before.value, rate.after.value) == (Fraction(10_000, 56), Fraction(10_000, 84))
    assert rate.interval is not None
    assert rate.interval.method == "newcombe"
    assert "within_chance" in rate.cautions
    kinds = [(name, before.hits, after.hits) for name, before, after in found.kinds]
    assert ("price-below-promise", 1, 1) in kinds


def test_violations_are_incidents_confirmed_in_the_window_and_not_dismissed_since(log: Log) -> None:
    found = evaluated(log)
    confirmed = measure(found, "violations")
    assert (confirmed.before.hits, confirmed.after.hits) == (1, 2)
    assert (confirmed.before.value, confirmed.after.value) == (Fraction(10_000, 56), Fraction(20_000, 84))
    assert confirmed.wanted == "down"
    kinds = {name: (before.hits, after.hits) for name, before, after in found.kinds}
    assert kinds == {"false_claim": (1, 0), "safety": (0, 1), "defect": (0, 1), "price-below-promise": (1, 1)}


def test_of_sessions_those_count_that_were_flagged_or_had_an_incident_confirmed(log: Log) -> None:
    shares = measure(evaluated(log), "sessions")
    assert (shares.before.hits, shares.before.of) == (1, 3), "one that goes on later is of when it began"
    assert (shares.after.hits, shares.after.of) == (2, 4), "twice violated is one; a notice is none"
    assert (shares.change, shares.wanted) == (Fraction(1, 6), "down")


def test_retention_is_not_told_of_a_time_before_the_log_began(log: Log) -> None:
    kept = measure(evaluated(log), "retention")
    assert (kept.before.value, kept.after.value) == (None, Fraction(1))
    assert kept.cautions == ("no_history",)


def test_the_same_log_before_a_seq_gives_the_same_figures_for_ever(log: Log) -> None:
    assert evaluated(log, end=log.size()) == evaluated(log)
    assert measure(evaluated(log, end=100), "orders").after.value < 84  # type: ignore[operator]


def test_a_voided_import_counts_no_more(log: Log) -> None:
    before = log.size()
    content = {"ranges": [[0, 10]]}
    entry = NewEntry(
        source="tallystick.batches", id="V1", kind=VOIDED_KIND, occurred_at=NOW, asserter="operator",
        agreement=FIRST.ref, concerns=READERS, groups=(Group(GROUP, READERS, content),),
    )  # fmt: skip
    log.append([entry])
    found = evaluated(log)
    assert measure(found, "orders").before.value == 46
    assert found.unlike == ("voided",)
    assert measure(evaluated(log, end=before), "orders").before.value == 56


def test_a_version_that_has_not_started_or_has_no_day_before_it_is_refused(log: Log) -> None:
    with pytest.raises(EvaluationUnready, match="started are 1, 2"):
        evaluated(log, version=3)
    with pytest.raises(EvaluationUnready, match="no whole day lies before"):
        evaluated(log, version=1)
    with pytest.raises(EvaluationUnready, match="1 to 731 days"):
        evaluated(log, days=0)
