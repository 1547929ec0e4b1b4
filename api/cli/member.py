"""`tallystick member`: who may sign in, for which party and in which roles."""

from __future__ import annotations

import sys
from typing import cast

import click

from api.access import HOUSE_ROLES, ROLES, Grant, Role
from api.cli.output import office, say
from api.members.service import MemberService
from api.office.opening import Office


@click.group()
def command() -> None:
    """Enrol members, renew and withdraw their access codes."""


@command.command("enrol")
@click.argument("member")
@click.option("--name", required=True, help="What people call the member.")
@click.option(
    "--role", "roles", multiple=True, required=True, metavar="[PARTY:]ROLE", help="mcn:read, auditor, …"
)
def enrol_command(member: str, name: str, roles: tuple[str, ...]) -> None:
    """Enrol MEMBER and print the access code once; it cannot be shown again."""
    with office() as opened:
        members = _members(opened)
        if members.has(member):
            raise click.ClickException(f"{member} is enrolled already; renew the code instead")
        _code(members.enrol(member, name, [_grant(role) for role in roles]))


@command.command("renew")
@click.argument("member")
def renew_command(member: str) -> None:
    """Replace MEMBER's access code, ending the old one and every browser session."""
    with office() as opened:
        _code(_members(opened).renew_code(member))


@command.command("withdraw")
@click.argument("member")
def withdraw_command(member: str) -> None:
    """End MEMBER's access."""
    with office() as opened:
        _members(opened).withdraw(member)
    say(f"{member} can no longer sign in")


def _members(opened: Office) -> MemberService:
    def now_us() -> int:
        return int(opened.clock().timestamp() * 1_000_000)

    return MemberService(opened.engine, now_us, opened.settings.session_seconds_max)


def _grant(text: str) -> Grant:
    party, colon, role = text.rpartition(":")
    if role not in ROLES:
        raise click.UsageError(f"'{role}' is no role; the roles are {', '.join(sorted(ROLES))}")
    if bool(colon) == (role in HOUSE_ROLES):
        raise click.UsageError(
            f"'{text}': {'this role belongs to no party' if colon else 'write PARTY:' + role}"
        )
    return Grant(cast("Role", role), party or None)


def _code(code: str) -> None:
    if sys.stdout.isatty():
        say("Access code, shown this once:")
    say(code)
