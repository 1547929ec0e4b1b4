"""`export entry`, `checkpoint`, `consistency`, and `verify` of what they write."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import office_at, tally

KEYS = Path("example/keys.txt")


def test_an_entry_is_exported_for_a_party_and_verified_without_the_server(
    example_data: Path, tmp_path: Path
) -> None:
    keys = example_data / KEYS
    with office_at(example_data) as office:
        seq = office.log.entries(kinds=["sale.recorded"], limit=1)[0].seq
        (tmp_path / "leaf").write_bytes(office.log.entry(seq).leaf)
    closed, opened = tmp_path / "closed.tlog-proof", tmp_path / "mcn.tlog-proof"
    assert tally(example_data, "export", "entry", str(seq), "--out", closed).code == 0
    assert tally(example_data, "export", "entry", str(seq), "--party", "mcn", "--out", opened).code == 0
    for path, shown in ((closed, 0), (opened, 1)):
        ran = tally(tmp_path, "verify", path, "--trust", keys, "--leaf", tmp_path / "leaf", "--json")
        assert ran.code == 0, ran.out
        assert sum(check["name"] == "shown" for check in ran.json["checks"]) == shown
    assert tally(tmp_path, "verify", closed, "--trust", keys, "--leaf", keys).code == 1
    assert tally(tmp_path, "verify", closed).code == 2
    refused = tally(example_data, "export", "entry", "99999999", "--out", tmp_path / "none")
    assert (refused.code, "entry.unknown" in refused.err) == (2, True)
    assert not (tmp_path / "none").exists()


def test_a_kept_checkpoint_is_held_against_what_the_log_shows_later(
    installation: Path, tmp_path: Path
) -> None:
    keys, kept, proof = installation / KEYS, tmp_path / "kept.txt", tmp_path / "now.consistency"
    assert tally(installation, "export", "checkpoint", "--out", kept).code == 0
    size = kept.read_text(encoding="utf-8").splitlines()[1]
    with office_at(installation) as office:
        sale = office.log.entries(kinds=["sale.recorded"], limit=1)[0].seq
    reason = ("--reason", "asked", "--by", "platform", "--id", "r1")
    assert tally(installation, "erase", str(sale), "buyer", *reason).code == 0
    assert tally(installation, "export", "checkpoint", "--out", tmp_path / "now.txt").code == 0
    assert tally(installation, "export", "consistency", size, "--out", proof).code == 0
    ran = tally(tmp_path, "verify", proof, "--kept", kept, "--trust", keys)
    assert ran.code == 0, ran.out
    assert f"begin with the {size} that you kept" in ran.out
    cut = tally(tmp_path, "verify", kept, "--kept", tmp_path / "now.txt", "--trust", keys, "--lang", "zh")
    assert (cut.code, "尾部被截断" in cut.out) == (1, True)
    again = tmp_path / "again.txt"
    assert tally(installation, "export", "checkpoint", "--size", size, "--out", again).code == 0
    assert again.read_bytes() == kept.read_bytes()
    refused = tally(installation, "export", "consistency", "1", "--size", "2", "--out", proof)
    assert (refused.code, "evidence.not-ready" in refused.err) == (2, True)
