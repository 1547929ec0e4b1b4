"""The log as one viewer may see it: entries with a part open to them, and proofs that entries are in it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from api.access import AUDITOR, Viewer, demand_read, may_open, may_read, sight_of
from api.log.schemas import (
    AnchorShown,
    CheckpointNote,
    CompleteUpTo,
    EntryShown,
    GroupShown,
    LogPage,
    ProofShown,
)
from api.office.agreements import Held, held_versions
from api.office.anchoring import checkpoint_to_anchor
from api.office.completeness import completeness_lines
from api.office.log_proofs import consistency_proof, entry_proof, present_checkpoint
from api.office.opening import Office
from api.reading import plain
from api.worded import who
from ledger.cases.record import ENTRY_KINDS
from ledger.checkpoints import Anchor, Checkpoint, anchors, checkpoints, latest_checkpoint
from ledger.completeness import party_counts
from ledger.disclosed import PERSONAL_GROUPS, Disclosed, Sight, disclosed_entries, disclosed_entry
from ledger.entry_bundles import entry_bundle
from ledger.leaves import instant_of, read_leaf, recorded_text
from ledger.reading import Entry, StoredGroup
from ledger.rotation import rotations
from ledger.signing.key_registrations import KIND as KEY_REGISTERED
from ledger.signing.keys import KINDS as KEY_KINDS
from ledger.signing.proposals import KINDS as SIGNING_KINDS
from ledger.terminations import KINDS as TERMINATION_KINDS

ENTRIES_PER_PAGE = 40

SEQ_MAX = 2**63 - 1
"""The largest entry number that a database can hold, or be asked for."""

KINDS = (
    *SIGNING_KINDS, *KEY_KINDS, KEY_REGISTERED, *TERMINATION_KINDS, "file.imported", "batch.taken",
    "batch.void_proposed", "batch.voided", "sale.recorded",
    "receipt.confirmed", "refund.recorded", "after_sale.opened", "after_sale.closed", "data.shared",
    "data.refused", "data.ended", "data.returned", "data.deleted",
    "fact.stated", "suspense.claimed", "suspense.accepted", "suspense.decided", "settlement.run",
    "debt.write_off_proposed", "debt.written_off",
    "statement.issued", "statement.served", "statement.contested", "contest.withdrawn", "contest.answered",
    "contest.dismissed", "statement.accepted", "statement.corrected",
    "invoice.recorded", "invoice.withdrawn",
    "bank_account.changed", "payout.prepared", "payout.cancelled", "payout.released", "payout.confirmed",
    "payout.failed", "payout.returned",
    *ENTRY_KINDS, "content.erased",
    "legal_hold.placed", "legal_hold.lifted",
    "identity_gate.changed", "score.recorded",
    "credit.points_given", "credit.points_appealed", "credit.points_upheld", "credit.points_removed",
    "credit.points_restored",
    "hold.placed", "hold.released", "hold.expired", "checklist.overridden", "period.closed",
    "reconciliation.recorded", "reconciliation.carried", "match.recorded", "match.withdrawn",
    "witness.registered", "witness.withdrawn", "log.key_rotated", "chain.sealed", "chain.begun_anew",
    "vault.opened",
    "rate.recorded", "fx.converted", "fx.revalued", "fx.reversed",
)  # fmt: skip
"""Kinds that people may filter by, in the order in which they come about."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to show: a kind, an agreement, entries before a sequence number; None leaves it open."""

    kind: str | None = None
    agreement: str | None = None
    before: int | None = None


class LogService:
    """Shows entries of which a part is open to the viewer; groups not theirs are withheld."""

    def __init__(self, office: Office) -> None:
        """Read the log of an office."""
        self.office = office

    def entries(self, viewer: Viewer, wanted: LogFilter, limit: int) -> LogPage:
        """Return at most `limit` entries, newest first."""
        found = disclosed_entries(
            self.office.log,
            _sight(viewer),
            before=wanted.before,
            limit=limit + 1,
            kinds=[wanted.kind] if wanted.kind else None,
            agreement=wanted.agreement,
        )
        versions = held_versions(self.office)
        shown = tuple(_entry(viewer, one, versions) for one in found[:limit])
        readable = {
            one.agreement.id
            for one in versions.values()
            if may_read(viewer, (one.agreement.party_id(key) for key in one.agreement.parties))
        }
        more = len(found) > limit
        return LogPage(shown, KINDS, tuple(sorted(readable)), shown[-1].seq if more else None)

    def proof(self, viewer: Viewer, seq: int) -> ProofShown:
        """Return the proof of an entry against the latest checkpoint, signed now where none covers it."""
        log = self.office.log
        found = self._found(viewer, seq)
        checkpoint = present_checkpoint(self.office, seq + 1)
        path = log.inclusion_proof(seq, checkpoint.size)
        return ProofShown(
            entry=_entry(viewer, found, held_versions(self.office)),
            leaf=found.entry.leaf.decode(),
            leaf_hash=found.entry.leaf_hash.hex(),
            size=checkpoint.size,
            path=tuple(base64.b64encode(node).decode() for node in path),
            root=base64.b64encode(checkpoint.root).decode(),
            checkpoint=checkpoint.note,
            log_key=self.office.log_key.vkey,
            anchors=tuple(_anchor(one) for one in anchors(log) if one.size > seq),
        )

    def _found(self, viewer: Viewer, seq: int) -> Disclosed:
        found = disclosed_entry(self.office.log, seq, _sight(viewer)) if 0 <= seq <= SEQ_MAX else None
        if found is None:
            demand_read(viewer, (), "entry")
        assert found is not None
        return found

    def entry_proof(self, viewer: Viewer, seq: int) -> str:
        """Return the tlog-proof of an entry, with the groups that the viewer may open."""
        entry = self._found(viewer, seq).entry
        return entry_proof(self.office, seq, lambda group: may_open(viewer, entry, group))

    def consistency_proof(self, old: int, size: int | None) -> str:
        """Return the proof that a checkpoint extends the first `old` entries."""
        return consistency_proof(self.office, old, size)

    def completeness(self, viewer: Viewer, party: str, size: int | None) -> Iterator[bytes]:
        """Return the lines of a party's proof of completeness; an auditor's shows no buyers."""
        demand_read(viewer, (party,), "party")
        withheld = () if party in viewer.parties else PERSONAL_GROUPS
        return completeness_lines(self.office, party, size, withheld=withheld)

    def complete(self, viewer: Viewer) -> CompleteUpTo | None:
        """Return how many entries the newest checkpoint signs for each of the viewer's own parties."""
        checkpoint = latest_checkpoint(self.office.log)
        if checkpoint is None:
            return None
        counts = party_counts(self.office.log, viewer.parties, checkpoint)
        return CompleteUpTo(checkpoint.size, tuple(counts.items())) if counts else None

    def rotations(self) -> str:
        """Return the statements by which the log's keys named their successors, oldest first."""
        return "".join(one.note for one in rotations(self.office.log))

    def checkpoint(self) -> Checkpoint:
        """Return the latest checkpoint; where there is none yet, one signed now."""
        return present_checkpoint(self.office)

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return a tile of hashes. Raises ProofUnavailable."""
        return self.office.log.tile(level, index, width)

    def entry_bundle(self, index: int, width: int) -> bytes:
        """Return the leaves below a tile, each after its length. Raises ProofUnavailable."""
        return entry_bundle(self.office.log, index, width)

    def checkpoints(self) -> tuple[CheckpointNote, ...]:
        """Return the newest signed checkpoints with where they are anchored, newest first."""
        placed: dict[int, list[Anchor]] = {}
        for one in anchors(self.office.log):
            placed.setdefault(one.size, []).append(one)
        return tuple(_note(one, placed.get(one.size, [])) for one in checkpoints(self.office.log))

    def sign_checkpoint(self) -> CheckpointNote:
        """Sign the present state and have it anchored, which is not waited for; again returns what stands."""
        checkpoint = checkpoint_to_anchor(self.office)
        return _note(checkpoint, [one for one in anchors(self.office.log) if one.size == checkpoint.size])


def _sight(viewer: Viewer) -> Sight | None:
    return None if AUDITOR in viewer.roles else sight_of(viewer)


def _note(checkpoint: Checkpoint, placed: list[Anchor]) -> CheckpointNote:
    root = base64.b64encode(checkpoint.root).decode()
    return CheckpointNote(checkpoint.size, root, checkpoint.note, tuple(_anchor(one) for one in placed))


def _anchor(anchor: Anchor) -> AnchorShown:
    return AnchorShown(
        chain_id=anchor.chain_id,
        embedded=anchor.chain_kind == "embedded",
        contract=anchor.contract,
        transaction=anchor.transaction,
        block=anchor.block,
        size=anchor.size,
        recorded_at=instant_of(anchor.recorded_us).isoformat(timespec="seconds"),
    )


def _entry(viewer: Viewer, found: Disclosed, versions: dict[str, Held]) -> EntryShown:
    entry = found.entry
    held = versions.get(entry.agreement or "")
    sealed = read_leaf(entry.leaf).groups
    return EntryShown(
        seq=entry.seq,
        kind=entry.kind,
        agreement=entry.agreement,
        source=entry.source,
        source_id=entry.id,
        asserter=entry.asserter,
        asserter_name=who(held.agreement, entry.asserter) if held else plain(entry.asserter),
        occurred_at=entry.occurred_at,
        recorded_at=recorded_text(entry.recorded_us),
        groups=tuple(_group(viewer, entry, group, sealed[group.position]) for group in found.groups),
    )


def _group(viewer: Viewer, entry: Entry, group: StoredGroup, commitment: str) -> GroupShown:
    if group.erased_by is not None:
        return GroupShown(group.position, "erased", group.name, commitment, None, (), group.erased_by)
    if not may_open(viewer, entry, group):
        return GroupShown(group.position, "withheld", None, commitment, None, (), None)
    content = msgspec.json.format(msgspec.json.encode(group.content), indent=1).decode()
    postings = tuple(
        f"{one['account']} {one['amount_minor']:+d} {one['currency']} {one['clause']} {one['kind']}"
        for one in group.postings
    )
    return GroupShown(group.position, "opened", group.name, commitment, content, postings, None)
