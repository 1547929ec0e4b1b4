"""The log: appending, erasing, reading and proving. The one door to what was said, by whom, when.

Appending is one transaction: seq without gaps from 0, repeats and conflicts told apart, postings, line
events, sums and tiles derived on the way. Nothing is cached between calls: processes may share a log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine

from ledger import reading as read
from ledger.balanced import unbalanced
from ledger.database import Row, Session, forget_deleted, reading, writing
from ledger.derive import Derived, derive_postings
from ledger.entries import NewEntry
from ledger.entropy import system_entropy
from ledger.erasing import Erasure, erase_groups
from ledger.known import Known
from ledger.leaves import microseconds, recorded_text
from ledger.prepare import Prepared, prepare
from ledger.reading import Entry, LineEvent, StoredGroup
from ledger.sorting import AppendReport, Outcome, Request, Revise, Sorting, known_of
from ledger.sums import add_sums
from ledger.tiles import StoredTree, add_tiles, tile_bytes
from ledger.tree import consistency_proof, inclusion_proof, leaf_hash, root
from ledger.voids import read_voids

READ_LIMIT = 10_000
"""The most entries that one call of `Log.entries` returns."""


def utc_now() -> datetime:
    """Return the present time, the default clock of a log."""
    return datetime.now(UTC)


class Log:
    """The append-only log in one database. Safe to share between threads; holds no connection."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime] = utc_now,
        entropy: Callable[[int], bytes] = system_entropy,
    ) -> None:
        """Open the log of a migrated database. `entropy(n)` gives n random bytes for salts."""
        self.engine = engine
        self._clock = clock
        self.entropy = entropy

    # ---- writing

    def append(
        self,
        entries: Sequence[NewEntry],
        *,
        partial: bool = False,
        require: Callable[[Session], None] | None = None,
    ) -> AppendReport:
        """Append entries in one transaction; when this returns they are durable.

        An entry already held is reported as repeated. An entry that differs from the one held under its
        source and id is a conflict: with `partial` it is reported and the rest is taken, otherwise
        EntryConflict is raised and nothing is. Raises EntryInvalid and, `partial` or not, ReversalRefused.
        `require` is asked first, within the transaction, and raises what is not to be: no other writer comes
        between its answer and the entries.
        """
        request = Request(self.prepare(entries), partial)
        if require is None:
            (outcome,) = self.append_requests([request])
        else:
            with writing(self.engine) as session:
                require(session)
                (outcome,) = _append(session, [request], microseconds(self._clock()))
        if not isinstance(outcome, AppendReport):
            raise outcome
        return outcome

    def prepare(self, entries: Sequence[NewEntry]) -> list[Prepared]:
        """Do the part of appending that needs no transaction. Raises EntryInvalid."""
        return prepare(entries, self.entropy)

    def append_requests(self, requests: Sequence[Request], revise: Revise | None = None) -> list[Outcome]:
        """Append several requests in one transaction; when this returns all of it is durable.

        Each request is refused for its own conflicts alone. Requests are taken in order, and repeats and
        conflicts are told apart over all of them, after `revise` has made of them what they mean.
        """
        with writing(self.engine) as session:
            return _append(session, requests, microseconds(self._clock()), revise)

    def preview(self, request: Request, revise: Revise | None = None) -> AppendReport:
        """Return the report that a request would get now, writing nothing. Raises what it is refused for."""
        with reading(self.engine) as session:
            known = known_of(session, [request])
            (meant,) = [request] if revise is None else revise(known, [request])
            outcome = Sorting(known, [meant]).take(meant)
        if not isinstance(outcome, AppendReport):
            raise outcome
        return outcome

    def erase(  # noqa: PLR0913 -- what, why, who, and the key of the record
        self,
        seq: int,
        group: str,
        *,
        reason: str,
        asserter: str,
        source: str,
        id: str,  # noqa: A002 -- an entry's id
    ) -> int:
        """Erase the content of a group for good; return the seq of the `content.erased` entry.

        The leaf keeps its commitment, so every proof still holds. Asking again under the same source and id
        returns the first result. Raises EntryUnknown, and ErasureRefused for what the log or its settlements
        rest on (see erasing.py), for the record of an erasure, or for a group that is erased already.
        """
        return self.erase_all([Erasure(seq, group, reason, asserter, source, id)])[0]

    def erase_all(self, wanted: Sequence[Erasure]) -> list[int]:
        """Erase groups in one transaction, all or none; return the seq of each record. See `erase`."""
        now = self._clock()

        def append(session: Session, entry: NewEntry) -> int:
            (outcome,) = _append(session, [Request(self.prepare([entry]))], microseconds(now))
            if not isinstance(outcome, AppendReport):
                raise outcome
            return (*outcome.accepted, *outcome.repeated)[0]

        with writing(self.engine) as session:
            by_seqs = erase_groups(session, wanted, now, append)
        forget_deleted(self.engine)
        return by_seqs

    # ---- reading

    def size(self) -> int:
        """Return how many entries there are; the next seq."""
        with reading(self.engine) as session:
            return read.tip(session)[0]

    def entry(self, seq: int) -> Entry:
        """Return one entry. Raises EntryUnknown."""
        with reading(self.engine) as session:
            return read.read_entry(session, seq)

    def find(self, source: str, id: str) -> Entry | None:  # noqa: A002 -- an entry's id
        """Return the entry under a source and id, or None."""
        with reading(self.engine) as session:
            return read.find_entry(session, source, id)

    def entries(
        self,
        after: int | None = None,
        limit: int = 100,
        *,
        kinds: Sequence[str] | None = None,
        agreement: str | None = None,
        newest_first: bool = False,
    ) -> list[Entry]:
        """Return up to `limit` entries beyond seq `after`, in order of seq.

        `agreement` is an id (every version) or an id@version. With `newest_first` they come backwards and
        `after` is the seq to stop short of; without `after` they start at the respective end.
        """
        if after is None:
            after = 2**62 if newest_first else -1
        with reading(self.engine) as session:
            return read.read_entries(
                session,
                after=after,
                limit=min(limit, READ_LIMIT),
                kinds=kinds,
                agreement=agreement,
                newest_first=newest_first,
            )

    def groups(self, seq: int, reader: str | None = None) -> list[StoredGroup]:
        """Return an entry's groups by position: those that name the reader, or all for reader None.

        Erased groups are always listed, as erased. Raises EntryUnknown.
        """
        with reading(self.engine) as session:
            return read.read_groups(session, seq, reader)

    def line_event_batches(
        self, agreement: str, end: int | None = None, after: int = -1
    ) -> Iterator[list[LineEvent]]:
        """Yield the events of an agreement's order lines in order of seq, some 20,000 at a time.

        `agreement` is an id with no version; events have after < seq < end, up to the present when None.
        One state of the log is seen throughout.
        """
        with reading(self.engine) as session:
            stop = read.tip(session)[0] if end is None else end
            yield from read.stream_line_events(session, agreement, stop, after)

    def line_events(self, agreement: str, end: int | None = None, after: int = -1) -> Iterator[LineEvent]:
        """Yield the events of an agreement's order lines one by one; see line_event_batches."""
        for batch in self.line_event_batches(agreement, end, after):
            yield from batch

    def line(self, agreement: str, order: str, line: str) -> list[LineEvent]:
        """Return every event of one order line in order of seq."""
        with reading(self.engine) as session:
            return read.read_line(session, agreement, order, line)

    def refunds(self, agreement: str, orders: Sequence[str]) -> list[tuple[str, str, str, int]]:
        """Return (order, line, total refunded as text, occurred in microseconds) of some orders' refunds.

        Voided ones are not among them.
        """
        with reading(self.engine) as session:
            voids = read_voids(session, agreement)
            found = read.read_refunds(session, agreement, orders)
            return [refund[1:] for refund in found if voids.voided_by(refund[0]) is None]

    # ---- proving

    def root(self, size: int | None = None) -> bytes:
        """Return the tree's root over the first `size` entries, or all. Raises ProofUnavailable."""
        with reading(self.engine) as session:
            return root(StoredTree(session), read.tip(session)[0] if size is None else size)

    def inclusion_proof(self, seq: int, size: int) -> list[bytes]:
        """Return the proof that an entry is among the first `size`. Raises ProofUnavailable."""
        with reading(self.engine) as session:
            return inclusion_proof(StoredTree(session), seq, size)

    def inclusion_proofs(self, seqs: Sequence[int], size: int) -> list[list[bytes]]:
        """Return such a proof for each of many entries, reading each tile once. Raises ProofUnavailable."""
        with reading(self.engine) as session:
            tree = StoredTree(session)
            return [inclusion_proof(tree, seq, size) for seq in seqs]

    def consistency_proof(self, first: int, second: int) -> list[bytes]:
        """Return the proof that the first `second` entries begin with the first `first`."""
        with reading(self.engine) as session:
            return consistency_proof(StoredTree(session), first, second)

    def tile(self, level: int, index: int, width: int = 256) -> bytes:
        """Return a tile of the tree, full or `width` hashes wide. Raises ProofUnavailable."""
        with reading(self.engine) as session:
            return tile_bytes(session, level, index, width)


def _append(
    session: Session, requests: Sequence[Request], now_us: int, revise: Revise | None = None
) -> list[Outcome]:
    known = known_of(session, requests)
    meant = requests if revise is None else revise(known, requests)
    sorting = Sorting(known, meant)
    outcomes = [sorting.take(request) for request in meant]
    if sorting.fresh:
        # The log's own time never runs backwards, whatever the machine's clock does.
        _store(known, sorting.fresh, max(now_us, known.recorded_us))
    return outcomes


def _store(known: Known, fresh: Sequence[Prepared], recorded_us: int) -> None:
    session, first, recorded_at = known.session, known.size, recorded_text(recorded_us)
    owners = {p.owner for ready in fresh for group in ready.groups for p in group.postings}
    accounts, derived = known.accounts(owners), Derived()
    for seq, ready in enumerate(fresh, first):
        derive_postings(seq, ready.postings(), accounts, derived)
        if ready.line_event is not None:
            derived.line_events.append((seq, *ready.line_event, ready.occurred_us, recorded_us))
        if ready.hold_event is not None:
            derived.hold_events.append((seq, *ready.hold_event, ready.occurred_us, recorded_us))
        for n, posting in ready.reversals:
            derived.reversals.append((seq, n, *(posting.reverses or ())))
    # Rows go to the driver as they are made: a batch kept as lists costs more in collection than in work.
    entries = (_entry_row(ready, seq, recorded_us, recorded_at) for seq, ready in enumerate(fresh, first))
    groups = (row for seq, ready in enumerate(fresh, first) for row in ready.disclosure_rows(seq))
    session.insert_all([("entry", entries), ("disclosure", groups), *derived.tables()])
    if derived.postings and session.dialect == "sqlite":
        odd = unbalanced(session, first, first + len(fresh))
        assert not odd, f"postings of entry {odd[0][0]} do not sum to zero in {odd[0][1]}"
    add_sums(session, first, first + len(fresh))
    add_tiles(session, first, first + len(fresh))


def _entry_row(ready: Prepared, seq: int, recorded_us: int, recorded_at: str) -> Row:
    leaf = ready.leaf(seq, recorded_at)
    return ready.entry_row(seq, recorded_us, leaf, leaf_hash(leaf))
