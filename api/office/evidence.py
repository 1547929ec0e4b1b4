"""Evidence bundles: a statement or a decision with everything that proves it, in one file.

The format is `docs/reference/bundle.md`; `verifier/` checks it and imports nothing of this. A reader is
given the groups that name them; the others are withheld, and what was erased is said to be.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from api.office.agreements import Held, held_versions
from api.office.disputes import Dispute
from api.office.errors import EvidenceNotReady
from api.office.opening import Office
from api.office.sealing import sealed_checkpoint
from ledger.cases.queries import QUERY_GROUP, SavedQuery
from ledger.cases.record import CASE_GROUP
from ledger.checkpoints import Anchor, Checkpoint, anchors, checkpoint_at
from ledger.database import reading
from ledger.disclosed import disclosed_at
from ledger.exhibits.reading import EXHIBIT_STEPS
from ledger.queries.answering import Answer
from ledger.reading import Entry, StoredGroup
from ledger.seals import GROUP as SEAL_GROUP
from ledger.seals import KIND as SEALED_KIND
from ledger.seals import last_seal
from ledger.settlement.decisions import DECISION_GROUP
from ledger.settlement.runs import STATEMENT_GROUP
from ledger.statements.lines import LineStore, ndjson
from ledger.statements.reading import Statement
from ledger.witnesses import witnesses
from policies.canonical import canonical_bytes

FORMAT = "tallystick/bundle/v1"

Opens = Callable[[Entry, StoredGroup], bool]
"""Which groups of entries a bundle opens."""

FACT_ENTRIES_LIMIT = 5_000
"""Order entries that a bundle carries with their proofs; a larger statement names them by number only."""


def statement_bundle(office: Office, statement: Statement, *, withheld: Collection[str] = ()) -> bytes:
    """Return the bundle of a statement as its party may hold it: its lines, and the entries they rest on.

    Groups of the names `withheld` stay closed even to the party, for a reader who is not of it.
    """
    lines = LineStore(office.files).read(statement.root)
    cited = sorted(set(lines["entries"].explode().drop_nulls().to_list()))
    group = _group_of(office, statement.seq, STATEMENT_GROUP)
    parts = {"statement.json": _opened(group), "lines.ndjson": ndjson(lines)}
    seqs = {statement.seq, *(cited if len(cited) <= FACT_ENTRIES_LIMIT else ())}
    version = max(one["version"] for one in statement.content["versions"])
    opens = _of_reader(statement.party, withheld)
    return _bundle(office, f"{statement.agreement}@{version}", parts, seqs, opens)


def decision_bundle(office: Office, one: Dispute, reader: str) -> bytes:
    """Return the bundle of a decision as one of its parties may hold it: the case and what was decided.

    The entries of its exhibits go with it: each file's digest is proved, and its words where they are open
    to the reader; the files are not in it.
    Raises EvidenceNotReady while no decision stands.
    """
    if one.decided is None:
        raise EvidenceNotReady("no decision stands yet", where=one.id)
    parts = {"decision.json": _opened(_group_of(office, one.decided.seq, DECISION_GROUP))}
    seqs = {one.decided.seq, one.filed.seq, *(step.seq for step in one.record.of(*EXHIBIT_STEPS))}
    return _bundle(office, one.agreement.ref, parts, seqs, _of_reader(reader))


def query_bundle(office: Office, saved: SavedQuery, answer: Answer) -> bytes:
    """Return the bundle of a saved query: what was asked, its rows, and the entries that they came from.

    It opens what the query could show, for whoever may run it. Raises EvidenceNotReady where the answer is
    not the one that was saved.
    """
    if answer.digest != saved.digest:
        message = "what it found is not as it was saved: a part was erased since; save it anew"
        raise EvidenceNotReady(message, where=saved.id)
    parts = {
        "answer.ndjson": answer.text.decode(),
        "found.json": _opened(_group_of(office, saved.step.seq, QUERY_GROUP)),
        "query.json": _opened(_group_of(office, saved.step.seq, CASE_GROUP)),
    }

    def opens(entry: Entry, group: StoredGroup) -> bool:
        own = entry.seq == saved.step.seq and group.name in {QUERY_GROUP, CASE_GROUP}
        return own or saved.scope.shows(entry, group)

    seqs = {*answer.entries, saved.step.seq}
    return _bundle(office, saved.agreement, parts, seqs, opens)


def trust_file(office: Office, versions: Iterable[Held]) -> str:
    """Return what a party pins: the log's key, the witnesses' and every signer's address.

    Those of drafts are left out: anybody may draft one that names others by false addresses.
    It is to be compared with what each party says of itself, over another channel.
    """
    lines = ["# keys to trust; compare each with its owner before you rely on it"]
    lines += map(str, office.log_key.verifiers)
    pinned = {
        f"party {one.agreement.party_id(key)} {party.signer}"
        for one in versions
        if one.is_signed
        for key, party in one.agreement.parties.items()
    }
    watching = [str(one.key) for one in witnesses(office.log) if one.stands]
    return "\n".join([*lines, *watching, *sorted(pinned)]) + "\n"


def _group_of(office: Office, seq: int, name: str) -> StoredGroup:
    (group,) = [group for group in office.log.groups(seq) if group.name == name]
    return group


def _opened(group: StoredGroup) -> str:
    if group.opened is None:
        raise EvidenceNotReady(f"group '{group.name}' was erased", where=f"entry {group.seq}")
    return group.opened.decode()


def _of_reader(reader: str, withheld: Collection[str] = ()) -> Opens:
    return lambda _, group: reader in group.readers and group.name not in withheld


def _or_seals(opens: Opens) -> Opens:
    """Open seals of the embedded chain as well: they name a block and nobody's business."""
    return lambda entry, group: (entry.kind, group.name) == (SEALED_KIND, SEAL_GROUP) or opens(entry, group)


def _bundle(office: Office, ref: str, parts: dict[str, str], seqs: set[int], opens: Opens) -> bytes:
    """Return a bundle under an agreement version: parts, and entries with the groups that `opens`."""
    one = held_versions(office).get(ref)
    if one is None or one.signed_seq is None or one.consent is None:
        raise EvidenceNotReady("the agreement is not signed by all its parties yet", where=ref)
    proved = sorted({*seqs, one.signed_seq})
    checkpoint, anchor = _covering(office, proved[-1] + 1)
    if one.registration is not None and one.registration.seq < checkpoint.size:
        proved = sorted({*proved, one.registration.seq})
    seal = last_seal(office.log, before=checkpoint.size)
    if seal is not None:
        proved = sorted({*proved, seal.seq})
    entries = _entries(office, proved, _or_seals(opens), checkpoint)
    whole = {
        **parts,
        "agreement.json": one.agreement.canonical.decode(),
        "signing.json": canonical_bytes(one.consent).decode(),
        "entries.json": canonical_bytes(entries).decode(),
        "checkpoint.txt": checkpoint.note,
    }
    if anchor is not None:
        whole["anchor.json"] = canonical_bytes(_anchor(anchor)).decode()
    manifest = office.log_key.sign(_manifest(checkpoint.origin, whole))
    return canonical_bytes({"format": FORMAT, "manifest": manifest, "parts": whole}) + b"\n"


def _covering(office: Office, size: int) -> tuple[Checkpoint, Anchor | None]:
    """Return the oldest anchored checkpoint of at least `size` entries, else any, else one signed now.

    No chain is asked: a request for evidence never waits for one.
    """
    placed = next((one for one in anchors(office.log) if one.size >= size), None)
    checkpoint = checkpoint_at(office.log, placed.size if placed else size)
    return checkpoint or sealed_checkpoint(office), placed


def _manifest(origin: str, parts: Mapping[str, str]) -> str:
    lines = [FORMAT, origin]
    for name in sorted(parts):
        data = parts[name].encode()
        lines.append(f"{hashlib.sha256(data).hexdigest()} {len(data)} {name}")
    return "\n".join(lines) + "\n"


def _entries(office: Office, seqs: list[int], opens: Opens, checkpoint: Checkpoint) -> list[dict[str, Any]]:
    proofs = office.log.inclusion_proofs(seqs, checkpoint.size)
    with reading(office.engine) as session:
        found = disclosed_at(session, seqs)
    return [
        {
            "seq": one.entry.seq,
            "leaf": one.entry.leaf.decode(),
            "proof": [base64.b64encode(node).decode() for node in proof],
            "groups": [group_part(group, shown=opens(one.entry, group)) for group in one.groups],
        }
        for one, proof in zip(found, proofs, strict=True)
    ]


def group_part(group: StoredGroup, *, shown: bool) -> dict[str, Any]:
    """Return a group as evidence holds it: opened where `shown`, else withheld; or as erased."""
    if group.erased_by is not None:
        return {"position": group.position, "erased": True, "by_seq": group.erased_by}
    if not shown:
        return {"position": group.position, "withheld": True}
    assert group.salt is not None
    assert group.opened is not None
    return {"position": group.position, "salt": group.salt.hex(), "opened": group.opened.decode()}


def _anchor(anchor: Anchor) -> dict[str, Any]:
    return {
        "block": anchor.block,
        "chain": {"chain_id": anchor.chain_id, "kind": anchor.chain_kind},
        "contract": anchor.contract,
        "root": anchor.root.hex(),
        "size": anchor.size,
        "transaction": anchor.transaction,
    }
