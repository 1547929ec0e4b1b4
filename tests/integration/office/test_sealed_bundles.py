"""A bundle brings a seal of the embedded chain, and shows who has a copy of the chain that it was changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.office.agreements import held_versions
from api.office.evidence import statement_bundle, trust_file
from ledger.statements.reading import list_statements
from tests.chain_attacks import EARLY, altered, misfiled, other_chain, other_file, swapped
from tests.command_line import Ran, office_at, tally


@dataclass(frozen=True)
class Reader:
    """What somebody holds who was given a bundle: that, the keys to trust, and a copy of the chain."""

    folder: Path

    def verifies(self, *options: str | Path) -> Ran:
        given = ("--trust", self.folder / "keys.txt", "--chain", self.folder / "chain")
        return tally(self.folder, "verify", self.folder / "bundle", *given, *options)

    def checks(self, name: str) -> list[tuple[str, str]]:
        """Return status and detail of each result of a check."""
        told = self.verifies("--json").json["checks"]
        return [(one["status"], one["detail"]) for one in told if one["name"] == name]


@pytest.fixture(scope="module")
def given(example_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("given")
    with office_at(example_data) as office:
        statement = list_statements(office.log, party="mcn", limit=1)[0]
        (folder / "bundle").write_bytes(statement_bundle(office, statement))
        (folder / "keys.txt").write_text(trust_file(office, held_versions(office).values()))
    ran = tally(example_data, "export", "chain", "--out", folder / "chain")
    assert (ran.code, ran.out) == (0, f"{folder / 'chain'}: {(folder / 'chain').stat().st_size:,} bytes\n")
    return folder


@pytest.fixture
def reader(given: Path, tmp_path: Path) -> Reader:
    return Reader(Path(shutil.copytree(given, tmp_path / "reader")))


def test_a_chain_as_it_was_sealed_holds(reader: Reader) -> None:
    ran = reader.verifies()
    assert ran.code == 0, ran.out
    ((status, detail),) = reader.checks("sealed")
    assert status == "noted"
    assert detail.endswith("of the operator's own chain")
    ((status, detail),) = reader.checks("chain")
    assert status == "holds"
    assert "holds what was sealed and the transactions named here" in detail
    assert sorted(path.name for path in reader.folder.iterdir()) == ["bundle", "chain", "keys.txt"]


def test_without_a_copy_of_the_chain_the_seal_is_told(reader: Reader) -> None:
    told = tally(reader.folder, "verify", reader.folder / "bundle", "--trust", reader.folder / "keys.txt")
    assert told.code == 0
    assert "sealed block" in told.out
    assert "the chain's file" not in told.out


@pytest.mark.parametrize(
    ("attack", "says"),
    [
        (swapped, "the chain ends at block 0, and entry"),
        (other_chain, "it was rewritten"),
        (altered, "was altered"),
        (misfiled, "another block is filed under its number"),
    ],
)
def test_a_chain_that_was_changed_is_found_by_who_holds_a_bundle(
    reader: Reader, attack: Callable[[Path], None], says: str
) -> None:
    attack(reader.folder / "chain")
    ran = reader.verifies()
    assert ran.code == 1
    assert says in ran.out
    assert all(status == "fails" for status, _ in reader.checks("chain"))


def test_a_transaction_that_its_block_does_not_hold_is_named(reader: Reader) -> None:
    other_chain(reader.folder / "chain")
    found = [detail for _, detail in reader.checks("chain") if "which does not hold it" in detail]
    assert len(found) >= 2
    assert any("anchor.json names transaction 0x" in detail for detail in found)


def test_what_is_no_chain_gives_no_answer(reader: Reader) -> None:
    other_file(reader.folder / "chain")
    ran = reader.verifies()
    assert ran.code == 2
    assert "not an embedded chain's file: not marked as a chain of this program" in ran.out
    (reader.folder / "chain").write_bytes(b"no database at all" * 100)
    assert reader.verifies().code == 2


def test_a_copy_of_a_chain_is_new_and_of_one_that_was_begun(example_data: Path, tmp_path: Path) -> None:
    (tmp_path / EARLY).write_text("precious")
    ran = tally(example_data, "export", "chain", "--out", tmp_path / EARLY)
    assert (ran.code, (tmp_path / EARLY).read_text()) == (2, "precious")
    ran = tally(tmp_path / "fresh", "export", "chain", "--out", tmp_path / "copy")
    assert ran.code == 2
    assert "no chain was begun here: nothing is anchored yet [chain.file]" in ran.err
    assert not (tmp_path / "copy").exists()
