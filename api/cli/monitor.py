"""`tallystick monitor`: what signed documents and the law have watched for, and a run over the log."""

from __future__ import annotations

import click

from api.cli.output import json_option, office, print_json, say, say_if_none


@click.group()
def command() -> None:
    """List what is watched for, and run the monitors over what is new in the log."""


@command.command("list")
@click.option("--agreement", metavar="ID", help="Only those of one agreement.")
@json_option
def list_command(*, agreement: str | None, as_json: bool) -> None:
    """List the monitors of every signed version: what each finds, and the clause or law that it is of."""
    from api.office.monitoring import plan  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        found = [one for one in plan(opened).monitors if agreement in {None, one.agreement.id}]
    rows = [
        {
            "agreement": one.agreement.ref,
            "clause": one.clause,
            "code": one.monitor.code,
            "severity": one.monitor.severity,
            "watches": list(one.monitor.watch.kinds) if one.monitor.watch else [],
            "readers": list(one.readers),
            "rule": one.rule,
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
        return
    say_if_none(rows, "nothing is watched for: no signed version has a clause with a monitor")
    for one in found:
        of = f"clause {one.clause}" if one.clause else one.rule
        watched = ", ".join(one.monitor.watch.kinds) if one.monitor.watch else "days and orders"
        say(f"{one.agreement.ref:<24} {of:<28} {one.monitor.code:<24} {one.monitor.severity:<8} {watched}")


@command.command("run")
@click.option("--anew", is_flag=True, help="Read the whole log again; what was said is not said twice.")
@json_option
def run_command(*, anew: bool, as_json: bool) -> None:
    """Run the monitors over what is new, and give notices of what they find."""
    from api.office.monitoring import run  # noqa: PLC0415 (as above)

    with office() as opened:
        ran = run(opened, anew=anew)
    if as_json:
        print_json({"entries": ran.entries, "found": ran.found, "given": ran.given})
        return
    say(f"{ran.entries} entries read, {ran.found} thing(s) found, {ran.given} notice(s) given")
