"""Beginning the embedded chain anew, where its file is lost and in no backup: said in the log, for good.

Seals of the lost chain stay in the log and in bundles, and so does the entry that says it was lost. The chain
worker then puts everything that is on record on the new chain, in its order; the registry gets its address of
before, so that every signature counts as it did.
"""

from __future__ import annotations

from api.errors import SettingUnusable
from api.office.agreements import domain_of, held_versions
from api.office.chain_worker.anchor_tasks import ask_for_anchor
from api.office.opening import Office
from api.office.sealing import FILE
from contracts.errors import ChainFileUnusable
from ledger.seals import Seal, begun_anew, last_seal, record_anew
from verifier.chain_file import CHAIN_ID, is_begun


def begin_anew(office: Office, reason: str) -> Seal:
    """Record that the embedded chain was lost; return what was sealed of it last, under the entry's number.

    Raises SettingUnusable on a chain behind a node, and ChainFileUnusable where a chain is there, nothing of
    it is missed, or its registry could not be made again.
    """
    if office.settings.chain.url:
        raise SettingUnusable(
            "it names a chain that others run; only one's own begins anew", where="TALLYSTICK_CHAIN"
        )
    path = office.settings.data_dir / FILE
    if is_begun(path):
        raise ChainFileUnusable(
            "a chain is there; restore a backup, or move it away with its -wal and -shm and keep it",
            where=str(path),
        )
    last = last_seal(office.log)
    if last is None:
        raise ChainFileUnusable("the log sealed nothing of a chain, so none is missed", where=str(path))
    _require_registry(office)
    record_anew(office.log, last, reason, now=office.clock())
    ask_for_anchor(office, office.log.size())
    lost = begun_anew(office.log)
    assert lost is not None, "it was recorded"
    return lost


def _require_registry(office: Office) -> None:
    domain = office.domain
    signed = (domain_of(one) for one in held_versions(office).values() if one.is_signed)
    others = {one for one in signed if one.chain_id == CHAIN_ID and one != domain}
    if others or not office.makes_its_registry:
        raise ChainFileUnusable(
            "does not hold what the registry is made from that versions were signed for; restore it",
            where="chain.json",
        )
