"""What stands against proposing a document: its own findings, the version before it, what it links to.

Only what is in the document's own control stops it. An agreement that is named but not held here may be
signed elsewhere, and one that the proposer may not read is treated alike, so that a refusal tells of neither.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from api.office.errors import AgreementNotReady
from api.office.opening import Office
from contracts.addresses import checksum_address
from policies.agreement import Agreement
from policies.errors import Finding
from policies.versions.timeline import start_of, starts_at

if TYPE_CHECKING:
    from policies.diff.compare import Difference

Held = Mapping[str, Agreement]
"""The documents held here, by reference."""

MayRead = Callable[[Agreement], bool]

_SOLVING = threading.Lock()
"""The solver behind the checks works for one thread at a time."""


def findings_of(agreement: Agreement, before: Agreement | None) -> tuple[Finding, ...]:
    """Return the findings of a version that is held, as an amendment of the one before where there is one."""
    with _SOLVING:
        return _kept_findings(agreement, before)


def difference(old: Agreement, new: Agreement) -> Difference:
    """Return what one held version changes against another."""
    with _SOLVING:
        return _kept_difference(old, new)


def draft_findings(agreement: Agreement, held: Held, may_read: MayRead) -> tuple[Finding, ...]:
    """Return the findings of a draft: alone, against the version before, beside what it links to."""
    from policies.check import check_together, in_order  # noqa: PLC0415 (loads z3)

    linked = _linked(agreement, [one for one in held.values() if may_read(one)])
    with _SOLVING:
        found = [*_findings(agreement, version_before(agreement, held))]
        beside = check_together([*linked, agreement]) if linked else []
    return tuple(in_order([*found, *(finding for of, finding in beside if of is agreement)]))


def draft_difference(old: Agreement, new: Agreement) -> Difference:
    """Return what a draft changes against a held version; drafts differ too often to be kept."""
    from policies.diff.compare import compare  # noqa: PLC0415 (as above)

    with _SOLVING:
        return compare(old, new)


def version_before(agreement: Agreement, held: Held) -> Agreement | None:
    """Return the version that a document follows, None where it is the first or that is not held here."""
    return held.get(f"{agreement.id}@{agreement.version - 1}")


def demand_ready(
    office: Office, agreement: Agreement, before: Agreement | None, found: Iterable[Finding]
) -> None:
    """Refuse a document that cannot be proposed now. Raises AgreementNotReady with what stops it."""
    demand_unsettled(office, agreement, before)
    _demand_not_past(office, agreement)
    _demand_signers(agreement)
    found = tuple(found)
    errors = [finding for finding in found if finding.severity == "error"]
    stopping = errors or [finding for finding in found if finding.severity == "warning"]
    if stopping:
        first = stopping[0]
        way = "" if errors else "; mend them, or sign over each by name under 'accepted_findings'"
        raise AgreementNotReady(
            f"{len(stopping)} {first.severity}(s) stop it, the first: {first.path}: {first.message}"
            f" [{first.code}]{way}",
            where=agreement.ref,
            findings=[finding.as_json() for finding in stopping],
        )


def demand_unsettled(office: Office, agreement: Agreement, before: Agreement | None) -> None:
    """Refuse a version that would take effect within a period that was settled without it."""
    if agreement.version == 1:
        return
    from ledger.settlement.runs import runs_resting_on  # noqa: PLC0415 (loads polars)

    runs = runs_resting_on(office.log, agreement.id)
    last = max(runs, key=lambda run: run.point.cutoff) if runs else None
    start = start_of(agreement, before)
    if last is not None and start is not None and starts_at(agreement, start.day) <= last.point.cutoff:
        raise AgreementNotReady(
            f"it would take effect on {start.day}, within the period settled up to"
            f" {last.point.cutoff.isoformat()}; let it take effect after that",
            where=agreement.ref,
        )


def _demand_not_past(office: Office, agreement: Agreement) -> None:
    """Refuse a later version that would change what is past without saying that it is retroactive."""
    follows = agreement.document.supersedes
    if agreement.version == 1 or (follows is not None and follows.transition == "retroactive"):
        return
    today = office.clock().astimezone(agreement.zone).date()
    if agreement.document.effective_from < today:
        raise AgreementNotReady(
            f"it states {agreement.document.effective_from}, which is past; let it take effect from {today}"
            " on, or say 'transition: retroactive' with each party's consent",
            where=agreement.ref,
        )


def _demand_signers(agreement: Agreement) -> None:
    unsigned = [key for key, party in agreement.parties.items() if party.signer is None]
    if unsigned:
        message = f"no signing address for {', '.join(unsigned)}; give each party's with --signer KEY=0x…"
        raise AgreementNotReady(message, where=agreement.ref)
    addresses = [
        checksum_address(party.signer or "", where=f"parties.{key}.signer")
        for key, party in agreement.parties.items()
    ]
    if len(set(addresses)) < len(addresses):
        raise AgreementNotReady("two parties have the same signing address", where=agreement.ref)


def _linked(agreement: Agreement, readable: Iterable[Agreement]) -> list[Agreement]:
    """Return what a document links to, directly or not, or its other versions where that is not held."""
    held = {one.ref: one for one in readable if one.ref != agreement.ref}
    found: dict[str, Agreement] = {}
    ahead = [agreement]
    while ahead:
        for link in ahead.pop().document.links or ():
            named = [held[link.ref]] if link.ref in held else []
            for one in named or (one for one in held.values() if one.id == link.agreement):
                if one.ref not in found:
                    found[one.ref] = one
                    ahead += named
    return list(found.values())


def _findings(agreement: Agreement, before: Agreement | None) -> list[Finding]:
    from policies.check import check, check_against, in_order  # noqa: PLC0415 (loads z3)

    return in_order([*check(agreement), *(check_against(agreement, before) if before is not None else ())])


@lru_cache(maxsize=64)
def _kept_findings(agreement: Agreement, before: Agreement | None) -> tuple[Finding, ...]:
    return tuple(_findings(agreement, before))


@lru_cache(maxsize=64)
def _kept_difference(old: Agreement, new: Agreement) -> Difference:
    from policies.diff.compare import compare  # noqa: PLC0415 (loads z3)

    return compare(old, new)
