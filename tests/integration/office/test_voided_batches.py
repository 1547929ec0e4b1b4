"""A settled import is voided on the command line by two members, and the next run takes it back."""

from __future__ import annotations

from pathlib import Path

from api.office.settling import documents
from ledger.doctor import examine
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.reading import list_statements
from tests.command_line import log_size, office_at, tally


def batch_of(data: Path, mapping: str = "tallystick-orders") -> str:
    found = tally(data, "batch", "list", "--agreement", "head-streamer", "--json").json
    biggest = max(found, key=lambda one: one["entries"])
    assert biggest["mapping"] == mapping
    return str(biggest["batch"])


def void(batch: str, by: str) -> tuple[str, ...]:
    return ("batch", "void", batch, "--agreement", "head-streamer", "--by", by, "--reason", "wrong shop")


def confirm(batch: str, by: str) -> tuple[str, ...]:
    return ("batch", "confirm", batch, "--agreement", "head-streamer", "--by", by)


def test_two_members_void_a_settled_batch_and_the_next_run_takes_it_back(installation: Path) -> None:
    data = installation
    batch = batch_of(data)
    code = tally(data, "member", "enrol", "platform-2", "--name", "Li", "--role", "platform:approve")
    assert code.code == 0, code.err
    proposed = tally(data, *void(batch, "platform-finance"))
    assert (proposed.code, proposed.err) == (0, "")
    assert "rest on it; the next run would take them back" in proposed.out
    size = log_size(data)
    alone = tally(data, *confirm(batch, "platform-finance"))
    assert (alone.code, alone.out) == (2, "")
    assert "another person confirms" in alone.err
    assert log_size(data) == size
    done = tally(data, *confirm(batch, "platform-2"), "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json["sales"] == 1_000
    assert {one["party"]["id"] for one in done.json["statements"]} >= {"mcn", "streamer", "brand"}
    again = tally(data, *confirm(batch, "platform-2"))
    assert (again.code, again.out) == (2, "")
    with office_at(data) as office:
        today = office.clock().date().isoformat()
    ran = tally(data, "settle", "head-streamer", "--until", today, "--json")
    assert ran.code == 0, ran.err
    with office_at(data) as office:
        newest = list_statements(office.log, party="streamer", agreement="head-streamer")[0].content
        earned = [total for total in newest["totals"] if total["kind"] == "earned"]
        assert sum(total["amount_minor"] for total in earned) == -3_893_000, "38.93 of each of 1,000 orders"
        assert rebuild_statements(office.log, documents(office, "head-streamer"), data=office.files).runs > 0
        assert examine(office.engine) == []


def test_who_may_not_approve_for_the_platform_voids_nothing(installation: Path) -> None:
    batch, size = batch_of(installation), log_size(installation)
    for by, said in (("brand-finance", "approve"), ("nobody", "nobody")):
        ran = tally(installation, *void(batch, by))
        assert (ran.code, ran.out) == (2, ""), by
        assert said in ran.err
    assert log_size(installation) == size
