"""Transactions of the chain worker: each with a nonce of its own, kept before it is handed in with others.

Whatever was handed in may be lost by the node, taken back with its block, or wait for ever behind a low fee.
So all that waits is handed in again each round, the same bytes; what waits too long is replaced by the same
call with a higher fee; and a nonce below that nobody fills is filled by a call that does nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from api.office.chain_worker.kept import Sent
from api.office.chain_worker.standing import Call
from contracts.errors import ChainRefused, ChainReverted, FeesAboveLimit, FeesTooLow, NonceTaken
from contracts.transactions import Fees

if TYPE_CHECKING:
    from contracts.chain import Chain
    from contracts.signing import SigningKey
    from contracts.transactions import SignedTransaction

NOTHING = "nothing"
"""Task of a transaction that only fills a nonce."""

_LOG = logging.getLogger("tallystick.chain")


@dataclass
class Sender:
    """The sending of one round, for one key. `keep` is told what was signed before it is handed in."""

    chain: Chain
    key: SigningKey
    sent: list[Sent]
    now: datetime
    patience: timedelta
    keep: Callable[[list[Sent]], None]
    _signed: list[Sent] = field(init=False, default_factory=list)
    mined: int = field(init=False)
    """The nonce after those of the account's transactions that stand at the head."""

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> None:
        """See how far the account's transactions stand in blocks."""
        self.mined = self.chain.nonce(self.key.address)

    @property
    def waiting(self) -> list[Sent]:
        """The newest transaction of each nonce that stands in no block, by nonce."""
        newest = {one.nonce: one for one in self.sent if one.nonce >= self.mined}
        return [newest[nonce] for nonce in sorted(newest)]

    def waits(self, task: str) -> Sent | None:
        """Return the transaction of a task that stands in no block yet."""
        return next((one for one in self.waiting if one.task == task), None)

    def again(self, call_of: Callable[[str], Call | None]) -> None:
        """Hand in again all that waits, with a higher fee what waits too long; fill a nonce that is missing.

        `call_of` gives the call of a task, None for one that there is no more.
        """
        for one in self.waiting:
            if self._is_late(one.at):
                self._replace(one, call_of(one.task))
            else:
                self._hand_in(one, call_of)
        first = self.waiting[:1]
        if first and first[0].nonce > self.mined and self._is_late(first[0].first_at):
            _LOG.warning("nonce %d is missing before what waits; it is filled", self.mined)
            self._sign(NOTHING, self._nothing(), self.mined, _raised(self.chain.fees()))

    def sign(self, task: str, call: Call) -> None:
        """Sign a call with the next nonce, for `hand_in`. Raises ChainReverted."""
        taken = {one.nonce for one in self.waiting}
        nonce = self.chain.nonce(self.key.address, pending=True)
        while nonce in taken:
            nonce += 1
        one = self._sent(task, self.chain.prepare(call.to, call.data, key=self.key, nonce=nonce), None)
        self.sent.append(one)
        self._signed.append(one)

    def hand_in(self) -> list[tuple[Sent, ChainRefused | None]]:
        """Hand in together what was signed; return each, and why it was refused where it was.

        What is refused because another process of this key was first gives its nonce up.
        """
        batch, self._signed = self._signed, []
        if not batch:
            return []
        self.keep(self.sent)
        outcomes = list(zip(batch, self.chain.send_all([_raw(one) for one in batch]), strict=True))
        taken = [one for one, fault in outcomes if isinstance(fault, NonceTaken)]
        self.sent = [one for one in self.sent if one not in taken]
        return outcomes

    def drop(self, task: str) -> None:
        """Forget the mined transactions of a task that is done; one that still waits keeps its nonce."""
        self.sent = [one for one in self.sent if one.task != task or one.nonce >= self.mined]

    def _is_late(self, at: str) -> bool:
        return self.now - datetime.fromisoformat(at) >= self.patience

    def _hand_in(self, one: Sent, call_of: Callable[[str], Call | None]) -> None:
        try:
            self._send_again(one)
        except FeesTooLow:
            self._replace(one, call_of(one.task))

    def _send_again(self, one: Sent) -> None:
        try:
            self.chain.send(_raw(one))
        except NonceTaken:  # another process of this key was first
            self._forget(one)

    def _forget(self, one: Sent) -> None:
        self.sent = [each for each in self.sent if each.nonce != one.nonce]

    def _replace(self, one: Sent, call: Call | None) -> None:
        try:
            fees = _above(Fees(one.most, one.tip), self.chain.fees())
            try:
                self._sign(one.task, call or self._nothing(), one.nonce, fees, first_at=one.first_at)
            except ChainReverted:  # what it was to do stands already, or can stand no more
                self._sign(NOTHING, self._nothing(), one.nonce, fees, first_at=one.first_at)
        except NonceTaken:
            self._forget(one)
        except FeesAboveLimit as limit:  # it goes on waiting with what it offers, wherever a node lost it
            _LOG.warning("%s waits, and no more may be offered for it: %s", one.task, limit)
            try:
                self._send_again(one)
            except FeesTooLow:
                raise limit from None

    def _sign(self, task: str, call: Call, nonce: int, fees: Fees, *, first_at: str | None = None) -> None:
        signed = self.chain.prepare(call.to, call.data, key=self.key, nonce=nonce, fees=fees)
        one = self._sent(task, signed, first_at)
        self.sent.append(one)
        self.keep(self.sent)
        self.chain.send(signed.raw)

    def _sent(self, task: str, signed: SignedTransaction, first_at: str | None) -> Sent:
        at, terms = self.now.isoformat(), signed.terms
        return Sent(
            task, terms.nonce, signed.transaction, "0x" + signed.raw.hex(), terms.fees.most, terms.fees.tip,
            at, first_at or at,
        )  # fmt: skip

    def _nothing(self) -> Call:
        return Call(self.key.address, b"")


def _raw(one: Sent) -> bytes:
    return bytes.fromhex(one.raw[2:])


def _above(was: Fees, now: Fees) -> Fees:
    """Return fees that replace others: an eighth more of both, which nodes ask, or what is asked by now."""
    raised = _raised(was)
    return Fees(max(raised.most, now.most), max(raised.tip, now.tip))


def _raised(fees: Fees) -> Fees:
    return Fees(fees.most + fees.most // 8 + 1, fees.tip + fees.tip // 8 + 1)
