"""`tallystick key`: keystore files and the log's own key. Addresses are printed, keys never."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import office, read_text, readable_file, say

password_option = click.option(
    "--password-file", type=readable_file, help="File with the keystore's password; asked for when absent."
)


def password_of(path: Path | None) -> str:
    """Return the password from a file, or ask for it without showing it."""
    if path is not None:
        return read_text(path).rstrip("\n")
    return str(click.prompt("Keystore password", hide_input=True, err=True))


@click.group()
def command() -> None:
    """Make keystore files and show their addresses; replace the log's own key."""


@command.command("new")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@password_option
@click.option("--light", is_flag=True, help="Quick to open and to guess; for trying out only.")
def new_command(path: Path, password_file: Path | None, light: bool) -> None:
    """Make a new signing key in a keystore file and print its address."""
    from contracts.keystore import SCRYPT_LIGHT, SCRYPT_STANDARD, create_keystore  # noqa: PLC0415 (loads the curve library)

    work_factor = SCRYPT_LIGHT if light else SCRYPT_STANDARD
    say(create_keystore(path, password_of(password_file), work_factor=work_factor))


@command.command("address")
@click.argument("path", type=readable_file)
def address_command(path: Path) -> None:
    """Print the address of a keystore file."""
    from contracts.keystore import keystore_address  # noqa: PLC0415 (as above)

    say(keystore_address(path))


@command.command("rotate")
def rotate_command() -> None:
    """Replace the log's key and print the new one; until `key retire` both sign."""
    from api.office.log_keys import rotate_key  # noqa: PLC0415 (loads the database's libraries)
    from api.office.opening import OPERATOR  # noqa: PLC0415 (as above)

    with office() as opened:
        rotation = rotate_key(opened.key_folder, opened.log, by=OPERATOR, now=opened.clock())
    say(f"{rotation.old.label} names its successor, and both sign until it is retired:")
    say(str(rotation.new))


@command.command("retire")
def retire_command() -> None:
    """Destroy the log's replaced keys, so that the new one signs alone. There is no way back."""
    from api.office.log_keys import destroy_earlier  # noqa: PLC0415 (as above)

    with office() as opened:
        gone = destroy_earlier(opened.key_folder, opened.log)
    for label in gone:
        say(f"{label} is destroyed and signs no more")
    if not gone:
        say("no replaced key is left; there is nothing to destroy")
