"""The error tree of the log and the accounts.

TallystickError                 anything this project refuses, with a stable code
└─ LedgerError                  refused by the log, the accounts or their database
   ├─ EntryInvalid              an entry, group or posting that breaks a rule of its own
   ├─ EntryConflict             other content under a source and id that the log already holds
   ├─ EntryUnknown              no such entry or group
   ├─ AccountUnknown            no such account, or not in that currency
   ├─ LogMoved                  entries came in between, on whose absence something rested
   ├─ LogBusy                   more is waiting to be written than the queue may hold
   ├─ LogClosed                 the queue before the log has been closed
   ├─ ReversalRefused           a posting that cannot take back what it names
   ├─ ErasureRefused            content that may not be erased
   ├─ HoldUnknown               no such hold
   ├─ HoldRefused               a hold or a release that does not fit what is held, or its times
   │  └─ HoldBeyondBalance      a hold of more than the account has available
   ├─ IdentityNeeded            a party that is not verified, where the gate is on
   ├─ PeriodRefused             a month that cannot be closed: not over, not the next, or no month
   │  └─ ChecklistOpen          items of its checklist are open, and nobody else let them stand
   ├─ OverrideRefused           an item of a checklist that cannot be overridden
   ├─ NoticeUnknown             no such notice
   ├─ RateUnknown               no rate on record that a conversion could use
   ├─ FxRefused                 a rate or a conversion that cannot be: see its message
   ├─ NoteInvalid               a signed note, key or checkpoint text that cannot be read or verified
   ├─ CheckpointConflict        a checkpoint at odds with one signed earlier
   ├─ CosignatureRefused        a witness's signature that the log does not take
   ├─ ProofUnavailable          a proof about entries that the tree does not hold
   ├─ DatabaseUnsuitable        a database that cannot keep the log's promises
   ├─ OwnerNeeded               what only the owner of the tables may do, asked for by another role
   ├─ BackupUnreadable          a file that is no backup, or a backup that is cut short or damaged
   ├─ BackupRefused             a backup that fails a check, or a log that fails one as it is backed up
   └─ RestoreRefused            a place into which nothing may be restored

Messages say what is wrong, where, and what to do. Nothing here knows about HTTP or exit codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policies.errors import TallystickError


class LedgerError(TallystickError):
    """Refused by the log, the accounts or their database."""

    code = "ledger"


class EntryInvalid(LedgerError):
    """An entry, group or posting that breaks a rule of its own; `where` names the field."""

    code = "entry.invalid"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One entry that the log already holds otherwise: its key, its `seq`, and which fields differ.

    `fields` are paths such as "kind" or "groups.order.content.paid"; values are never repeated here.
    `seq` is None when the other one came in the same batch, and the batch was refused as a whole.
    """

    source: str
    id: str
    seq: int | None
    fields: tuple[str, ...]

    def __str__(self) -> str:
        held = "came twice in one batch" if self.seq is None else f"stands as entry {self.seq}"
        return f"{self.source} {self.id} {held}, different in {', '.join(self.fields)}"


class EntryConflict(LedgerError):
    """Other content under a source and id that the log already holds; nothing of the batch was taken."""

    code = "entry.conflict"

    def __init__(self, conflicts: Sequence[Conflict], places: Sequence[int]) -> None:
        """Name the conflicts, and the place of each among the entries given, from 0."""
        super().__init__(
            f"{len(conflicts)} entr{'y' if len(conflicts) == 1 else 'ies'} differ from what is recorded; "
            f"first: {conflicts[0]}. Send a correction under an id of its own.",
        )
        self.conflicts = tuple(conflicts)
        self.places = tuple(places)


class EntryUnknown(LedgerError):
    """No such entry, or no such group of it."""

    code = "entry.unknown"


class LogMoved(LedgerError):
    """Entries came in between, on whose absence something rested; nothing was written."""

    code = "log.moved"


class LogBusy(LedgerError):
    """More is waiting to be written than may wait; nothing of this request was taken. Send it again later."""

    code = "log.busy"


class LogClosed(LedgerError):
    """The queue before the log has been closed, as when a server stops; nothing of this request was taken."""

    code = "log.closed"


class AccountUnknown(LedgerError):
    """Nothing was ever posted to an account of that name, or it is kept in several currencies."""

    code = "account.unknown"


class ReversalRefused(LedgerError):
    """A posting that cannot take back what it names; nothing of its request was taken."""

    code = "reversal.refused"


class ErasureRefused(LedgerError):
    """Content that may not be erased: the log rests on it, it must be kept for now, or it is gone already."""

    code = "erasure.refused"


class HoldUnknown(LedgerError):
    """No such hold, or none placed by the time asked about."""

    code = "hold.unknown"


class HoldRefused(LedgerError):
    """A release of more than is held, or a time that does not follow what was said before."""

    code = "hold.refused"


class HoldBeyondBalance(HoldRefused):
    """A hold of more than the account has available, where the document does not permit that."""

    code = "hold.beyond-balance"


class IdentityNeeded(LedgerError):
    """A party whose identity is not verified, or no longer, where the gate asks for it."""

    code = "identity.needed"


class PeriodRefused(LedgerError):
    """A month that cannot be closed: it is not over, or another is to be closed first; or no month at all."""

    code = "period.refused"


class ChecklistOpen(PeriodRefused):
    """Items of a month's checklist are open, and no second member has overridden them."""

    code = "period.checklist-open"


class OverrideRefused(LedgerError):
    """An item of a checklist that is not there, is not open, or that nobody can override."""

    code = "checklist.override-refused"


class NoticeUnknown(LedgerError):
    """No such notice, or none that this reader may see; the two are not told apart."""

    code = "notice.unknown"


class RateUnknown(LedgerError):
    """No rate of this pair and source is on record as of the time it is needed."""

    code = "rate.unknown"


class FxRefused(LedgerError):
    """No rate at all, a conversion of more than is available, or one away from the home currency."""

    code = "fx.refused"


class NoteInvalid(LedgerError):
    """A signed note, a key or a checkpoint text that cannot be read, or whose signature fails."""

    code = "note.invalid"


class CheckpointConflict(LedgerError):
    """A checkpoint at odds with one signed earlier: the past was changed or the tail was cut."""

    code = "checkpoint.conflict"


class CosignatureRefused(LedgerError):
    """A witness's signature that the log does not take: unknown key, no such checkpoint, or a wrong one."""

    code = "cosignature.refused"


class ProofUnavailable(LedgerError):
    """A proof about entries or sizes that the tree does not hold."""

    code = "proof.unavailable"


class DatabaseUnsuitable(LedgerError):
    """A database that cannot keep the log's promises: another kind, or never migrated."""

    code = "database.unsuitable"


class OwnerNeeded(LedgerError):
    """What only the owner of the tables may do, such as migrating, was asked for by another role."""

    code = "database.owner-needed"


class BackupUnreadable(LedgerError):
    """A file that is no backup, of another format, cut short or damaged."""

    code = "backup.unreadable"


class BackupRefused(LedgerError):
    """A backup that fails a check, or a log that fails one as it is backed up."""

    code = "backup.refused"


class RestoreRefused(LedgerError):
    """A database or data directory that holds something already, or lacks the log's key."""

    code = "restore.refused"
