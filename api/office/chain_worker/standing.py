"""What a task of the chain worker is: where it stands, the call that brings it there, and its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from api.office.opening import Office

TaskState = Literal["to_send", "waits_for_another", "sent", "mined", "final", "refused"]
"""Not sent yet; not before another task; sent and in no block yet; in a block that may still be taken back;
in one that is final, and recorded; or refused for a reason of its own."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a task stands on the chain."""

    block: int
    transaction: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a contract: its address and the data."""

    to: str
    data: bytes


class Task(Protocol):
    """Something to be put on the chain. Each method may raise ChainError, or a refusal of its own."""

    @property
    def name(self) -> str:
        """What it is, the same in every round."""

    @property
    def after(self) -> tuple[str, ...]:
        """Names of the tasks that come before this one: without them it is refused, or they after it."""

    def standing(self, office: Office) -> Standing | None:
        """Return where it stands at the chain's head, None where it does not."""

    def call(self, office: Office) -> Call:
        """Return the call that puts it there."""

    def record(self, office: Office, standing: Standing) -> None:
        """Record it as final; again adds nothing."""
