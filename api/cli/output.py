"""What commands print: JSON on request, else lines and tables for people; progress on long work."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from api.office.opening import Office
    from policies.agreement import Agreement

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines for people.")
readable_file = click.Path(exists=True, dir_okay=False, path_type=Path)


def print_json(value: Any) -> None:
    """Print one JSON value."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def say(line: str = "") -> None:
    """Print one line for people, at once, also where they read it through a pipe."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say_if_none(found: Sequence[object], words: str) -> None:
    """Say so where a list has nothing in it, which nobody can tell from a command that did nothing."""
    if not found:
        say(words)


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write rows as CSV; text that a spreadsheet would run gets an apostrophe in front."""
    import csv  # noqa: PLC0415 (beside its only use)

    from api.sending import inert  # noqa: PLC0415 (loads the server's library)

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = (row[name] for name in columns)
        writer.writerow(
            [inert(cell) if isinstance(cell, str) and not _is_amount(cell) else cell for cell in cells]
        )


def _is_amount(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def read_text(path: Path) -> str:
    """Read a file as UTF-8. Raises a usage error that names it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(f"{path} is not text in UTF-8; save it as UTF-8") from None


def read_agreement(path: Path) -> Agreement:
    """Load an agreement file. Raises AgreementRejected."""
    from policies.loading import load_agreement  # noqa: PLC0415 (most commands read no document)

    return load_agreement(read_text(path), name=str(path))


def money(amount_minor: int, currency: str) -> str:
    """Write minor units for people: 2,835,600.00."""
    from policies.money import from_minor  # noqa: PLC0415 (only where an amount is shown)

    whole, dot, cents = from_minor(abs(amount_minor), currency).partition(".")
    return f"{'-' if amount_minor < 0 else ''}{int(whole):,}{dot}{cents}"


@contextmanager
def office(*, upgrade: bool = True) -> Iterator[Office]:
    """Open the installation that the environment names, and close it; see `open_office`.

    What the database refuses, being damaged, locked or out of reach, is a usage error with its own words.
    """
    from api.office.opening import open_office  # noqa: PLC0415 (loads the database's libraries)
    from api.settings import Settings  # noqa: PLC0415 (beside its only use)

    settings = Settings.from_environment()
    with database_refusals(settings.data_dir), open_office(settings, upgrade=upgrade) as opened:
        yield opened


@contextmanager
def database_refusals(data: Path) -> Iterator[None]:
    """Turn what a database refuses into a usage error that names the installation, in its words."""
    import sqlite3  # noqa: PLC0415 (beside its only use)

    import psycopg  # noqa: PLC0415 (loaded by what follows anyway)
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 (as above)

    try:
        yield
    except (DBAPIError, sqlite3.Error, psycopg.Error) as fault:
        reason = fault.orig if isinstance(fault, DBAPIError) else fault
        raise click.ClickException(f"the database under {data} cannot be used: {reason}") from None


@contextmanager
def progress(label: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error while long work runs; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415 (only where a person watches)
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
