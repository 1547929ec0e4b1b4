"""Exhibits in the log: one number each, the same once, closed to whom an order says, and never unsaid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.cases.record import CaseRecord, case_record
from ledger.database import reading
from ledger.disclosed import DISPUTES
from ledger.entries import Group, NewEntry
from ledger.errors import ErasureRefused
from ledger.exhibits.errors import ExhibitRefused, ExhibitUnavailable, ExhibitUnknown
from ledger.exhibits.exhibit import Exhibit, Held
from ledger.exhibits.files import FILE_BYTES_MAX, ExhibitFiles, measured
from ledger.exhibits.filing import ExhibitAsked, Filer, file_exhibit, pass_on
from ledger.exhibits.orders import Order, redact, seal, unseal
from ledger.exhibits.reading import exhibit, exhibits, exhibits_of
from ledger.exhibits.standard import evidence_json, multihash
from ledger.log import Log

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
MADE = NOW - timedelta(days=3)
PARTIES = ("brand", "platform", "streamer")
CASE = "D-1"
FILE = b"the chat of the second of March"
FILER = Filer("brand", "li", NOW)
ORDER = Order("the other side's trade secret", "arbiter", NOW)


def asked(title: str = "the chat", *, under_seal: bool = False) -> ExhibitAsked:
    return ExhibitAsked(
        kind="chat", title=title, captured_at=MADE, file="chat.txt", under_seal=under_seal,
        supports=("proven_loss",), description="what was promised",
        held=(Held("Wang, editor", MADE.isoformat(), "saved from the studio's phone"),),
    )  # fmt: skip


@pytest.fixture
def log(engine: Engine) -> Log:
    log = Log(engine, clock=lambda: NOW)
    filed = NewEntry(
        source=DISPUTES, id=f"{CASE}/filed", kind="dispute.filed", occurred_at=NOW, asserter="brand",
        agreement="head-streamer@1", concerns=PARTIES, groups=(Group("case", PARTIES, {"dispute": CASE}),),
    )  # fmt: skip
    log.append([filed])
    return log


@pytest.fixture
def record(log: Log) -> CaseRecord:
    return case_record(log, CASE)


def filed(log: Log, record: CaseRecord, title: str = "the chat", *, under_seal: bool = False) -> Exhibit:
    return file_exhibit(log, record, asked(title, under_seal=under_seal), measured(FILE), FILER)


def test_the_same_again_is_the_same_exhibit_and_another_has_the_next_number(
    log: Log, record: CaseRecord
) -> None:
    first = filed(log, record)
    size = log.size()
    assert filed(log, record) == first
    assert log.size() == size
    assert [filed(log, record, title).number for title in ("a second", "a third")] == [2, 3]
    assert (first.name, first.sha256, first.size) == ("E1", measured(FILE).sha256, len(FILE))
    assert first.described is not None
    assert (first.described.media_type, first.supports) == ("text/plain", ("proven_loss",))
    assert [one.holder for one in first.custody] == ["Wang, editor"]
    with pytest.raises(ExhibitUnknown):
        exhibit(log, CASE, 4)


def test_two_that_file_at_once_get_a_number_each(log: Log, record: CaseRecord) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda n: filed(log, record, f"exhibit {n}").number, range(6)))
    assert sorted(found) == [1, 2, 3, 4, 5, 6]


def test_under_seal_the_others_see_a_docket_line_until_an_order_opens_it(
    log: Log, record: CaseRecord
) -> None:
    one = filed(log, record, under_seal=True)
    assert (one.awaits_order, one.open_to(["streamer"]), one.open_to(["brand"])) == (True, False, True)
    assert [group.name for group in log.groups(one.seq, "streamer")] == ["case"]
    kept = seal(log, record, 1, ["streamer"], ORDER)
    assert (kept.awaits_order, kept.open_to(["streamer"]), kept.open_to(["platform"])) == (False, False, True)
    opened = unseal(log, record, 1, ORDER)
    assert (opened.sealed_from, opened.open_to(["streamer"])) == (frozenset(), True)
    said = {group.name: group for group in log.groups(opened.acts[-1].seq, "streamer")}
    assert said["evidence"].content["title"] == "the chat"
    size = log.size()
    assert unseal(log, record, 1, ORDER) == opened
    assert log.size() == size


def test_it_is_kept_from_somebody_of_the_case_and_never_from_who_filed_it(
    log: Log, record: CaseRecord
) -> None:
    filed(log, record)
    for parties in ([], ["brand"], ["mcn"]):
        with pytest.raises(ExhibitRefused, match="it is kept from some of platform, streamer"):
            seal(log, record, 1, parties, ORDER)
    with pytest.raises(ExhibitRefused, match="kept from nobody"):
        unseal(log, record, 1, ORDER)


def test_a_redaction_shows_another_file_and_keeps_the_digest_of_the_first(
    log: Log, record: CaseRecord
) -> None:
    first = filed(log, record)
    copy = measured(b"the chat, names blacked out")
    with pytest.raises(ExhibitRefused, match="the file that was filed"):
        redact(log, record, 1, measured(FILE), ORDER, file="x.txt", original="kept")
    one = redact(log, record, 1, copy, ORDER, file="redacted.txt", original="kept")
    assert (one.sha256, one.shown_sha256) == (first.sha256, copy.sha256)
    assert one.files_needed() == {first.sha256, copy.sha256}
    gone = redact(log, record, 1, copy, ORDER, file="redacted.txt", original="destroyed")
    assert (gone.sha256, gone.destroyed) == (first.sha256, True)
    assert gone.files_needed() == {copy.sha256}


def test_who_has_it_is_a_chain_and_another_file_breaks_it(log: Log, record: CaseRecord) -> None:
    one = filed(log, record)
    hand: dict[str, Any] = {
        "to": "the court's expert",
        "how": "on a sealed disk",
        "passed_at": NOW,
        "filer": FILER,
    }
    whole = pass_on(log, record, 1, sha256=one.sha256, **hand)
    assert (whole.holder, whole.unbroken, len(whole.custody)) == ("the court's expert", True, 2)
    broken = pass_on(log, record, 1, sha256="0" * 64, **hand)
    assert (broken.unbroken, broken.custody[-1].same) == (False, False)
    with pytest.raises(ExhibitRefused, match="after now"):
        pass_on(log, record, 1, to="a", how="b", sha256=one.sha256, passed_at=NOW + timedelta(1), filer=FILER)


def test_its_words_can_be_erased_and_its_docket_line_cannot(log: Log, record: CaseRecord) -> None:
    one = filed(log, record)
    gone = {"reason": "asked by the person in it", "asserter": "brand", "source": "test"}
    with pytest.raises(ErasureRefused):
        log.erase(one.seq, "case", id="1", **gone)
    log.erase(one.seq, "evidence", id="2", **gone)
    erased = exhibit(log, CASE, 1)
    assert (erased.described, erased.sha256, erased.files_needed()) == (None, one.sha256, frozenset())


def test_what_was_known_before_an_entry_is_folded_without_it(log: Log, record: CaseRecord) -> None:
    filed(log, record)
    seal(log, record, 1, ["streamer"], ORDER)
    filed(log, record, "a second")
    with reading(log.engine) as session:
        before = exhibits_of(session, case_record(log, CASE, end=2))
    assert [(one.number, one.sealed_from) for one in before] == [(1, frozenset())]
    assert [one.number for one in exhibits(log, CASE)] == [1, 2]


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kind": "rumour"}, "kind"),
    ({"title": " "}, "title"),
    ({"title": "a\x00b"}, "title"),
    ({"captured_at": NOW + timedelta(seconds=1)}, "captured_at"),
    ({"supports": ("Loss!",)}, "supports"),
    ({"kind": "record"}, "kind"),
    ({"held": (Held("A", (MADE - timedelta(1)).isoformat(), "found"),)}, "held"),
)


def test_what_is_no_exhibit_is_refused_by_the_name_of_its_field(log: Log, record: CaseRecord) -> None:
    for change, where in REFUSED:
        made = {"kind": "chat", "title": "t", "captured_at": MADE, **change}
        with pytest.raises(ExhibitRefused) as refused:
            file_exhibit(log, record, ExhibitAsked(**made), measured(FILE), FILER)
        assert refused.value.where == where
    assert log.size() == 1


def test_files_are_kept_by_digest_and_a_changed_one_is_not_given_out(tmp_path: Path) -> None:
    files = ExhibitFiles(tmp_path / "exhibits")
    kept = files.keep(FILE)
    assert files.keep(FILE) == kept
    assert (files.read(kept.sha256), list(files.digests())) == (FILE, [kept.sha256])
    (path,) = (tmp_path / "exhibits").glob("??/*")
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(FILE + b".")
    with pytest.raises(ExhibitUnavailable, match="not what was filed"):
        files.read(kept.sha256)
    assert files.drop(kept.sha256)
    assert not files.drop(kept.sha256)
    for name in ("../../etc/passwd", "0" * 64):
        with pytest.raises(ExhibitUnavailable):
            files.read(name)


def test_a_file_is_neither_empty_nor_too_long() -> None:
    for data in (b"", bytes(FILE_BYTES_MAX + 1)):
        with pytest.raises(ExhibitRefused):
            measured(data)


def test_erc_1497_names_the_digest_as_a_multihash(log: Log, record: CaseRecord) -> None:
    one = filed(log, record)
    form = evidence_json(one, "/file")
    assert form["fileHash"] == multihash(bytes.fromhex(one.sha256))
    assert (form["fileTypeExtension"], form["name"], form["category"]) == ("txt", "the chat", "chat")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert multihash(bytes.fromhex(empty)) == "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"
