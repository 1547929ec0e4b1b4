"""`tallystick register`: what registers there are, telling them what happened, and what was told."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, progress, readable_file, say, say_if_none
from api.cli.pairs import pairs

if TYPE_CHECKING:
    from ledger.registers.declaration import Register
    from ledger.registers.items import Item


@click.group()
def command() -> None:
    """Keep registers: live sessions, promotions, training and more, each declared as data."""


@command.command("kinds")
@click.argument("register", required=False)
@json_option
def kinds_command(register: str | None, as_json: bool) -> None:
    """List the registers there are; of one REGISTER its events, what each takes, and its clocks."""
    from ledger.registers.declaration import register as declared  # noqa: PLC0415 (beside its only use)
    from ledger.registers.declaration import registers  # noqa: PLC0415 (as above)

    if register is not None:
        one = declared(register)
        if as_json:
            print_json(one.model_dump(mode="json", by_alias=True, exclude_none=True))
        else:
            _say_kind(one)
        return
    found = registers()
    if as_json:
        print_json([{"register": one.name, "title": one.title.model_dump()} for one in found.values()])
        return
    for one in found.values():
        say(f"{one.name:<20} {one.title.zh} / {one.title.en}")


@command.command("tell")
@click.argument("register")
@click.argument("item")
@click.argument("event")
@click.argument("fields", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--by", required=True, help="On whose word: the party's key in the document, or its id.")
@click.option("--agreement", metavar="ID", help="The agreement that it is under.")
@click.option("--party", metavar="ID", help="The party that it is about, for a register of parties.")
@click.option("--at", metavar="TIME", help="When it happened, with its offset; else now.")
@json_option
def tell_command(  # noqa: PLR0913 (one option each)
    *, register: str, item: str, event: str, fields: tuple[str, ...], by: str, agreement: str | None,
    party: str | None, at: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Tell REGISTER that EVENT happened to ITEM, with fields as NAME=VALUE.

    An event that opens items makes ITEM; telling the same again adds nothing.
    """
    from api.office.registers import tell_event  # noqa: PLC0415 (loads the database's libraries)
    from policies.facts import read_instant  # noqa: PLC0415 (as above)

    with office() as opened:
        seq = tell_event(
            opened, register, item, event, pairs(fields), by=by, agreement=agreement, party=party,
            occurred_at=read_instant(at) if at else None,
        )  # fmt: skip
    if as_json:
        print_json({"register": register, "item": item, "event": event, "entry_seq": seq})
    else:
        say(f"{register} {item}: {event} stands in entry {seq}")


@command.command("import")
@click.argument("register")
@click.argument("file", type=readable_file)
@click.option("--by", required=True, help="On whose word: the party's key in the document, or its id.")
@click.option("--agreement", metavar="ID", help="The agreement that the rows are under.")
@click.option("--event", help="The event that rows tell which have no column 'event'.")
@json_option
def import_command(  # noqa: PLR0913 (one option each)
    *, register: str, file: Path, by: str, agreement: str | None, event: str | None, as_json: bool
) -> int:
    """Tell REGISTER every row of FILE (CSV, XLSX, NDJSON, Parquet or Arrow).

    Columns are item, event, occurred_at, party and the register's fields. The same file again adds nothing.

    Exit code 1 when rows were refused; the rest is taken.
    """
    from api.office.registers import import_events  # noqa: PLC0415 (loads the database's libraries)

    with office() as opened, progress(file.name, quiet=as_json) as show:
        found = import_events(opened, file, register, by=by, agreement=agreement, event=event, progress=show)
    if as_json:
        print_json(asdict(found))
    else:
        say(f"{file.name}: {found.rows:,} rows, {found.told:,} told, {found.repeated:,} on record before")
        for one in found.refusals:
            at = f"row {one.row}" + (f" (line {one.line})" if one.line else "")
            say(f"  refused: {at} {one.item}: {one.message} [{one.code}]")
        if found.refused > len(found.refusals):
            say(f"  and {found.refused - len(found.refusals):,} more were refused")
    return int(found.refused > 0)


@command.command("show")
@click.argument("register")
@click.argument("item")
@json_option
def show_command(register: str, item: str, as_json: bool) -> None:
    """Show ITEM of REGISTER: its state, fields, checks, clocks and everything that happened."""
    from ledger.registers.items import item as read  # noqa: PLC0415 (loads the database's libraries)

    with office() as opened:
        found = read(opened.log, register, item)
        now = opened.clock()
    if as_json:
        print_json(item_json(found, now))
        return
    say(f"{register} {found.id}: {found.state}   {found.agreement or found.party}{_kept(found)}")
    for name, told in found.fields.items():
        say(f"  {name:<20} {told.text if told.text is not None else '(erased)'}")
    for name, event in found.checks.items():
        say(f"  check {name:<14} made by {event.by}, entry {event.seq}")
    for clock in found.clocks:
        until = clock.due or "no day that the calendar knows"
        how = f"ended {clock.ended_at}" if clock.ended_at else "runs"
        say(f"  clock {clock.id:<14} {how}, due {until}{'  LATE' if clock.is_late(now) else ''}")
    for event in found.happened:
        fields = ", ".join(f"{name}={text}" for name, text in event.fields.items() if text is not None)
        say(f"  {event.occurred_at}  {event.event:<16} {event.by}  entry {event.seq}  {fields}")


@command.command("list")
@click.argument("register")
@click.option("--agreement", metavar="ID", help="Only those of an agreement.")
@click.option("--state", help="Only those in a state.")
@click.option("--late", is_flag=True, help="Only those of which a clock is late.")
@json_option
def list_command(register: str, agreement: str | None, state: str | None, late: bool, as_json: bool) -> None:
    """List the items of REGISTER, oldest first."""
    from ledger.registers.items import items  # noqa: PLC0415 (loads the database's libraries)

    with office() as opened:
        now = opened.clock()
        found = [
            one
            for one in items(opened.log, register, agreement)
            if (state is None or one.state == state)
            and (not late or any(clock.is_late(now) for clock in one.clocks))
        ]
    if as_json:
        print_json([item_json(one, now) for one in found])
        return
    say_if_none(found, "nothing was told of any")
    for one in found:
        late_clocks = ", ".join(clock.id for clock in one.clocks if clock.is_late(now))
        marked = f"  LATE: {late_clocks}" if late_clocks else ""
        say(f"{one.id:<24} {one.state:<14} {one.opened.occurred_at}  {one.agreement or one.party}{marked}")


def item_json(one: Item, now: datetime) -> dict[str, Any]:
    """Return an item as JSON."""
    return {
        "register": one.register,
        "item": one.id,
        "agreement": one.agreement,
        "party": one.party,
        "state": one.state,
        "kept_until": _kept_until(one),
        "fields": {name: told.text for name, told in one.fields.items()},
        "checks": {name: event.seq for name, event in one.checks.items()},
        "clocks": [
            {
                "clock": clock.id, "since": clock.since, "due": clock.due, "ended_at": clock.ended_at,
                "late": clock.is_late(now),
            }
            for clock in one.clocks
        ],
        "happened": [
            {
                "event": event.event, "entry_seq": event.seq, "occurred_at": event.occurred_at,
                "by": event.by, "fields": dict(event.fields),
            }
            for event in one.happened
        ],
    }  # fmt: skip


def _kept_until(one: Item) -> str | None:
    from ledger.registers.declaration import register  # noqa: PLC0415 (loads the declarations)
    from ledger.registers.keeping import kept_until  # noqa: PLC0415 (as above)

    until = kept_until(register(one.register), one.happened)
    return until.isoformat() if until else None


def _kept(one: Item) -> str:
    from ledger.registers.declaration import register  # noqa: PLC0415 (loads the declarations)

    retention = register(one.register).retention
    if retention is None:
        return ""
    until = _kept_until(one)
    return f"   kept until {until or f'{retention.days} days after {retention.from_}'}"


def _say_kind(one: Register) -> None:
    say(f"{one.name}: {one.title.zh} / {one.title.en}")
    say(f"  of a{'n agreement' if one.of == 'agreement' else ' party'}; states {', '.join(one.states)}")
    for name, event in one.all_events.items():
        led = f"opens it, {event.opens}" if event.opens else f"in {', '.join(event.in_) or 'any state'}"
        to = f" → {event.to}" if event.to else ""
        say(f"  {name:<18} {led}{to}; by {', '.join(event.by) or 'any party'}")
        if event.fields:
            taken = (f"{field}*" if field in event.needs else field for field in event.fields)
            say(f"  {'':<18} takes {', '.join(taken)}")
        if event.checklist:
            say(f"  {'':<18} after {', '.join(event.checklist)}")
    for clock in one.clocks:
        span = f"{clock.days} {clock.counted_in.replace('_', ' ')}" if clock.days else f"{clock.hours} hours"
        say(f"  clock {clock.id}: {span} from {clock.from_} until {', '.join(clock.until)}")
    if one.retention:
        say(f"  kept {one.retention.days} days from {one.retention.from_}")
