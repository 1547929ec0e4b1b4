"""The command line. `main` keeps the exit codes: 0 done and good, 1 a check failed, 2 could not run."""

from __future__ import annotations

import sys

from api.cli.root import root
from policies.errors import TallystickError


def main() -> None:
    """Run `tallystick` and exit: refusals are one line on standard error and exit code 2."""
    import click  # noqa: PLC0415 (beside its only use)

    try:
        code = root.main(prog_name="tallystick", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as fault:
        fault.show()
        sys.exit(2)
    except TallystickError as fault:
        sys.stderr.write(f"tallystick: {fault} [{fault.code}]\n")
        sys.exit(2)
    except OSError as fault:
        sys.stderr.write(f"tallystick: {fault.filename or ''}: {fault.strerror or fault}\n")
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
