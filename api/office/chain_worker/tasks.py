"""What is to be put on the chain, derived from the log: versions, their ends, changes of keys, checkpoints.

To add one: write a class with the methods of standing.Task, and yield it in `tasks_of_log`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from api.office.chain_worker.anchor_tasks import anchor_due, chain_id
from api.office.chain_worker.key_tasks import ChangeKey, key_tasks
from api.office.chain_worker.standing import Task
from api.office.chain_worker.version_tasks import RegisterTermination, RegisterVersion
from api.office.opening import Office
from api.office.registration import unregistered
from ledger.database import reading
from ledger.terminations import all_terminations

Hashes = Mapping[str, tuple[str, ...]]
"""Hashes of the transactions that were sent for a task, by its name."""

NONE_SENT: Hashes = {}

InRegistry = RegisterVersion | RegisterTermination | ChangeKey
"""What the registry takes."""


def tasks(office: Office, flying: int = 0, sent: Hashes = NONE_SENT) -> Iterator[Task]:
    """Yield what is to be put on the chain, what others wait for first. Asks no chain.

    `flying` is the size of an anchor that was sent and is not final: no other is due before it is. `sent`
    are the hashes of the transactions of each task.
    """
    yield from tasks_of_log(office, sent)
    due = anchor_due(office, flying)
    if due is not None:
        yield due


def tasks_of_log(office: Office, sent: Hashes = NONE_SENT) -> Iterator[Task]:
    """Yield what is to be put in the registry, in the order in which it came to count.

    A registry judges signatures by the keys that it knows when it is asked. So a version, or an end, comes
    after the changes of its signers' keys that counted when it was signed, and before those that came to
    count later.
    """
    with reading(office.engine) as session:
        ended = all_terminations(session)
    yield from in_order(
        [
            *(RegisterVersion(one) for one in unregistered(office)),
            *(RegisterTermination(one) for one in ended.values() if one.registered is None),
            *key_tasks(office, chain_id(office), sent),
        ]
    )


def in_order(found: Sequence[InRegistry]) -> Iterator[InRegistry]:
    """Yield versions, ends and changes of keys as they came to count, each after what it follows.

    Those of one time stand as they were given: keys last, for a key that ends signs until then.
    """
    before: list[InRegistry] = []
    for task in sorted(found, key=_counts_from):
        behind = tuple(one.name for one in before if _must_follow(task, one))
        before.append(task)
        yield replace(task, after=behind) if isinstance(task, ChangeKey) else replace(task, behind=behind)


def _counts_from(task: InRegistry) -> datetime:
    if isinstance(task, ChangeKey):
        return task.counts_from
    if isinstance(task, RegisterTermination):
        return task.ended.at
    assert task.version.signed_at is not None, "only signed versions are registered"
    return datetime.fromisoformat(task.version.signed_at)


def _must_follow(task: InRegistry, one: InRegistry) -> bool:
    keys = isinstance(task, ChangeKey) or isinstance(one, ChangeKey)
    return keys and not task.signers.isdisjoint(one.signers)
