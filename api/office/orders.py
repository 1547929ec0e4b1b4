"""Orders in: what intake needs to know of an agreement, taken from its signed documents."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from api.office.agreements import Held, signed_versions
from api.office.opening import Office
from ledger.intake.importing import Progress, import_file
from ledger.intake.mapping import load_mapping
from ledger.intake.report import ImportReport
from ledger.intake.terms import Funding, IntakeTerms, VersionTerms
from ledger.settlement.events import recorded_events
from policies.agreement import Agreement
from policies.formulas.tree import Name
from policies.versions.timeline import NO_EVENTS, Events, timeline


def import_orders(  # noqa: PLR0913 (the file, its mapping, whose it is, and how to go about it)
    office: Office,
    path: Path,
    mapping: str,
    agreement_id: str,
    *,
    progress: Progress | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
) -> ImportReport:
    """Import an order file, each line under the signed version of the agreement that its own time chooses.

    `mapping` is the name of a shipped mapping or the path of one. Rows that are not taken are
    written to `rejects`, to be mended and imported again. Raises what `import_file` raises, and
    AgreementUnknown where nothing is signed.
    """
    versions = signed_versions(office, agreement_id)
    terms = intake_terms(versions, recorded_events(office.log, versions[0].agreement))
    return import_file(
        office.log, path, load_mapping(mapping), terms, progress=progress, dry_run=dry_run, rejects=rejects
    )


def intake_terms(versions: tuple[Held, ...], events: Events = NO_EVENTS) -> IntakeTerms:
    """Return the terms of an agreement as intake sees them, oldest version first."""
    newest = versions[-1].agreement
    periods = timeline((one.agreement for one in versions), events)
    in_force = {one.agreement.ref for one in periods}
    return IntakeTerms(
        newest.id,
        newest.currency,
        newest.document.time_zone,
        teller_of(newest),
        tuple(_version(one.agreement, one.start) for one in periods),
        tuple(
            _version(one.agreement, periods[0].start) for one in versions if one.agreement.ref not in in_force
        ),
        periods[-1].end,
    )


def _version(agreement: Agreement, starts: datetime) -> VersionTerms:
    document = agreement.document
    return VersionTerms(
        reference=agreement.ref,
        effective_from=starts,
        readers=tuple(sorted(agreement.party_id(key) for key in agreement.parties)),
        personal_readers=(teller_of(agreement),),
        funding=_funding(agreement),
        facts={name: fact.type for name, fact in document.facts.items() if fact.of == "order"},
        prevailing=document.prevailing_source,
    )


def _funding(agreement: Agreement) -> tuple[Funding, ...]:
    """Return what a sale itself posts: sources funded `at: sale` whose amount is a plain fact."""
    clause = agreement.commission
    found = []
    for source in clause.funding if clause else ():
        node = agreement.formula(source.amount)
        if source.at == "sale" and isinstance(node, Name):
            account = account_name(agreement, source.from_)
            found.append(Funding(account, ESCROW, node.name, clause.id if clause else "", source.kind))
    return tuple(found)


ESCROW = "escrow.balance"
"""The account, one for each agreement, that holds what buyers paid until it is shared out."""


def account_name(agreement: Agreement, account: str) -> str:
    """Return a document's account as OWNER.PURPOSE with the owner's identity across agreements."""
    key, _, purpose = account.partition(".")
    owner = agreement.party_id(key) if key in agreement.parties else key
    return f"{owner}.{purpose or 'balance'}"


def teller_of(agreement: Agreement) -> str:
    """Return the identity of the party whose word an order file is: the platform, else the first party."""
    keys = [key for key, party in agreement.parties.items() if party.role == "platform"]
    return agreement.party_id(keys[0] if keys else next(iter(agreement.parties)))
