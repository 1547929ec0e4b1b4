"""The offline verifier as a program: `python -m verifier FILE --trust KEYS [--json] [--lang zh|en]`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from verifier.files import verify_file


def main(arguments: list[str] | None = None) -> int:
    """Print a line a check and return the exit code: 0 all hold, 1 a check fails, 2 no answer."""
    parser = argparse.ArgumentParser(prog="verifier", description="Verify evidence of a log, offline.")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--trust", type=Path, metavar="KEYS", help="file of pinned log keys and signers")
    parser.add_argument("--rotation", type=Path, action="append", default=[], metavar="STATEMENTS")
    parser.add_argument("--leaf", type=Path, help="the entry's leaf, where a proof comes without it")
    parser.add_argument("--kept", type=Path, action="append", default=[], metavar="KEPT")
    parser.add_argument("--chain", type=Path, metavar="FILE", help="a copy of the operator's own chain")
    parser.add_argument("--json", action="store_true", help="print the report as JSON, in both languages")
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    options = parser.parse_args(arguments)
    try:
        trust = options.trust.read_bytes().decode("utf-8-sig", "replace") if options.trust else None
        leaf = options.leaf.read_bytes() if options.leaf else None
        kept = [path.read_bytes() for path in options.kept]
        rotations = [path.read_bytes().decode("utf-8", "replace") for path in options.rotation]
        data = options.file.read_bytes()
        report = verify_file(data, trust, rotations=rotations, leaf=leaf, kept=kept, chain=options.chain)
    except OSError as fault:
        sys.stderr.write(f"{fault.filename}: {fault.strerror}\n")
        return 2
    lines = [json.dumps(report.as_json(), ensure_ascii=False)] if options.json else report.lines(options.lang)
    sys.stdout.write("\n".join(lines) + "\n")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
