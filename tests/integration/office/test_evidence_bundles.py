"""Evidence from a real log: no byte of it can change unseen, and it tells a party nothing of the others."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from api.office.agreements import held_versions
from api.office.disputes import disputes
from api.office.evidence import decision_bundle, statement_bundle, trust_file
from api.office.opening import Office
from ledger.statements.lines import LineStore, ndjson
from ledger.statements.reading import list_statements, read_statement
from tests.command_line import PARTIES, office_at
from verifier.checks import verify
from verifier.report import Report

FLIPS = 200


def faults(report: Report) -> list[tuple[str, str | None]]:
    return [(one.name, one.part) for one in report.checks if one.status in {"fails", "unusable"}]


def region(data: bytes, at: int) -> str:
    """Return the part of a bundle's JSON in which a byte lies; the manifest and the rest by those names."""
    named = [(match.start(), match[1].decode()) for match in re.finditer(rb'"([a-z.]+\.[a-z]+)":"', data)]
    start = data.index(b'"parts":{')
    if at < start:
        return "manifest"
    return next((name for begin, name in reversed(named) if begin <= at and begin >= start), "")


@pytest.mark.parametrize("name", ["head-streamer.3.3.tally", "D-*.tally"])
def test_any_flipped_byte_is_found_and_the_part_it_lies_in_is_named(example_data: Path, name: str) -> None:
    (path,) = (example_data / "example" / "evidence").glob(name)
    keys = (example_data / "example" / "keys.txt").read_text("utf-8")
    data = path.read_bytes()
    assert faults(verify(data, keys)) == []
    rng = random.Random(20_261_120)
    for _ in range(FLIPS // 2):
        at, bit = rng.randrange(len(data)), rng.randrange(8)
        changed = bytearray(data)
        changed[at] ^= 1 << bit
        report = verify(bytes(changed), keys)
        assert report.exit_code != 0, f"byte {at}, bit {bit}"
        inside, named = region(data, at), faults(report)
        assert named, f"byte {at}, bit {bit}"
        if inside not in {"manifest", ""}:
            assert inside in {part for _, part in named}, f"byte {at} in {inside}: {named}"


def test_a_bundle_cut_short_or_added_to_is_found(example_data: Path) -> None:
    data = (example_data / "example" / "evidence" / "head-streamer.3.3.tally").read_bytes()
    keys = (example_data / "example" / "keys.txt").read_text("utf-8")
    for changed in (data[:-1], data + b"\n", data[: len(data) // 2], b" " + data, data + data):
        assert verify(changed, keys).exit_code != 0


@pytest.mark.parametrize("party", PARTIES)
def test_the_newest_statement_of_every_party_is_evidence_that_holds(installation: Path, party: str) -> None:
    with office_at(installation) as office:
        statement = list_statements(office.log, party=party, limit=1)[0]
        data = statement_bundle(office, statement)
        report = verify(data, trust_file(office, held_versions(office).values()))
        assert report.exit_code == 0, report.lines()
        lines = ndjson(LineStore(office.files).read(statement.root))
        assert json.loads(data)["parts"]["lines.ndjson"] == lines


def opened_groups(data: bytes) -> list[dict[str, Any]]:
    entries = json.loads(json.loads(data)["parts"]["entries.json"])
    groups = [group for entry in entries for group in entry["groups"]]
    opened = [json.loads(group["opened"]) for group in groups if "opened" in group]
    return [group for group in opened if group["name"] != "seal"]  # which every reader is shown


@pytest.mark.parametrize("party", PARTIES)
def test_a_partys_bundle_opens_only_groups_that_name_it(installation: Path, party: str) -> None:
    with office_at(installation) as office:
        for statement in list_statements(office.log, party=party):
            groups = opened_groups(statement_bundle(office, statement))
            assert groups
            for group in groups:
                assert party in group["readers"], group["name"]


def test_a_brand_learns_nothing_of_how_agency_and_streamer_share(installation: Path) -> None:
    with office_at(installation) as office:
        mine = read_statement(office.log, "head-streamer.3.1")
        assert mine.party == "brand"
        text = statement_bundle(office, mine).decode()
        for other in list_statements(office.log):
            if other.party != "brand":
                assert other.id not in text
                assert other.root not in text
                for total in other.content["totals"]:
                    written = json.dumps(total, sort_keys=True, separators=(",", ":"))
                    assert written not in text, f"{other.party} {total['leg']}"
        lines = json.loads(text)["parts"]["lines.ndjson"].splitlines()
        assert {json.loads(line)["leg"] for line in lines} == {"merchant_net"}


def test_buyers_are_in_nobodys_bundle_but_the_platforms(installation: Path) -> None:
    with office_at(installation) as office:
        for statement in list_statements(office.log):
            text = statement_bundle(office, statement)
            assert (b"buyer-0" in text) == (statement.party == "platform"), statement.id


def test_a_decision_is_evidence_for_both_sides(installation: Path) -> None:
    with office_at(installation) as office:
        (one,) = [one for one in disputes(office).values() if one.decided is not None]
        trust = trust_file(office, held_versions(office).values())
        for party in one.parties:
            data = decision_bundle(office, one, party)
            assert verify(data, trust).exit_code == 0
            assert all(party in group["readers"] for group in opened_groups(data))


def test_the_same_evidence_is_the_same_bytes(installation: Path) -> None:
    def made(office: Office) -> bytes:
        return statement_bundle(office, read_statement(office.log, "head-streamer.2.3"))

    with office_at(installation) as office:
        first = made(office)
        assert made(office) == first
    with office_at(installation) as office:
        assert made(office) == first
