"""What moves in a vault: `prepare-…, send, draw, release, put-in, contest, appeal, withdraw`.

Who acts for a party does so with its keystore file. What arbiters or all parties decide goes out as a request
file, comes back as signatures (`tallystick sign`), and is sent by anybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.key import password_of, password_option
from api.cli.output import office, read_text, readable_file, say

if TYPE_CHECKING:
    from api.office.opening import Office
    from api.office.vaults import OpenedVault
    from contracts.signing import SigningKey
    from contracts.typed_data import Message
    from contracts.vault import Vault

_vault = click.argument("vault", metavar="VAULT")
_out = click.option(
    "--out", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write it."
)


@dataclass(frozen=True, slots=True)
class Acting:
    """Which party acts, by which keystore file."""

    party: str
    keystore: Path
    password_file: Path | None


def _acting(command: Callable[..., None]) -> Any:
    """Add the options that say which party acts, and hand them over as one."""

    @wraps(command)
    def run(*, party: str, keystore: Path, password_file: Path | None, **rest: Any) -> None:
        command(**rest, acting=Acting(party, keystore, password_file))

    keystore = click.option("--keystore", required=True, type=readable_file, help="Its keystore file.")
    party = click.option("--as", "party", required=True, help="The party's key in the document.")
    return party(keystore(password_option(run)))


@click.command("prepare-ruling")
@_vault
@click.argument("dispute")
@click.option("--payee", help="To which party, where the decision pays several.")
@_out
def prepare_ruling_command(vault: str, dispute: str, payee: str | None, out: Path) -> None:
    """Write what the arbiters of VAULT sign so that it pays what stands of DISPUTE."""
    from api.office.vaults import ruling_to_sign  # noqa: PLC0415 (as above)

    _write_request(vault, out, lambda opened, one: ruling_to_sign(opened, one, dispute, payee))


@click.command("prepare-appeal")
@_vault
@click.argument("ruling", metavar="RULING")
@click.option("--upheld/--overturned", "stands", required=True, help="What the reviewers decide.")
@_out
def prepare_appeal_command(vault: str, ruling: str, stands: bool, out: Path) -> None:
    """Write what the reviewers of VAULT sign on RULING, by its 0x key."""
    from contracts.vault_terms import VaultAppealDecision  # noqa: PLC0415 (as above)

    _write_request(vault, out, lambda *_: VaultAppealDecision(_key(ruling), stands))


@click.command("prepare-release")
@_vault
@click.option(
    "--pay", "payments", required=True, multiple=True, metavar="WHO=AMOUNT",
    help="A party or an address, and how much in the document's currency: streamer=300.00.",
)  # fmt: skip
@_out
def prepare_release_command(vault: str, payments: tuple[str, ...], out: Path) -> None:
    """Write what all parties sign so that VAULT lets something go."""
    from api.office.vaults import release_to_sign  # noqa: PLC0415 (as above)

    def release(opened: Office, one: OpenedVault) -> Message:
        return release_to_sign(opened, one, _payments(payments, one.plan.agreement.currency))

    _write_request(vault, out, release)


@click.command("send")
@_vault
@click.argument("request", type=readable_file)
@click.argument("signatures", type=readable_file, nargs=-1, required=True)
def send_command(vault: str, request: Path, signatures: tuple[Path, ...]) -> None:
    """Send REQUEST to VAULT with the SIGNATURES that came back."""
    from api.office.vaults import carry_out, vault_at  # noqa: PLC0415 (as above)
    from contracts.signing_file import read_request, read_signature  # noqa: PLC0415 (as above)

    asked = read_request(read_text(request), str(request))
    given = [read_signature(read_text(path), str(path)) for path in signatures]
    with office() as opened:
        say(f"sent: transaction {carry_out(opened, vault_at(opened, vault), asked.message, given)}")


@click.command("draw")
@_vault
@click.argument("ruling", metavar="RULING")
def draw_command(vault: str, ruling: str) -> None:
    """Have what RULING awards credited, once nobody can appeal."""
    _send(vault, lambda one, _, key: one.draw(_key(ruling), key=key).transaction)


@click.command("release")
@_vault
def release_command(vault: str) -> None:
    """Have what its time has freed credited to who put it up."""
    _send(vault, lambda one, _, key: one.release(key=key).transaction)


@click.command("put-in")
@_vault
@click.argument("amount")
@_acting
def put_in_command(vault: str, amount: str, acting: Acting) -> None:
    """Put AMOUNT in, of the tokens that the party's key has."""

    def act(one: Vault, opened: OpenedVault, key: SigningKey) -> str:
        return one.put_in(opened.plan.address(acting.party), _units(opened, amount), key=key).transaction

    _send(vault, act, acting)


@click.command("contest")
@_vault
@click.argument("dispute")
@click.argument("amount")
@_acting
def contest_command(vault: str, dispute: str, amount: str, acting: Acting) -> None:
    """Keep AMOUNT in VAULT until DISPUTE is ruled on, for a party that it may pay."""

    def act(one: Vault, opened: OpenedVault, key: SigningKey) -> str:
        units = _units(opened, amount)
        contest = opened.key(f"contest/{dispute}")
        return one.contest(opened.plan.address(acting.party), contest, units, key=key).transaction

    _send(vault, act, acting)


@click.command("appeal")
@_vault
@click.argument("ruling", metavar="RULING")
@_acting
def appeal_command(vault: str, ruling: str, acting: Acting) -> None:
    """Take RULING to the reviewers, before it can be drawn."""

    def act(one: Vault, opened: OpenedVault, key: SigningKey) -> str:
        return one.appeal(opened.plan.address(acting.party), _key(ruling), key=key).transaction

    _send(vault, act, acting)


@click.command("withdraw")
@_vault
@click.option("--to", metavar="ADDRESS", help="Where it goes; the address of the key where it is not said.")
@_acting
def withdraw_command(vault: str, to: str | None, acting: Acting) -> None:
    """Fetch what a party is credited."""

    def act(one: Vault, opened: OpenedVault, key: SigningKey) -> str:
        return one.withdraw(opened.plan.address(acting.party), to or key.address, key=key).transaction

    _send(vault, act, acting)


def _send(
    vault: str, act: Callable[[Vault, OpenedVault, SigningKey], str], acting: Acting | None = None
) -> None:
    """Have a vault do something, by a party's key or, where anybody may, the operator's, in its turn."""
    from api.office.chain_worker.turn import turn  # noqa: PLC0415 (as above)
    from api.office.vaults import on_chain, vault_at  # noqa: PLC0415 (as above)
    from contracts.keystore import read_keystore  # noqa: PLC0415 (loads the curve library)

    with office() as opened:
        one = vault_at(opened, vault)
        if acting is None:
            with turn(opened):
                transaction = act(on_chain(opened, one), one, opened.chain_key)
        else:
            key = read_keystore(acting.keystore, password_of(acting.password_file))
            transaction = act(on_chain(opened, one), one, key)
        say(f"sent: transaction {transaction}")


def _write_request(vault: str, out: Path, make: Callable[[Office, OpenedVault], Message]) -> None:
    from api.office.vaults import request_of, vault_at  # noqa: PLC0415 (as above)

    with office() as opened:
        one = vault_at(opened, vault)
        message = make(opened, one)
        request = request_of(opened, one, message)
    out.write_text(json.dumps(request, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    fields = message.fields()
    if "ruling" in fields:
        say(f"ruling 0x{fields['ruling'].hex()}")
    signers = ", ".join(each["party"] for each in request["signers"])
    say(f"{out}: a {message.primary_type} for {signers} to sign: tallystick sign {out}")


def _payments(told: tuple[str, ...], currency: str) -> dict[str, int]:
    from policies.money import to_minor  # noqa: PLC0415 (as above)

    found: dict[str, int] = {}
    for each in told:
        who, equals, amount = each.partition("=")
        if not equals:
            raise click.UsageError(f"--pay {each}: write it as WHO=AMOUNT, streamer=300.00")
        found[who] = found.get(who, 0) + to_minor(amount, currency)
    return found


def _units(one: OpenedVault, amount: str) -> int:
    from policies.money import to_minor  # noqa: PLC0415 (as above)

    return one.plan.units(to_minor(amount, one.plan.agreement.currency), one.decimals)


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raise click.UsageError(f"{text}: a ruling's key is 0x and 64 hexadecimal digits") from None


COMMANDS = (
    prepare_ruling_command,
    prepare_appeal_command,
    prepare_release_command,
    send_command,
    draw_command,
    release_command,
    put_in_command,
    contest_command,
    appeal_command,
    withdraw_command,
)
