"""Settings of the server: the only place in `api` that reads the environment.

Not for business terms: what a deal says stands in its signed document, never here.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from api.errors import SettingUnusable

SECRET_BYTES = 32


@dataclass(frozen=True)
class ChainSettings:
    """Which chain: the embedded one where `url` is empty, else the one behind a node.

    The address of a node may hold a key of its provider, so it is in no text form of this.
    """

    url: str = field(default="", repr=False)
    chain_id: int = 0
    """The chain id that the node must answer; needed with `url`."""
    final_blocks: int = 64
    """How many blocks on top make a block final."""
    gwei_most: int = 500
    """The most that is offered for a unit of gas, tip and all, in thousand millionths of the chain's coin."""
    keystore: Path | None = None
    """Keystore file of the key that sends transactions; needed with `url`."""
    password_file: Path | None = None
    """File that holds the keystore's password."""

    @classmethod
    def from_environment(cls, given: Mapping[str, str]) -> ChainSettings:
        """Read `TALLYSTICK_CHAIN…`. Raises SettingUnusable."""
        url = given.get("TALLYSTICK_CHAIN", "").strip()
        if url and not _is_address(url):  # which may hold a key, so it is not repeated
            raise SettingUnusable(
                "it is no address of a node; give http://HOST:PORT or https://…, or unset it",
                where="TALLYSTICK_CHAIN",
            )
        chain_id = _whole(given, "TALLYSTICK_CHAIN_ID", cls.chain_id)
        if url and not chain_id:
            raise SettingUnusable(
                "name the chain that the node must serve, 1 for Ethereum: another is then refused",
                where="TALLYSTICK_CHAIN_ID",
            )
        return cls(
            url=url,
            chain_id=chain_id,
            final_blocks=_whole(given, "TALLYSTICK_CHAIN_FINAL_BLOCKS", cls.final_blocks),
            gwei_most=_whole(given, "TALLYSTICK_CHAIN_GWEI", cls.gwei_most),
            keystore=_path(given, "TALLYSTICK_CHAIN_KEYSTORE"),
            password_file=_path(given, "TALLYSTICK_CHAIN_PASSWORD_FILE"),
        )


@dataclass(frozen=True)
class Settings:
    """What a server is started with; every field has a default that is safe on one machine."""

    data_dir: Path
    """Where the database, keys and derived files live."""
    database_url: str
    """SQLAlchemy URL; SQLite in the data directory unless told otherwise."""
    secret: str
    """Signs form tokens. Kept in the data directory with mode 0600 unless given."""
    host: str = "127.0.0.1"
    port: int = 8000
    https: bool = False
    """Whether people reach the server over HTTPS: cookies are then marked Secure."""
    session_seconds_max: int = 12 * 3600
    """How long a sign-in in the browser lasts."""
    body_bytes_max: int = 32 * 1024 * 1024
    """The largest request body; larger imports go through the command line."""
    requests_per_minute: int = 1200
    """Requests one client address may make in a minute."""
    sign_ins_per_minute: int = 10
    """Sign-in attempts one client address may make in a minute."""
    owner_database_url: str | None = None
    """The same database as the owner of its tables, for who migrates or rebuilds it."""

    tend_seconds: int = 60
    """How often a server does what has come due by itself, in seconds; 0 for never."""

    anchor_seconds: int = 24 * 3600
    """How long after the last anchor a log that grew is anchored again, in seconds; 0 for only when asked."""

    splitter_lines: int = 16
    """About how many lines of a settlement CommissionSplitter is asked; 0 for none."""

    public_log: bool = False
    """Whether checkpoint and tiles of the log, which are hashes and a count, are open to anybody."""

    chain: ChainSettings = ChainSettings()
    """The chain that agreements are registered and the log is anchored on."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read `TALLYSTICK_*` variables. Raises SettingUnusable naming the variable that cannot be read."""
        given = os.environ if environ is None else environ
        data_dir = Path(given.get("TALLYSTICK_DATA", "var")).absolute()
        return cls(
            data_dir=data_dir,
            database_url=given.get("TALLYSTICK_DATABASE", f"sqlite:///{data_dir / 'tallystick.db'}"),
            secret=given.get("TALLYSTICK_SECRET") or kept_secret(data_dir / "secret"),
            host=given.get("TALLYSTICK_HOST", cls.host),
            port=_whole(given, "TALLYSTICK_PORT", cls.port),
            https=_whole(given, "TALLYSTICK_HTTPS", 0) == 1,
            session_seconds_max=_whole(given, "TALLYSTICK_SESSION_SECONDS", cls.session_seconds_max),
            body_bytes_max=_whole(given, "TALLYSTICK_BODY_BYTES", cls.body_bytes_max),
            requests_per_minute=_whole(given, "TALLYSTICK_REQUESTS_PER_MINUTE", cls.requests_per_minute),
            sign_ins_per_minute=_whole(given, "TALLYSTICK_SIGN_INS_PER_MINUTE", cls.sign_ins_per_minute),
            owner_database_url=given.get("TALLYSTICK_OWNER_DATABASE") or None,
            tend_seconds=_whole(given, "TALLYSTICK_TEND_SECONDS", cls.tend_seconds),
            anchor_seconds=_whole(given, "TALLYSTICK_ANCHOR_SECONDS", cls.anchor_seconds),
            splitter_lines=_whole(given, "TALLYSTICK_SPLITTER_LINES", cls.splitter_lines),
            public_log=_whole(given, "TALLYSTICK_PUBLIC_LOG", 0) == 1,
            chain=ChainSettings.from_environment(given),
        )


def kept_secret(path: Path) -> str:
    """Return the secret kept in a file, making it on first use readable by its owner only."""
    if not path.exists():
        private_folder(path.parent)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(SECRET_BYTES))
    return path.read_text().strip()


def private_folder(path: Path) -> None:
    """Make a folder that only its owner can enter, and every missing one above it likewise."""
    if not path.is_dir():
        private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _path(given: Mapping[str, str], name: str) -> Path | None:
    text = given.get(name)
    return Path(text).absolute() if text else None


def _whole(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit():
        raise SettingUnusable(f"'{text[:40]}' is not a whole number", where=name)
    return int(text)
