"""A version of an agreement as commands print it: who signed, for whom it waits, where it is registered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from api.cli.output import print_json, say
from api.office.agreements import Held

if TYPE_CHECKING:
    from api.office.opening import Office


def show_version(one: Held, opened: Office, *, as_json: bool) -> None:
    """Print a version: its digest, each signature, for whom it waits, and how the proposal ended."""
    now = opened.clock()
    if as_json:
        print_json(version_row(one, now))
        return
    say(f"{one.agreement.ref}  sha256 {one.agreement.sha256}")
    for given in one.signatures:
        say(f"  signed by {given.party:<12} {given.address}")
    end = one.ended(now)
    if end is not None:
        why = f": {one.proposal.end.reason}" if one.proposal.end else ""
        say(f"  {end}{why}")
        return
    for key in one.waiting_for:
        ahead = one.ahead(key, now)
        after = f"  (signs after {', '.join(ahead)})" if ahead else ""
        say(f"  waiting for {key:<10} {one.signers[key][1]}{after}")
    if one.is_signed:
        say(f"  every party signed; {_registered(one)}")


def state_of(one: Held, now: datetime) -> str:
    """Return how a version stands in a few words."""
    end = one.ended(now)
    if one.is_signed or end is not None:
        return end or "signed"
    return f"waiting for {', '.join(one.proposal.process.turn(one.waiting_for)) or 'its record'}"


def version_row(one: Held, now: datetime) -> dict[str, object]:
    """Return a version as JSON."""
    process = one.proposal.process
    return {
        "agreement": one.agreement.ref,
        "sha256": one.agreement.sha256,
        "keccak256": one.agreement.keccak256,
        "signed": one.is_signed,
        "registered": one.registration is not None,
        "signatures": {given.party: given.address for given in one.signatures},
        "waiting_for": list(one.waiting_for),
        "turn_of": list(one.turn(now)),
        "expires_at": None if process.expires_at is None else process.expires_at.isoformat(),
        "ended": one.ended(now),
    }


def _registered(one: Held) -> str:
    if one.registration is None:
        return "not registered on a chain yet (tallystick chain work)"
    return f"registered on chain {one.registration.chain_id} in block {one.registration.block}"
