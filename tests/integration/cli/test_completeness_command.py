"""`export completeness` and `verify --kept`: a party checks that nothing was left out."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import office_at, tally
from tests.ledger_samples import sale

KEYS = Path("example/keys.txt")


def test_a_party_keeps_a_proof_and_holds_the_next_one_against_it(installation: Path, tmp_path: Path) -> None:
    keys, first, second = installation / KEYS, tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    assert tally(installation, "export", "completeness", "mcn", "--out", first).code == 0
    with office_at(installation) as office:
        office.log.append([sale("O-new", kind="data.shared", groups=(), concerns=("mcn",))])
    assert tally(installation, "export", "completeness", "mcn", "--out", second).code == 0
    size = first.read_text(encoding="utf-8").split("\\n")[1]
    again = tmp_path / "again.ndjson"
    assert tally(installation, "export", "completeness", "mcn", "--size", size, "--out", again).code == 0
    assert again.read_bytes() == first.read_bytes()

    listed = tmp_path / "mine.txt"
    listed.write_text("shop\tO-new/1/sale/\n", encoding="utf-8")
    kept = ("--kept", first, "--kept", listed)
    ran = tally(tmp_path, "verify", second, "--trust", keys, *kept)
    assert ran.code == 0, ran.out
    assert "all entries that concern mcn" in ran.out
    in_chinese = tally(tmp_path, "verify", second, "--trust", keys, *kept, "--lang", "zh").out
    assert "与 mcn 有关的记录完整无缺" in in_chinese

    lines = second.read_text(encoding="utf-8").splitlines(keepends=True)
    second.write_text("".join(lines[:5] + lines[6:]), encoding="utf-8")
    cut = tally(tmp_path, "verify", second, "--trust", keys)
    assert (cut.code, "FAIL" in cut.out) == (1, True)


def test_the_evidence_that_the_streamer_was_given_is_among_its_entries(
    installation: Path, tmp_path: Path
) -> None:
    keys, path = installation / KEYS, tmp_path / "streamer.ndjson"
    assert tally(installation, "export", "completeness", "streamer", "--out", path).code == 0
    bundle = installation / "example" / "evidence" / "head-streamer.3.3.tally"
    ran = tally(tmp_path, "verify", path, "--trust", keys, "--kept", bundle)
    assert "of the bundle that name you are among them" in ran.out
    assert ran.code == 0


def test_a_party_of_no_entries_is_refused_and_leaves_no_file(installation: Path, tmp_path: Path) -> None:
    ran = tally(installation, "export", "completeness", "nobody", "--out", tmp_path / "none")
    assert (ran.code, "none of its entries concerns nobody" in ran.err) == (2, True)
    assert list(tmp_path.glob("*none*")) == []
