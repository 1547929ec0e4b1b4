"""Deposit vaults on the chain (experimental): made from a clause of a signed version, read, and asked to pay.

vault.opened   a vault stands on a chain for a clause: where, for which token, who sits in it

What a vault holds is read from the chain each time. The ledger posts nothing for it: whoever uses one keeps
the account that it stands for by hand. The usual way to hold a deposit is a hold (holds.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.office.agreements import Held, held, signed_versions, version_to_sign
from api.office.chain_worker.turn import turn
from api.office.disputes import dispute
from api.office.errors import VaultDiffers, VaultNotReady, VaultUnknown
from api.office.opening import OPERATOR, Office
from contracts.addresses import checksum_address
from contracts.hashing import ZERO_DIGEST, agreement_key
from contracts.signing_file import SignatureFile, request_file
from contracts.token import decimals_of
from contracts.typed_data import Message
from contracts.vault_plan import Seats, VaultPlan, compile_vault
from contracts.vault_terms import VaultAppealDecision, VaultRelease, VaultRuling, VaultTerms
from ledger.appending import append_once
from ledger.database import reading
from ledger.entries import Group, NewEntry
from ledger.reading import Entry, read_contents
from ledger.settlement.decisions import DECISION_PHASE

if TYPE_CHECKING:
    from contracts.vault import Vault

SOURCE = "tallystick.vaults"
OPENED_KIND = "vault.opened"
VAULT_GROUP = "vault"


@dataclass(frozen=True, slots=True)
class OpenedVault:
    """A vault as entry `seq` of the log tells of it, and the plan that its document gives."""

    address: str
    held: Held
    plan: VaultPlan
    chain_id: int
    registry: str
    token: str
    decimals: int
    terms_digest: str
    seq: int

    def terms(self) -> VaultTerms:
        """Return the terms that the vault must have, compiled from the document anew."""
        key = agreement_key(self.held.salt, self.held.agreement.id)
        return self.plan.terms(
            token=self.token, decimals=self.decimals, registry=self.registry, agreement_key=key
        )

    def key(self, name: str) -> bytes:
        """Return the salted key by which a ruling or a contest is known to the vault."""
        return agreement_key(self.held.salt, name)

    def party_of(self, address: str) -> str:
        """Return the party's key in the document that signs with an address; the address where none does."""
        signers = {one.signer.lower(): key for key, one in self.plan.agreement.parties.items() if one.signer}
        return signers.get(address.lower(), address)


def open_vault(
    office: Office, agreement_id: str, clause: str, *, token: str, seats: Seats | None = None
) -> OpenedVault:
    """Make a vault for a clause of the newest signed version and put it on record; waits for the chain.

    Raises AgreementUnknown, VaultNotCompiled, VaultNotReady where the registry does not hold the version,
    ChainReverted where the chain refuses the terms, ChainBusy.
    """
    from contracts.vault import Vault  # noqa: PLC0415 (readers of the log need no chain)

    one = signed_versions(office, agreement_id)[-1]
    plan = compile_vault(one.agreement, clause, seats)
    version = version_to_sign(office, one)
    registry = office.registry
    if registry.record(version.agreement, version.version) is None:
        raise VaultNotReady(
            "the registry does not hold this version yet, and a vault asks it who the parties are; "
            "run `tallystick chain work`",
            where=one.agreement.ref,
        )
    token = checksum_address(token, where="token")
    decimals = decimals_of(office.chain, token)
    terms = plan.terms(
        token=token, decimals=decimals, registry=registry.address, agreement_key=version.agreement
    )
    with turn(office):
        vault = Vault.deploy(office.chain, terms, key=office.chain_key)
    _record(office, one, plan, vault, decimals)
    return vault_at(office, vault.address)


def vaults(office: Office) -> tuple[OpenedVault, ...]:
    """Return every vault on record, oldest first."""
    with reading(office.engine) as session:
        told = list(read_contents(session, (OPENED_KIND,)))
    return tuple(_opened(office, entry, content[VAULT_GROUP]) for entry, content in told)


def vault_at(office: Office, address: str) -> OpenedVault:
    """Return the vault on record at an address. Raises VaultUnknown."""
    found = next((one for one in vaults(office) if one.address.lower() == address.lower()), None)
    if found is None:
        raise VaultUnknown(
            "no vault of this address is on record; see `tallystick vault list`", where=address
        )
    return found


def on_chain(office: Office, one: OpenedVault) -> Vault:
    """Return the vault itself, held against the document. Raises VaultDiffers where it has other terms."""
    from contracts.vault import Vault  # noqa: PLC0415 (as above)

    vault = Vault.open(office.chain, one.address)
    if vault.terms != one.terms():
        raise VaultDiffers(
            "the vault on the chain has other terms than the signed document; put nothing in",
            where=one.address,
        )
    return vault


def ruling_to_sign(
    office: Office, one: OpenedVault, dispute_id: str, payee: str | None = None
) -> VaultRuling:
    """Return the ruling that carries out what stands of a dispute, as far as it pays out of the vault.

    `payee` is a party's key, needed where several are paid. Raises DisputeUnknown, and VaultNotReady where
    nothing stands yet, nothing is paid out of the account, or it is paid to who has no key.
    """
    found = dispute(office, dispute_id)
    if found.decided is None:
        raise VaultNotReady(
            "no decision stands yet: it can be appealed, or nobody has ruled", where=dispute_id
        )
    due = _paid_from(one.plan, found.decided.content)
    if payee is None and len(due) == 1:
        (payee,) = due
    if payee is None or payee not in due:
        known = ", ".join(due) or "nobody"
        raise VaultNotReady(
            f"the decision pays out of {one.plan.account} to {known}; name one of them", where=dispute_id
        )
    if payee not in one.plan.payees:
        raise VaultNotReady(f"the vault does not pay '{payee}'; the ledger does", where=dispute_id)
    contest = one.key(f"contest/{dispute_id}")
    vault = on_chain(office, one)
    return VaultRuling(
        one.key(f"ruling/{dispute_id}/{payee}"),
        contest if vault.is_contested(contest) else ZERO_DIGEST,
        one.plan.address(payee),
        one.plan.units(due[payee], one.decimals),
    )


def release_to_sign(office: Office, one: OpenedVault, payments: Mapping[str, int]) -> VaultRelease:
    """Return the next release, for all parties to sign; `payments` in minor units by party or address."""
    parties = one.plan.agreement.parties
    payees = tuple(
        one.plan.address(each) if each in parties else checksum_address(each, where="payee")
        for each in payments
    )
    amounts = tuple(one.plan.units(amount, one.decimals) for amount in payments.values())
    return VaultRelease(on_chain(office, one).next_release(), payees, amounts)


def request_of(office: Office, one: OpenedVault, message: Message) -> dict[str, Any]:
    """Return a message of a vault as a file for those who must sign it (contracts/signing_file.py)."""
    vault = on_chain(office, one)
    signers = {
        "VaultRuling": vault.terms.arbiters,
        "VaultAppealDecision": vault.terms.reviewers,
        "VaultRelease": vault.consenting(),
    }[message.primary_type]
    wanted = [{"party": one.party_of(address), "address": address} for address in signers]
    return request_file(message.request(vault.domain), {"vault": one.address}, wanted)


def carry_out(
    office: Office, one: OpenedVault, message: Mapping[str, Any], signatures: Sequence[SignatureFile]
) -> str:
    """Send what was signed and return the transaction; `message` are the fields of the request.

    Raises ChainReverted with the vault's own reason, ChainBusy.
    """
    vault, key = on_chain(office, one), office.chain_key
    signed = {each.address: each.signature for each in signatures}
    with turn(office):
        if "payees" in message:
            release = VaultRelease(message["number"], tuple(message["payees"]), tuple(message["amounts"]))
            return vault.release_by_all(release, signed, key=key).transaction
        if "stands" in message:
            return vault.decide_appeal(VaultAppealDecision(**message), signed, key=key).transaction
        return vault.rule(VaultRuling(**message), signed, key=key).transaction


def _paid_from(plan: VaultPlan, decision: Mapping[str, Any]) -> dict[str, int]:
    """Return what a decision pays out of a plan's account, in minor units by the owner of where it goes."""
    due: dict[str, int] = {}
    for each in decision.get("postings", ()):
        if each["from"] == plan.account and each.get("phase", DECISION_PHASE) == DECISION_PHASE:
            owner = str(each["to"]).partition(".")[0]
            due[owner] = due.get(owner, 0) + int(each["amount_minor"])
    return due


def _record(office: Office, one: Held, plan: VaultPlan, vault: Vault, decimals: int) -> None:
    content = {
        "agreement": one.agreement.ref,
        "clause": plan.clause,
        "account": plan.account,
        "chain_kind": office.chain.kind,
        "chain_id": office.chain.chain_id,
        "vault": vault.address,
        "registry": vault.terms.registry,
        "token": vault.terms.token,
        "decimals": decimals,
        "arbiters": list(plan.seats.arbiters),
        "reviewers": list(plan.seats.reviewers),
        "terms": "0x" + vault.terms.digest().hex(),
    }
    entry = NewEntry(
        source=SOURCE,
        id=f"{one.agreement.ref}/{vault.address}",
        kind=OPENED_KIND,
        occurred_at=office.clock(),
        asserter=OPERATOR,
        groups=(Group(VAULT_GROUP, one.concerned, content),),
        agreement=one.agreement.ref,
        concerns=one.concerned,
    )
    append_once(office.log, entry)


def _opened(office: Office, entry: Entry, told: Mapping[str, Any]) -> OpenedVault:
    one = held(office, told["agreement"])
    seats = Seats(tuple(told["arbiters"]), tuple(told["reviewers"]))
    plan = compile_vault(one.agreement, told["clause"], seats)
    return OpenedVault(
        told["vault"], one, plan, told["chain_id"], told["registry"], told["token"], told["decimals"],
        told["terms"], entry.seq,
    )  # fmt: skip
