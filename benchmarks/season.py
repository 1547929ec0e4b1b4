"""A season end to end: the Complete Journey's 1,469,307 lines imported, settled and verified.

`python -m benchmarks.season [--lines N] [--json]` signs the head streamer's agreement, imports the lines,
settles them all, checkpoints, exports the agency's evidence bundle and verifies it offline. Every phase runs
in a process of its own, so that its peak memory is its own; the rates are lines of the order file a second.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from api.office.agreements import held, held_versions, propose, version_to_sign
from api.office.anchoring import checkpoint_and_anchor
from api.office.evidence import statement_bundle, trust_file
from api.office.opening import Office, open_office
from api.office.orders import import_orders
from api.office.settling import settle_until
from api.office.signing import give_signature
from api.settings import Settings
from benchmarks.apart import Figures, apart
from benchmarks.completejourney import write_orders
from contracts.consent import sign_version
from contracts.signing import SigningKey
from ledger.statements.reading import list_statements
from policies.loading import load_agreement
from verifier import verify

AGREEMENT = Path(__file__).parents[1] / "examples" / "agreements" / "head-streamer.yaml"
CUTOFF = datetime(2018, 3, 1, tzinfo=UTC)
"""After every line of the data has cleared."""


def write(folder: Path, lines: int | None, url: str | None = None) -> Figures:
    """Write the order file and sign the agreement under which it falls."""
    count = write_orders(folder / "orders.parquet", lines=lines)
    with office_of(folder, url) as office:
        text = AGREEMENT.read_text(encoding="utf-8").replace("2026-02-01", "2017-01-01")
        agreement = load_agreement(text, name=AGREEMENT.name)
        keys = {party: SigningKey.generate() for party in agreement.parties}
        one = propose(office, agreement.with_signers({party: key.address for party, key in keys.items()}))
        for party, key in keys.items():
            message = version_to_sign(office, held(office, one.agreement.ref))
            signed = sign_version(key, message, office.domain)
            give_signature(office, one.agreement.ref, party, signed.signature)
    return {"lines": count}


def take_in(folder: Path, _lines: int | None, url: str | None = None) -> Figures:
    """Import the order file."""
    with office_of(folder, url) as office:
        report = import_orders(office, folder / "orders.parquet", "completejourney", "head-streamer")
        assert report.clean, "every line is taken"
        return {"entries": report.new.total, "log_size": office.log.size()}


def settle(folder: Path, _lines: int | None, url: str | None = None) -> Figures:
    """Settle every line and issue the statements."""
    with office_of(folder, url) as office:
        report = settle_until(office, "head-streamer", CUTOFF)
        return {
            "statement_lines": sum(one.lines for one in report.statements),
            "payable_minor": {one.party: one.payable_minor for one in report.statements},
        }


def prove(folder: Path, _lines: int | None, url: str | None = None) -> Figures:
    """Checkpoint, anchor, and write the agency's evidence bundle and the keys to trust."""
    with office_of(folder, url) as office:
        checkpoint_and_anchor(office)
        bundle = statement_bundle(office, list_statements(office.log, party="mcn")[0])
        (folder / "mcn.tally").write_bytes(bundle)
        (folder / "keys.txt").write_text(trust_file(office, held_versions(office).values()), encoding="utf-8")
        return {"bundle_mib": round(len(bundle) / 2**20, 1)}


def check(folder: Path, _lines: int | None, _url: str | None = None) -> Figures:
    """Verify the bundle offline, with the verifier alone."""
    keys = (folder / "keys.txt").read_text(encoding="utf-8")
    report = verify((folder / "mcn.tally").read_bytes(), keys)
    assert report.exit_code == 0, report.lines("en")
    return {"checks": len(report.checks)}


PHASES: dict[str, Callable[[Path, int | None], Figures]] = {
    "write": write,
    "import": take_in,
    "settle": settle,
    "prove": prove,
    "verify": check,
}


def measure(folder: Path, lines: int | None) -> Figures:
    """Run the phases in order and return what each took."""
    figures: Figures = {}
    for name, phase in PHASES.items():
        sys.stderr.write(f"{name} …\n")
        found = apart(phase, folder, lines)
        peak = round(found.pop("peak_bytes") / 2**20)
        figures[name] = {"seconds": round(found.pop("seconds"), 1), "peak_mib": peak, **found}
    rows = figures["write"]["lines"]
    for name in ("import", "settle", "verify"):
        figures[name]["lines_per_second"] = round(rows / figures[name]["seconds"])
    return figures


def office_of(folder: Path, url: str | None) -> Office:
    """Open the installation in a folder, its database there unless a URL says where."""
    return open_office(Settings(folder, url or f"sqlite:///{folder / 'tallystick.db'}", "unused"))


def main() -> None:
    """Measure, and print a line a phase or one JSON object last."""
    parser = argparse.ArgumentParser(description="Measure a season end to end.")
    parser.add_argument("--lines", type=int, help="only the first so many")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), given.lines)
    stamp = {"date": date.today().isoformat(), "python": sys.version.split()[0]}  # noqa: DTZ011 (a label)
    if given.json:
        print(json.dumps({**stamp, **figures}))
        return
    for name, found in figures.items():
        rest = ", ".join(
            f"{key} {value}" for key, value in found.items() if key not in {"seconds", "peak_mib"}
        )
        print(f"{name:<8} {found['seconds']:>8} s  peak {found['peak_mib']:>6} MiB  {rest}")


if __name__ == "__main__":
    main()
