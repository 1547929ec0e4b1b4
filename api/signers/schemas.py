"""Signers and changes of their keys as they are shown and asked for; addresses are checksummed."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import PartyName, Text


@dataclass(frozen=True, slots=True)
class KeyStep:
    """One change of a signer's keys: the entry's kind, of which key, on whose word, why, by whom, when."""

    kind: str
    key: str
    word: Text
    reason: str | None
    by: str
    at: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class SignerShown:
    """A signer: the address that versions name for a party, and which key signs for it now.

    `state` is current, or revoked where nobody signs for it. `cooling` is the key that takes its place from
    `cooling_until` on unless somebody objects. `asked` is the key of which a member asked that it be revoked.
    `next_number` is the number that the next change bears in what is signed.
    """

    signer: str
    party: PartyName
    key: str
    state: str
    recovery: str | None
    cooling: str | None
    cooling_until: str | None
    asked: str | None
    next_number: int
    steps: tuple[KeyStep, ...]
    may_change: bool
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class ChangeAsked:
    """One change of a signer's keys, by address: another key, a recovery (zeros for none), a revocation."""

    new_key: str | None = None
    recovery: str | None = None
    revoke: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeSigned:
    """A change with its signatures as 0x hex: of `changed_by`, the key or the recovery, and who accepts it.

    `acceptance` is the new key's, or that of the recovery that another replaces. `cause` of a revocation is
    lost, compromised or retired.
    """

    changed_by: str
    authorization: str
    acceptance: str = ""
    new_key: str | None = None
    recovery: str | None = None
    revoke: str | None = None
    cause: str = "retired"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RevocationAsked:
    """A key to be revoked on the word of two members: lost, compromised or retired, and why."""

    key: str
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class RevocationConfirmed:
    """The key that another member asked about and that is to be revoked: the one that was shown."""

    key: str
