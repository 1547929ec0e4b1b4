"""`tallystick member`: who may sign in, for which party and in which roles."""

from __future__ import annotations

import sys
from typing import Any, cast

import click

from api.access import HOUSE_ROLES, ROLES, Grant, Role, SourceGrant, Viewer
from api.cli.output import json_option, office, print_json, say, say_if_none
from api.members.service import MemberService
from api.office.opening import Office


@click.group()
def command() -> None:
    """Enrol members, renew and withdraw their access codes."""


@command.command("enrol")
@click.argument("member")
@click.option("--name", required=True, help="What people call the member.")
@click.option("--role", "roles", multiple=True, metavar="[PARTY:]ROLE", help="mcn:read, auditor, …")
@click.option(
    "--write", "sources", multiple=True, metavar="PARTY=SOURCE", help="Entries of SOURCE in PARTY's name."
)
def enrol_command(member: str, name: str, roles: tuple[str, ...], sources: tuple[str, ...]) -> None:
    """Enrol MEMBER and print the access code once; it cannot be shown again.

    A program that sends entries needs one --write for each source; others need a --role.
    """
    if not roles and not sources:
        raise click.UsageError("say what the member may do, with --role or --write")
    with office() as opened:
        members = members_of(opened)
        if members.has(member):
            raise click.ClickException(f"{member} is enrolled already; renew the code instead")
        granted = [_grant(role) for role in roles]
        _code(members.enrol(member, name, granted, [_source(source) for source in sources]))


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List who can sign in, and in which roles. Access codes are not kept and cannot be listed."""
    with office() as opened:
        found = members_of(opened).enrolled()
    rows = [
        {
            "member": one.member,
            "name": one.name,
            "roles": sorted(_role_text(grant) for grant in one.grants),
            "sources": _source_texts(one),
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
        return
    say_if_none(found, "nobody is enrolled")
    for one in found:
        granted = [*sorted(map(_role_text, one.grants)), *_source_texts(one)]
        say(f"{one.member:<20} {one.name:<24} {', '.join(granted)}")


@command.command("renew")
@click.argument("member")
def renew_command(member: str) -> None:
    """Replace MEMBER's access code, ending the old one and every browser session."""
    with office() as opened:
        _code(members_of(opened).renew_code(member))


@command.command("withdraw")
@click.argument("member")
def withdraw_command(member: str) -> None:
    """End MEMBER's access."""
    with office() as opened:
        members_of(opened).withdraw(member)
    say(f"{member} can no longer sign in")


def members_of(opened: Office) -> MemberService:
    """Return the members of an opened installation."""

    def now_us() -> int:
        return int(opened.clock().timestamp() * 1_000_000)

    return MemberService(opened.engine, now_us, opened.settings.session_seconds_max)


def viewer_of(opened: Office, code_file: Any) -> Viewer:
    """Return who the access code in an opened file belongs to. Raises CodeRefused."""
    return members_of(opened).viewer_of_code(code_file.read(1_000).strip())


def _role_text(grant: Grant) -> str:
    return f"{grant.party}:{grant.role}" if grant.party else grant.role


def _source_texts(viewer: Viewer) -> list[str]:
    return sorted(f"{one.party}={one.source}" for one in viewer.sources)


def _source(text: str) -> SourceGrant:
    party, equals, source = text.partition("=")
    if not party or not equals or not source:
        raise click.UsageError(f"'{text}': write PARTY=SOURCE, such as platform=shop")
    return SourceGrant(party, source)


def _grant(text: str) -> Grant:
    party, colon, role = text.rpartition(":")
    if role not in ROLES:
        raise click.UsageError(f"'{role}' is no role; the roles are {', '.join(sorted(ROLES))}")
    if role == "write":
        raise click.UsageError(f"'{text}': name the source, with --write {party or 'PARTY'}=SOURCE")
    if bool(colon) == (role in HOUSE_ROLES):
        raise click.UsageError(
            f"'{text}': {'this role belongs to no party' if colon else 'write PARTY:' + role}"
        )
    return Grant(cast("Role", role), party or None)


def _code(code: str) -> None:
    if sys.stdout.isatty():
        say("Access code, shown this once:")
    say(code)
