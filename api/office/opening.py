"""Opening the office: database, log key, chain and contracts of one installation, kept in its data directory.

    tallystick.db   the log and everything derived (unless a PostgreSQL URL is given)
    chain.db        the embedded chain
    chain.json      where registry and anchor are on the chain, and the salts behind them
    keys/           the log's signing keys and the operator's chain key, readable by their owner only
    files/          derived files, such as the lines behind statements

The chain opens on first use: a request that does not touch it does not load it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from api.errors import SettingUnusable
from api.office.chain_names import ChainNames
from api.office.log_keys import finish_rotation, signing_keys
from api.settings import Settings, private_folder
from contracts.deployer import deployer_key
from contracts.errors import ChainFileUnusable
from contracts.transactions import created_address
from contracts.typed_data import Domain
from ledger.database import open_engine
from ledger.group_commit import GroupCommit
from ledger.log import Log
from ledger.rotation import SigningKeys
from migrations.apply import migrate

if TYPE_CHECKING:
    from contracts.anchor import Anchor
    from contracts.chain import Chain
    from contracts.registry import Registry
    from contracts.signing import SigningKey

OPERATOR = "operator"
"""Who asserts what the office itself records."""

_SEED = "registry_seed"


def utc_now() -> datetime:
    """Return the present time with microseconds, UTC."""
    return datetime.now(UTC)


@dataclass
class Office:
    """An opened installation. Close it, or use it as a context manager."""

    settings: Settings
    engine: Engine
    log: Log
    clock: Callable[[], datetime] = utc_now

    def __enter__(self) -> Self:
        """Return the office itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    @cached_property
    def owner_engine(self) -> Engine:
        """The database as the owner of its tables, where one is named; else as everybody else opens it."""
        url = self.settings.owner_database_url
        return self.engine if url is None else open_engine(url)

    @property
    def log_key(self) -> SigningKeys:
        """The keys that the log signs with now, read anew: a rotation reaches a running server."""
        return signing_keys(self.key_folder)

    @property
    def key_folder(self) -> Path:
        """Where the log's keys live."""
        return self.settings.data_dir / "keys"

    @property
    def files(self) -> Path:
        """Where derived files live."""
        path = self.settings.data_dir / "files"
        private_folder(path)
        return path

    @cached_property
    def queue(self) -> GroupCommit:
        """The queue before the log, for entries that many clients send."""
        from ledger.intake.together import keyed_within  # noqa: PLC0415 (what few commands need)

        return GroupCommit(self.log, revise=keyed_within)

    @cached_property
    def chain(self) -> Chain:
        """The chain of this installation, which a request never waits for."""
        from api.office.chains import open_chain  # noqa: PLC0415 (as above)

        return open_chain(self)

    @cached_property
    def chain_key(self) -> SigningKey:
        """The operator's key for sending transactions; it has no power over agreements."""
        from api.office.chains import sending_key  # noqa: PLC0415 (as above)

        return sending_key(self)

    @property
    def names(self) -> ChainNames:
        """Where this installation's contracts are on its chain, and the salts behind them."""
        chain = self.settings.chain
        return ChainNames(
            self.settings.data_dir / "chain.json", chain_id=chain.chain_id if chain.url else None
        )

    @property
    def domain(self) -> Domain:
        """What every signature given here is bound to: chain id and registry. No chain is asked.

        On the embedded chain the registry's address is settled at first use: that of a key that deploys it
        and nothing else. The chain is given the registry when something is first registered there. On a chain
        behind a node it is the recorded one; raises ContractUnknown where there is none.
        """
        from contracts.embedded import CHAIN_ID  # noqa: PLC0415 (beside its only use)

        if self.settings.chain.url:
            return Domain(self.settings.chain.chain_id, self._recorded("registry", "AgreementRegistry"))
        standing = self.names.get("registry")
        if standing is None:
            address = created_address(self._registry_deployer().address, 0)
            standing = self.names.keep("registry", lambda: address)
        return Domain(CHAIN_ID, standing)

    @cached_property
    def registry(self) -> Registry:
        """The agreement registry, deployed on first use: for who works the chain, others need `domain`."""
        from contracts.registry import Registry  # noqa: PLC0415 (as above)

        address = self.domain.contract
        if self.settings.chain.url:
            return Registry.open(self.chain, address)
        if self.makes_its_registry and not self.chain.code(address):
            Registry.deploy(self.chain, key=self._registry_deployer())
        return Registry.open(self.chain, address)

    @property
    def makes_its_registry(self) -> bool:
        """Tell whether the embedded chain's registry is made here, and again where the chain is lost.

        Its address is that of a key kept in chain.json. Installations of earlier releases recorded theirs.
        """
        if self.names.get(_SEED) is None:
            return False
        return created_address(self._registry_deployer().address, 0) == self.domain.contract

    @cached_property
    def anchor(self) -> Anchor:
        """The checkpoint anchor, deployed on first use."""
        from contracts.anchor import Anchor  # noqa: PLC0415 (as above)
        from contracts.hashing import log_key  # noqa: PLC0415 (as above)

        salt = self.names.keep("log_salt", lambda: secrets.token_hex(32))
        key = log_key(bytes.fromhex(salt), self.log_key.name)
        if self.settings.chain.url:
            address = self._recorded("anchor", "LedgerAnchor")
            return Anchor.open(self.chain, address, key, self.chain_key.address)
        kept = self.names.get("anchor")
        if kept is not None and not self.chain.code(kept):
            kept = None  # a chain that was lost began anew
        anchor = Anchor.open_or_deploy(self.chain, kept, key, key=self.chain_key)
        self.names.put("anchor", anchor.address)
        return anchor

    def close(self) -> None:
        """Write what still waits, then close the chain and the database."""
        queue = self.__dict__.get("queue")
        if queue is not None:
            queue.close()
        chain = self.__dict__.get("chain")
        if chain is not None:
            chain.close()
        self.engine.dispose()
        if "owner_engine" in self.__dict__:
            self.owner_engine.dispose()

    def _recorded(self, name: str, artifact: str) -> str:
        from api.office.chains import recorded_address  # noqa: PLC0415 (as above)

        return recorded_address(self, name, artifact)

    def _registry_deployer(self) -> SigningKey:
        seed = self.names.keep(_SEED, lambda: secrets.token_hex(32))
        try:
            return deployer_key(bytes.fromhex(seed))
        except ValueError:
            raise ChainFileUnusable("holds a seed that is none; restore it", where="chain.json") from None


def open_office(
    settings: Settings, *, clock: Callable[[], datetime] = utc_now, upgrade: bool = True
) -> Office:
    """Open an installation, making it where it is new and migrating it where it is older.

    Without `upgrade` the database is left as it is found, for those who examine it.
    """
    engine = open_database(settings, upgrade=upgrade)
    log = Log(engine, clock=clock)
    try:
        if upgrade:
            finish_rotation(settings.data_dir / "keys", log)
        signing_keys(settings.data_dir / "keys")
    except BaseException:
        engine.dispose()
        raise
    return Office(settings, engine, log, clock)


def open_database(settings: Settings, *, upgrade: bool = True) -> Engine:
    """Open the database of an installation, its files readable by their owner only; see open_office.

    It is migrated as the owner of its tables where one is named. Raises OwnerNeeded, SettingUnusable.
    """
    private_folder(settings.data_dir)
    database = _address(settings.database_url, "TALLYSTICK_DATABASE")
    if settings.owner_database_url is not None:
        _address(settings.owner_database_url, "TALLYSTICK_OWNER_DATABASE")
    if database.get_backend_name() == "sqlite" and database.database:
        _private_file(Path(database.database))
    _private_file(settings.data_dir / "chain.db")
    engine = open_engine(settings.database_url)
    owner = engine if settings.owner_database_url is None else open_engine(settings.owner_database_url)
    try:
        if upgrade:
            migrate(owner)
    except BaseException:
        engine.dispose()
        raise
    finally:
        if owner is not engine:
            owner.dispose()
    return engine


def _address(text: str, name: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):  # the text may hold a password, so it is not repeated
        raise SettingUnusable(
            "it is no URL of a database; give sqlite:///PATH or postgresql+psycopg://…, or unset it",
            where=name,
        ) from None


def _private_file(path: Path) -> None:
    """Make an empty file readable by its owner only, where there is none: SQLite keeps the mode it finds."""
    if not path.exists() and path.parent.is_dir():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
