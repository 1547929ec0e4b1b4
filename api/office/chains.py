"""Which chain an installation is on, as its settings say: how it opens, who sends, where contracts stand.

On the embedded chain everything is made when it is first needed. On a chain behind a node nothing is: a key
is named, contracts stand where a deployment was recorded (`tallystick chain deploy`, contracts/deployments),
and a chain with another id is refused.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from api.errors import SettingUnusable
from api.office.private_files import kept_text
from contracts.artifacts import load_artifact
from contracts.deployments import deployed
from contracts.errors import ChainFileUnusable, ChainLibraryMissing, ContractUnknown

if TYPE_CHECKING:
    from pathlib import Path

    from api.office.opening import Office
    from api.settings import ChainSettings
    from contracts.chain import Chain
    from contracts.signing import SigningKey


def open_chain(office: Office) -> Chain:
    """Open the chain; raises NodeUnreachable, ChainOther, ChainLibraryMissing, or ChainFileUnusable."""
    settings = office.settings.chain
    return _behind_a_node(settings) if settings.url else _embedded(office)


def sending_key(office: Office) -> SigningKey:
    """Return the key that sends transactions; it has no power over agreements."""
    settings = office.settings.chain
    return (
        _keystore_key(settings)
        if settings.url
        else _kept_key(office.settings.data_dir / "keys" / "chain.key")
    )


def recorded_address(office: Office, name: str, artifact: str) -> str:
    """Return where a contract stands on the chain behind a node: as kept here, else as committed for all.

    What was committed is kept at first use: signatures are bound to it, whatever a later release commits. No
    chain is asked. Raises ContractUnknown where neither knows.
    """
    kept = office.names.get(name)
    if kept is not None:
        return kept
    chain_id = office.settings.chain.chain_id
    committed = deployed(chain_id, load_artifact(artifact))
    if committed is None:
        raise ContractUnknown(
            f"no {artifact} is recorded on chain {chain_id}; run `tallystick chain deploy`",
            where="chain.json",
        )
    return office.names.keep(name, lambda: committed.address)


def _embedded(office: Office) -> Chain:
    from api.office.sealing import FILE, require_sealed  # noqa: PLC0415 (which opens an office itself)
    from contracts.embedded import EmbeddedChain  # noqa: PLC0415 (py-evm takes a second to import)

    path = office.settings.data_dir / FILE
    require_sealed(office.log, path)
    return EmbeddedChain.open(path, clock=lambda: office.clock().timestamp())


def _behind_a_node(settings: ChainSettings) -> Chain:
    try:
        from contracts.rpc import GWEI, Conduct, RpcChain  # noqa: PLC0415 (web3 takes a second, and may be missing)
    except ModuleNotFoundError as fault:
        raise ChainLibraryMissing(
            f"{fault.name} is not installed; `pip install 'tallystick[evm]'`, or unset this variable",
            where="TALLYSTICK_CHAIN",
        ) from None
    conduct = Conduct(final_depth=settings.final_blocks, wei_most=settings.gwei_most * GWEI)
    return RpcChain.open(settings.url, chain_id=settings.chain_id, conduct=conduct)


def _kept_key(path: Path) -> SigningKey:
    from contracts.signing import SigningKey  # noqa: PLC0415 (loads the curve library)

    try:
        return SigningKey(bytes.fromhex(kept_text(path, lambda: secrets.token_hex(32))))
    except ValueError:  # and nothing of the file's text, which may be most of a key
        raise ChainFileUnusable("does not hold a key; restore it", where=str(path)) from None


def _keystore_key(settings: ChainSettings) -> SigningKey:
    from contracts.keystore import read_keystore  # noqa: PLC0415 (as above)

    keystore = _named(settings.keystore, "TALLYSTICK_CHAIN_KEYSTORE", "the keystore of the key that sends")
    password = _named(settings.password_file, "TALLYSTICK_CHAIN_PASSWORD_FILE", "the file of its password")
    try:
        said = password.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise SettingUnusable(
            "the file cannot be read as text; see that it is there and this account may", where=str(password)
        ) from None
    return read_keystore(keystore, said)


def _named(path: Path | None, name: str, what: str) -> Path:
    if path is None:
        raise SettingUnusable(f"name {what}: a chain behind a node takes no transaction without", where=name)
    return path
