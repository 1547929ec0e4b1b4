"""What is on record and stands on the chain no more: taken back after it was final, or lost with the chain.

Each kind is looked at from its newest on, and older ones only where that is gone, so that a sound chain is
asked little.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.office.agreements import Held, domain_of, held_versions
from api.office.chain_worker.anchor_tasks import AnchorCheckpoint, chain_id, recorded_anchor
from api.office.chain_worker.key_tasks import ChangeKey, registered_keys
from api.office.chain_worker.standing import Task
from api.office.chain_worker.tasks import in_order
from api.office.chain_worker.version_tasks import RegisterTermination, RegisterVersion
from api.office.opening import Office
from contracts.errors import AnchorError, RegistryConflict
from ledger.database import reading
from ledger.terminations import all_terminations


def lost(office: Office) -> Iterator[Task]:
    """Yield what is to be put on the chain again, in the order in which a registry takes it."""
    yield from in_order([*_versions(office), *_ends(office), *_keys(office)])
    placed = recorded_anchor(office)
    if placed is not None:
        anchor = AnchorCheckpoint(placed.size, placed.root)
        if not _stands(office, anchor, None):
            yield anchor


def _versions(office: Office) -> Iterator[RegisterVersion]:
    for one in sorted(_registered(office), key=_registered_at, reverse=True):
        task = RegisterVersion(one)
        if _stands(office, task, _registered_at(one)):
            break
        yield task


def _keys(office: Office) -> Iterator[ChangeKey]:
    for _, task in sorted(registered_keys(office, chain_id(office)), key=lambda one: one[0], reverse=True):
        if task.is_counted(office):
            break
        yield task


def _ends(office: Office) -> Iterator[RegisterTermination]:
    domain = office.domain
    with reading(office.engine) as session:
        ended = [one for one in all_terminations(session).values() if one.registered is not None]
    here = [
        (one.registered["block"], one)
        for one in ended
        if one.registered is not None
        and (one.registered["chain_id"], one.registered["registry"]) == (domain.chain_id, domain.contract)
    ]
    for _, one in sorted(here, key=lambda each: each[0], reverse=True):
        task = RegisterTermination(one)
        if _stands(office, task, None):
            break
        yield task


def _registered(office: Office) -> list[Held]:
    """Return the versions that are on record in the registry that this installation works with."""
    domain = office.domain
    return [
        one
        for one in held_versions(office).values()
        if one.registration is not None and domain_of(one) == domain
    ]


def _registered_at(one: Held) -> int:
    assert one.registration is not None, "only registered versions are looked at"
    return one.registration.block


def _stands(office: Office, task: Task, block: int | None) -> bool:
    try:
        standing = task.standing(office)
    except (RegistryConflict, AnchorError):
        return False
    return standing is not None and block in {None, standing.block}
