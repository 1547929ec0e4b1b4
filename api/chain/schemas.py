"""Read models of the chain worker's state. Numbers that a chain counts without end are decimal text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FaultShown:
    """What holds something up: a stable code, its words, and since when."""

    code: str
    message: str
    since: str


@dataclass(frozen=True, slots=True)
class TaskShown:
    """Something that is to stand on the chain.

    `what` is register (a version, `about` is ID@VERSION), terminate (an agreement, ID), key (a change of a
    signer's keys, ADDRESS/NUMBER) or anchor (the log, how many entries); `state` is to_send,
    waits_for_another, sent, mined or refused.
    """

    what: str
    about: str
    state: str
    block: int | None
    transaction: str | None
    fault: FaultShown | None


@dataclass(frozen=True, slots=True)
class SeenShown:
    """The chain as it was last seen, and the account that sends: what it holds is in wei."""

    kind: Literal["embedded", "rpc"]
    head: int
    final: int
    address: str
    balance_wei: str
    nonce: int
    at: str


@dataclass(frozen=True, slots=True)
class SealShown:
    """The block of the embedded chain that the log sealed last: its number and hash, and the entry."""

    block: int
    block_hash: str
    entry: int


@dataclass(frozen=True, slots=True)
class ChainShown:
    """How the chain is getting on. `standing` is idle, working or held_up.

    `entries` is how many the log holds, `anchored` how many of them the newest anchor covers. `seen` is null
    before the chain was first opened, `registry` where none is recorded on it, `sealed` on a chain of others.
    """

    standing: str
    chain_id: int
    registry: str | None
    entries: int
    anchored: int
    anchored_at: str | None
    sealed: SealShown | None
    tasks: tuple[TaskShown, ...]
    fault: FaultShown | None
    failures: int
    next_at: str | None
    worked_at: str | None
    seen: SeenShown | None
