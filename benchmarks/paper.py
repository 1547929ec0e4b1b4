"""A statement of a million lines: opened on its page, and written in every form.

`python -m benchmarks.paper [--lines N] [--json]` imports and settles N order lines of the Complete Journey as
`benchmarks.season` does, and takes the platform's statement, which has three legs of each. Every phase runs
in a process of its own, so that its peak memory is its own; 430,000 order lines give 1,073,575.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from litestar.testing import TestClient

from api.access import Grant
from api.app import create_app
from api.house import house_of
from api.office.opening import Office, open_office
from api.office.papers import agreement_of
from api.settings import Settings
from api.statements.papers.file import paper_file
from api.statements.papers.paper import Form, Paper
from benchmarks import season
from benchmarks.apart import Figures, apart
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement, list_statements, read_line

PARTY = "platform"


def opened(folder: Path, _lines: int | None) -> Figures:
    """Open the page, further lines by cursor, those of one figure and one order, and one line's reasons."""
    with _office(folder) as office:
        one = _statement(office)
        house = house_of(office)
        code = house.members.enrol("reader", "reader", [Grant("read", PARTY)])
        total = one.content["totals"][0]
        order = read_line(LineStore(office.files), one, one.count // 2).order
        asked = {
            "page": "",
            "lines in the middle": f"/lines?after={one.count // 2}",
            "last lines": f"/lines?after={one.count - 10}",
            "lines of one figure": f"?leg={total['leg']}&kind={total['kind']}",
            "lines of one order": f"?order={order}",
            "one line explained, the first time": f"/lines/{one.count // 2}",
            "one line explained": f"/lines/{one.count // 3}",
        }
        found: Figures = {"statement_lines": one.count}
        headers = {"authorization": f"Bearer {code}", "accept": "text/html"}
        with TestClient(create_app(house)) as client:
            client.get("/statements", headers=headers)
            for name, path in asked.items():
                started = time.perf_counter()
                answer = client.get(f"/statements/{one.id}{path}", headers=headers)
                assert answer.status_code == 200, (name, answer.status_code)
                took = time.perf_counter() - started
                found[name] = {"ms": round(took * 1000), "kib": round(len(answer.content) / 1024)}
        return found


def _pdf(folder: Path, _lines: int | None) -> Figures:
    found = _write(folder, "pdf")
    assert found["mib"] < 1, "it refers to the lines and does not list them"
    return found


def _xlsx(folder: Path, _lines: int | None) -> Figures:
    found = _write(folder, "xlsx")
    with zipfile.ZipFile(folder / "statement.xlsx") as book:
        sheets = [one for one in book.namelist() if one.startswith("xl/worksheets/")]
    return {**found, "sheets": len(sheets)}


def _csv(folder: Path, _lines: int | None) -> Figures:
    return _write(folder, "csv")


def _json(folder: Path, _lines: int | None) -> Figures:
    return _write(folder, "json")


def _write(folder: Path, form: Form) -> Figures:
    with _office(folder) as office:
        one = _statement(office)
        paper = Paper(one, agreement_of(office, one), LineStore(office.files))
        path = folder / f"statement.{form}"
        started = time.perf_counter()
        with path.open("wb") as file:
            file.writelines(paper_file(paper, form, "zh"))
        return {
            "seconds": time.perf_counter() - started,
            "lines": one.count,
            "mib": round(path.stat().st_size / 2**20, 1),
        }


PHASES: dict[str, Callable[[Path, int | None], Figures]] = {
    "page": opened,
    "pdf": _pdf,
    "xlsx": _xlsx,
    "csv": _csv,
    "json": _json,
}


def measure(folder: Path, lines: int | None) -> Figures:
    """Settle so many order lines, unless that was done in this folder, and return what each phase took."""
    figures: Figures = {}
    if not (folder / "tallystick.db").exists():
        for name in ("write", "import", "settle"):
            sys.stderr.write(f"{name} …\n")
            apart(season.PHASES[name], folder, lines)
    for name, phase in PHASES.items():
        sys.stderr.write(f"{name} …\n")
        found = apart(phase, folder, lines)
        peak = round(found.pop("peak_bytes") / 2**20)
        figures[name] = {"seconds": round(found.pop("seconds"), 1), "peak_mib": peak, **found}
    return figures


def _office(folder: Path) -> Office:
    return open_office(Settings(folder, f"sqlite:///{folder / 'tallystick.db'}", "unused"))


def _statement(office: Office) -> Statement:
    return list_statements(office.log, party=PARTY, limit=1)[0]


def main() -> None:
    """Measure, and print a line a phase or one JSON object last."""
    parser = argparse.ArgumentParser(description="Measure a large statement on its page and as files.")
    parser.add_argument("--lines", type=int, default=430_000, help="order lines to settle")
    parser.add_argument("--folder", type=Path, help="an empty folder to keep, or one of an earlier run")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as fresh:
        figures = measure(given.folder or Path(fresh), given.lines)
    stamp = {"date": date.today().isoformat(), "python": sys.version.split()[0]}  # noqa: DTZ011 (a label)
    if given.json:
        print(json.dumps({**stamp, **figures}))
        return
    for name, found in figures.items():
        rest = ", ".join(f"{key} {one}" for key, one in found.items() if key not in {"seconds", "peak_mib"})
        print(f"{name:<8} {found['seconds']:>8} s  peak {found['peak_mib']:>6} MiB  {rest}")


if __name__ == "__main__":
    main()
