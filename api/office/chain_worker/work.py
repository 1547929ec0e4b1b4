"""One round of the chain worker: look where each task stands, send what does not stand, record what is final.

A fault of one task leaves the others; a fault of the chain ends the round and is tried again later, each time
later. Killed anywhere, the next round finds on the chain what was done. Two workers are one: see `lease`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from api.office.agreements import held_versions
from api.office.chain_worker.anchor_tasks import ANCHOR, chain_id
from api.office.chain_worker.kept import Fault, Kept, Seen, Sent, TaskSeen, keep, kept, lease
from api.office.chain_worker.lost_tasks import lost
from api.office.chain_worker.sender import Sender
from api.office.chain_worker.standing import Call, Standing, Task, TaskState
from api.office.chain_worker.tasks import tasks
from api.office.chain_worker.version_tasks import VERSION
from api.office.opening import Office
from api.office.sealing import FILE, require_sealed
from api.office.signing import complete
from contracts.errors import ChainError, ChainReverted, ContractEarlier, NonceTaken
from policies.errors import TallystickError


@dataclass(frozen=True, slots=True)
class Pace:
    """How patiently the worker works: when a transaction waits too long, and when a fault is tried again."""

    late: timedelta = timedelta(minutes=5)
    again: timedelta = timedelta(seconds=15)
    again_most: timedelta = timedelta(minutes=15)
    at_once: int = 50
    """How many transactions may wait at one time."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did: the names of tasks that are final and recorded, and whether it was one at all.

    It was none (`skipped`) where another process works, where there was nothing to do, or before the time at
    which a fault is tried again.
    """

    recorded: tuple[str, ...] = ()
    fault: Fault | None = None
    skipped: bool = False


_LOG = logging.getLogger("tallystick.chain")

_UNDER_WAY = frozenset({"sent", "waits_for_another", "to_send"})

SKIPPED = Round(skipped=True)


def work(office: Office, pace: Pace = Pace(), *, at_once: bool = False) -> Round:
    """Run one round, `at_once` even before the time to try a fault again. Raises nothing of the chain's."""
    with lease(office) as mine:
        if not mine:
            return SKIPPED
        known, now = kept(office), office.clock()
        if not at_once and known.next_at is not None and now < datetime.fromisoformat(known.next_at):
            return SKIPPED
        return _Round(office, pace, known, now).run()


class _Round:
    """One round under way."""

    def __init__(self, office: Office, pace: Pace, known: Kept, now: datetime) -> None:
        self._office = office
        self._pace = pace
        self._known = known
        self._now = now
        self._seen: dict[str, TaskSeen] = {}
        self._recorded: list[str] = []

    def run(self) -> Round:
        try:
            _complete(self._office)
            self._forget_another(chain_id=chain_id(self._office))
            wanted = list(tasks(self._office, self._flying(), self._hashes()))
            if not wanted and not self._known.sent and not _is_open(self._office):
                self._end(None)  # nothing to do, and no chain opened for it
                return Round()
            self._on_chain(wanted)
        except TallystickError as fault:
            return self._end(_fault(fault, self._known.fault, self._now))
        return self._end(None)

    def _on_chain(self, wanted: list[Task]) -> None:
        office = self._office
        if not office.settings.chain.url:  # a file may be put in another's place under a running server
            require_sealed(office.log, office.settings.data_dir / FILE)
        self._forget_another(address=office.chain_key.address)
        sender = Sender(
            office.chain, office.chain_key, list(self._known.sent), self._now, self._pace.late, self._keep
        )
        self._look(sender)
        wanted = [*self._lost(wanted), *wanted]
        by_name = {task.name: task for task in wanted}

        def call_of(name: str) -> Call | None:
            task = by_name.get(name)
            return None if task is None else task.call(office)

        sender.again(call_of)
        self._step_all(wanted, sender)
        self._follow(wanted, sender)
        sender.sent = [one for one in sender.sent if one.nonce >= sender.mined or one.task in by_name]
        self._known = msgspec.structs.replace(self._known, sent=tuple(sender.sent))
        self._look(sender)

    def _forget_another(self, **now: object) -> None:
        """Forget what was sent on another chain, or by another key: this one cannot replace any of it."""
        seen = self._known.seen
        if seen is None or all(getattr(seen, name) == value for name, value in now.items()):
            return
        if self._known.sent:
            _LOG.warning("%d sent on another chain or by another key are let go", len(self._known.sent))
        self._known = msgspec.structs.replace(self._known, sent=(), tasks=(), seen=None)

    def _follow(self, wanted: list[Task], sender: Sender) -> None:
        """Look again at what was sent while some of it is in a block by now: some chains make one at once."""
        moved = True
        while moved:
            sender.look()
            open_ = [task for task in wanted if self._seen[task.name].state in _UNDER_WAY]
            self._step_all(open_, sender)
            moved = any(self._seen[task.name].state in {"mined", "final"} for task in open_)

    def _step_all(self, wanted: list[Task], sender: Sender) -> None:
        """Look at each, sign for those that can go, and hand in together what was signed."""
        for task in wanted:
            self._step(task, sender)
        outcomes = sender.hand_in()
        for one, fault in outcomes:
            if fault is None:
                self._saw_sent(one)
        for _, fault in outcomes:  # another process of this key was first: the next round takes the next
            if fault is not None and not isinstance(fault, NonceTaken):
                raise fault

    def _step(self, task: Task, sender: Sender) -> None:
        try:
            self._advance(task, sender)
        except ChainReverted as fault:
            standing = task.standing(self._office)  # it may have come to stand since, by whoever
            if standing is None:
                self._refused(task, fault)
            else:
                self._stood(task, standing, sender)
        except ContractEarlier as fault:
            self._refused(task, fault)
        except ChainError:
            raise
        except TallystickError as fault:
            self._refused(task, fault)

    def _advance(self, task: Task, sender: Sender) -> None:
        standing = task.standing(self._office)
        if standing is not None:
            self._stood(task, standing, sender)
            return
        waiting = sender.waits(task.name)
        self._require_place(task)
        if waiting is None and self._waits_for_another(task):
            self._saw(task, "waits_for_another")
            return
        if waiting is not None:
            self._saw_sent(waiting)
            return
        if len(sender.waiting) < self._pace.at_once:
            sender.sign(task.name, task.call(self._office))
        self._saw(task, "to_send")

    def _stood(self, task: Task, standing: Standing, sender: Sender) -> None:
        if standing.block > self._office.chain.finalized().number:
            self._saw(task, "mined", standing.block, standing.transaction)
            return
        task.record(self._office, standing)
        self._recorded.append(task.name)
        sender.drop(task.name)
        self._saw(task, "final", standing.block, standing.transaction)

    def _flying(self) -> int:
        """Return the size of an anchor that was sent and is not final, 0 where none is."""
        found = [
            int(one.name.partition("/")[2])
            for one in self._known.tasks
            if one.name.startswith(ANCHOR) and one.state in {"sent", "mined"}
        ]
        return min(found, default=0)

    def _lost(self, wanted: list[Task]) -> list[Task]:
        gone = [one for one in lost(self._office) if one.name not in {each.name for each in wanted}]
        for one in gone:
            _LOG.error("%s is on record and stands no more where it did; it is put there again", one.name)
        return gone

    def _hashes(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for one in self._known.sent:
            found[one.task] = (*found.get(one.task, ()), one.transaction)
        return found

    def _require_place(self, task: Task) -> None:
        """Refuse what follows a version that an earlier registry has no place for. Raises ContractEarlier."""
        for name in task.after:
            fault = self._seen[name].fault if name.startswith(VERSION) and name in self._seen else None
            if fault is not None and fault.code == ContractEarlier.code:
                raise ContractEarlier(f"{name} comes before it, and has no place there: {fault.message}")

    def _waits_for_another(self, task: Task) -> bool:
        before = [self._seen[name].state for name in task.after if name in self._seen]
        return any(state in _UNDER_WAY for state in before)

    def _saw(
        self, task: Task, state: TaskState, block: int | None = None, transaction: str | None = None
    ) -> None:
        self._seen[task.name] = TaskSeen(task.name, state, block, transaction)

    def _saw_sent(self, one: Sent) -> None:
        self._seen[one.task] = TaskSeen(one.task, "sent", transaction=one.transaction)

    def _refused(self, task: Task, fault: TallystickError) -> None:
        before = next((one.fault for one in self._known.tasks if one.name == task.name), None)
        self._seen[task.name] = TaskSeen(task.name, "refused", fault=_fault(fault, before, self._now))

    def _look(self, sender: Sender) -> None:
        chain, address = sender.chain, sender.key.address
        seen = Seen(
            chain.kind, chain.chain_id, chain.head().number, chain.finalized().number, address,
            str(chain.balance(address)), chain.nonce(address), self._now.isoformat(),
        )  # fmt: skip
        self._known = msgspec.structs.replace(self._known, seen=seen)

    def _keep(self, sent: Iterable[Sent]) -> None:
        self._known = msgspec.structs.replace(self._known, sent=tuple(sent))
        keep(self._office, self._known)

    def _end(self, fault: Fault | None) -> Round:
        failures = self._known.failures + 1 if fault else 0
        again = min(self._pace.again * 2 ** min(failures - 1, 20), self._pace.again_most) if fault else None
        left = [one for one in self._seen.values() if one.state != "final"]
        if fault:  # what the round did not come to stands as it did
            left += [one for one in self._known.tasks if one.name not in self._seen]
        keep(
            self._office,
            msgspec.structs.replace(
                self._known,
                tasks=tuple(left),
                fault=fault,
                failures=failures,
                next_at=(self._now + again).isoformat() if again else None,
                worked_at=self._now.isoformat(),
            ),
        )
        return Round(tuple(self._recorded), fault)


def _is_open(office: Office) -> bool:
    """Tell whether there is a chain to look at: one of others always, our own not before it is needed."""
    return bool(office.settings.chain.url) or "chain" in office.__dict__


def _complete(office: Office) -> None:
    """Say of versions that they are signed where the process ended between the last signature and that."""
    for one in held_versions(office).values():
        if one.is_signed or one.waiting_for:
            continue
        try:
            complete(office, one)
        except TallystickError as fault:  # that one does not bind; what others wait for goes on
            _LOG.warning("%s is signed by all and does not bind: %s", one.agreement.ref, fault)


def _fault(fault: TallystickError, before: Fault | None, now: datetime) -> Fault:
    same = before is not None and before.code == fault.code
    return Fault(fault.code, str(fault), before.since if same and before else now.isoformat())
