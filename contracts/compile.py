"""The command `python -m contracts.compile`: Vyper sources to committed artifacts.

For development only: the compiler is in a dependency group of its own and nothing else imports this file.
`--check` writes nothing and exits 1 where an artifact is not what its source compiles to.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.artifacts import ARTIFACTS

SOURCES = Path(__file__).parent / "vyper"
EVM_VERSION = "cancun"
"""The fork compiled for, named in each source too: what the embedded chain runs and public chains offer."""


def compile_source(path: Path) -> str:
    """Return the artifact of a Vyper source as the text of its JSON file."""
    import vyper  # type: ignore[import-untyped]  # noqa: PLC0415  (the compiler is not there at run time)
    from vyper.compiler import compile_code  # type: ignore[import-untyped]  # noqa: PLC0415  (as above)

    source = path.read_bytes()
    compiled = compile_code(
        source.decode(),
        contract_path=path.name,
        output_formats=["abi", "bytecode", "bytecode_runtime", "userdoc", "devdoc", "settings_dict"],
    )
    settings = {name: value for name, value in compiled["settings_dict"].items() if value is not None}
    if settings.get("evm_version") != EVM_VERSION:
        raise ValueError(f"{path.name}: the source must say `# pragma evm-version {EVM_VERSION}`")
    artifact = {
        "abi": compiled["abi"],
        "bytecode": compiled["bytecode"],
        "bytecode_runtime": compiled["bytecode_runtime"],
        "compiler": {"name": "vyper", "settings": settings, "version": vyper.__version__},
        "contract": path.stem,
        "devdoc": compiled["devdoc"],
        "source": f"contracts/vyper/{path.name}",
        "source_sha256": hashlib.sha256(source).hexdigest(),
        "userdoc": compiled["userdoc"],
    }
    return json.dumps(artifact, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile every source; return 0, or 1 where `--check` finds a stale artifact."""
    parser = argparse.ArgumentParser(prog="python -m contracts.compile", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on a stale artifact")
    check = parser.parse_args(arguments).check
    stale = 0
    for source in sorted(SOURCES.glob("*.vy")):
        target = ARTIFACTS / f"{source.stem}.json"
        text = compile_source(source)
        if target.exists() and target.read_text(encoding="utf-8") == text:
            print(f"{source.stem}: unchanged")  # noqa: T201  (a command's output)
            continue
        stale += 1
        if not check:
            target.write_text(text, encoding="utf-8")
        print(f"{source.stem}: {'stale' if check else 'written'}")  # noqa: T201  (a command's output)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
