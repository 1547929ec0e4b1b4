"""`tallystick diff`: two documents side by side, as people and scripts ask for it."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import AGREEMENT, tally, tally_process


def amended(tmp_path: Path) -> Path:
    """The example with a smaller share for the agency, from December."""
    text = AGREEMENT.read_text(encoding="utf-8")
    for was, now in (
        ("version: 1\n", "version: 2\nsupersedes: {version: 1}\n"),
        ("amount: 30% * (commission", "amount: 25% * (commission"),
        ("effective_from: 2026-02-01", "effective_from: 2026-12-01"),
    ):
        assert was in text
        text = text.replace(was, now, 1)
    path = tmp_path / "v2.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_people_read_what_changed_in_terms_and_in_money(tmp_path: Path) -> None:
    ran = tally(tmp_path, "diff", AGREEMENT, amended(tmp_path))
    assert ran.code == 0
    assert "head-streamer@1 → head-streamer@2" in ran.out
    assert "starts on 2026-12-01" in ran.out
    assert "MCN share (mcn): 16.69 → 13.91  -2.78" in ran.out
    assert "mcn is paid less for some orders" in ran.out
    assert "leader is never paid less" in ran.out
    assert "第 6.1 条" in tally(tmp_path, "diff", AGREEMENT, amended(tmp_path), "--lang", "zh").out


def test_scripts_read_the_same_as_json(tmp_path: Path) -> None:
    ran = tally(tmp_path, "diff", AGREEMENT, amended(tmp_path), "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["same"] is False
    assert [one["item"] for one in ran.json["terms"] if one["part"] == "clauses"] == ["6.1"]


def test_a_document_against_itself_changes_nothing(tmp_path: Path) -> None:
    ran = tally(tmp_path, "diff", AGREEMENT, AGREEMENT)
    assert ran.code == 0
    assert "terms: no changes" in ran.out
    assert "money: 0 of" in ran.out


def test_what_is_no_agreement_is_refused_with_its_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(AGREEMENT.read_text(encoding="utf-8").replace("30% *", "30 %% *"), encoding="utf-8")
    ran = tally_process(tmp_path, "diff", AGREEMENT, wrong)
    assert (ran.code, ran.out) == (2, "")
    assert "line" in ran.err


def test_a_fee_raised_on_three_days_notice_starts_when_the_notice_clause_lets_it(tmp_path: Path) -> None:
    notice = '  - {id: "32.1", kind: notice, holder: platform, toward: brand}\n  - id: "14"\n'
    old = AGREEMENT.read_text(encoding="utf-8").replace('  - id: "14"\n', notice, 1)
    follows = "version: 2\nsupersedes: {version: 1, notice: {noticed_on: 2026-03-01, affects: many}}\n"
    new = old.replace("version: 1\n", follows, 1).replace("from: 2026-02-01", "from: 2026-03-04", 1)
    for name, text in (("v1.yaml", old), ("v2.yaml", new)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    ran = tally(tmp_path, "diff", tmp_path / "v1.yaml", tmp_path / "v2.yaml", "--json")
    assert ran.code == 0
    assert (ran.json["starts"]["day"], ran.json["starts"]["because"]) == ("2026-03-16", "notice")
    assert [one["code"] for one in ran.json["findings"]] == ["amendment.starts-later"]
