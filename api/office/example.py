"""The worked example: one season of a head streamer, from signed agreement to evidence that verifies.

Every step is one that users take, with keys made for the occasion; each can be repeated and adds nothing
twice. Nothing here is used by the product itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from api.access import Grant
from api.members.service import MemberService
from api.office.agreements import held, held_versions, propose, version_to_sign
from api.office.anchoring import checkpoint_and_anchor
from api.office.arbiters import seat
from api.office.chain_worker.work import work
from api.office.dispute_process import decide_dispute, rest_dispute, waive_appeal
from api.office.disputes import disputes, file_dispute
from api.office.evidence import decision_bundle, statement_bundle, trust_file
from api.office.identities import change_gate
from api.office.monitoring import watch
from api.office.opening import OPERATOR, Office
from api.office.orders import import_orders
from api.office.papers import serve_statement
from api.office.private_files import kept_text, write_private
from api.office.registers import import_events, tell_event
from api.office.settling import settle_until
from api.office.signing import give_signature
from ledger.identities import identities
from ledger.registers.declaration import register
from ledger.settlement.runs import last_run
from ledger.statements.reading import list_statements
from policies.agreement import Agreement
from policies.decisions.case import Case, read_case
from policies.loading import load_agreement
from policies.process.terms import SIDES

if TYPE_CHECKING:
    from contracts.signing import SigningKey

AGREEMENT_ID = "head-streamer"
MAPPING = "tallystick-orders"

Tell = Callable[[str], None]
Progress = Callable[[int, int], None]

SEASON: tuple[tuple[str, date | None], ...] = (
    ("d01-orders.csv", date(2026, 3, 17)),
    ("autumn-week-1.csv", None),
    ("autumn-week-2.csv", date(2026, 11, 6)),
    ("autumn-week-5.csv", date(2026, 11, 20)),
)
"""Order files in the order in which they came, each with the day up to which was settled after it."""

REGISTERS = ("training", "inspection", "session", "price_observation", "survey", "feedback")
"""Registers in the order in which they are told: what shows something comes before what it shows."""

STEPS = 6 + len(SEASON)
"""How many steps `Example.build` tells of: one for each order file, and those before and after."""

MEMBERS: tuple[tuple[str, str, tuple[Grant, ...]], ...] = (
    *(
        (
            f"{party}-finance",
            f"{party} (finance)",
            tuple(Grant(role, party) for role in ("read", "approve", "pay")),
        )
        for party in ("platform", "brand", "mcn", "streamer", "leader")
    ),
    ("platform-cashier", "platform (cashier)", (Grant("read", "platform"), Grant("pay", "platform"))),
    ("arbiter", "arbiter", (Grant("arbiter"),)),
    ("auditor", "auditor", (Grant("auditor"),)),
    ("operator", "operator", (Grant("operator"),)),
)
"""Who can sign in to the example: member, name and roles."""


@dataclass(frozen=True)
class Example:
    """The example over an office, with its source files and where it puts what people may try."""

    office: Office
    sources: Path

    @property
    def folder(self) -> Path:
        """Where keystores, access codes and evidence of the example lie."""
        return self.office.settings.data_dir / "example"

    @property
    def done(self) -> bool:
        """Tell whether the example stands whole."""
        return (self.folder / "done").exists()

    def build(self, tell: Tell, progress: Progress) -> None:
        """Take every step that was not taken yet, telling each."""
        tell("signing keys for five parties, in keystore files")
        keys = self.keys()
        tell("agreement head-streamer@1: checked, proposed, signed by all five, registered on the chain")
        self.sign(keys)
        for name, cutoff in SEASON:
            tell(f"orders from {name}" + (f", settled until {cutoff}" if cutoff else ""))
            self.import_and_settle(name, cutoff, progress)
        tell("a live session in its registers, watched: one price below what was promised")
        self.tell_registers()
        tell("disputes: D01 decided by the rules, D05 proposed to the arbiter")
        self.dispute()
        tell("identities of all five verified; only verified parties sign and are paid from now on")
        self.verify()
        tell("people enrolled, statements served in their inboxes, checkpoint anchored, evidence written")
        self.enrol()
        self.serve()
        checkpoint_and_anchor(self.office)
        self.write_evidence()
        write_private(self.folder / "done", "the worked example stands\n")

    def keys(self) -> dict[str, SigningKey]:
        """Return every party's signing key from its keystore, making both on first use."""
        from contracts.keystore import SCRYPT_LIGHT, create_keystore, read_keystore  # noqa: PLC0415 (loads the curve library)

        found = {}
        for party in self.document().parties:
            path = self.folder / "keystores" / f"{party}.json"
            password = kept_text(path.with_suffix(".password"), lambda: secrets.token_urlsafe(16))
            if not path.exists():
                create_keystore(path, password, work_factor=SCRYPT_LIGHT)
            found[party] = read_keystore(path, password)
        return found

    def document(self) -> Agreement:
        """Return the example's agreement as written."""
        path = self.sources / "agreements" / f"{AGREEMENT_ID}.yaml"
        return load_agreement(path.read_text(encoding="utf-8"), name=path.name)

    def sign(self, keys: dict[str, SigningKey]) -> None:
        """Propose the agreement with its signers, and sign it for whoever has not."""
        from contracts.consent import sign_version  # noqa: PLC0415 (loads the curve library)

        signers = {party: key.address for party, key in keys.items()}
        one = propose(self.office, self.document().with_signers(signers))
        for party in keys if not one.is_signed else ():
            one = held(self.office, one.agreement.ref)
            signed = sign_version(keys[party], version_to_sign(self.office, one), self.office.domain)
            give_signature(self.office, one.agreement.ref, party, signed.signature)
        work(self.office, at_once=True)

    def import_and_settle(self, name: str, cutoff: date | None, progress: Progress) -> None:
        """Import one order file and settle up to a day, unless a later run stands already."""
        import_orders(self.office, self.sources / "orders" / name, MAPPING, AGREEMENT_ID, progress=progress)
        if cutoff is None:
            return
        moment = datetime.combine(cutoff, time(), tzinfo=self.document().zone)
        run = last_run(self.office.log, AGREEMENT_ID)
        if run is None or run.point.cutoff < moment:
            settle_until(self.office, AGREEMENT_ID, moment)

    def tell_registers(self) -> None:
        """Tell the registers of one live session what happened in it, and let the monitors look."""
        for name in REGISTERS:
            path = self.sources / "registers" / f"{name}.csv"
            under = AGREEMENT_ID if register(name).of == "agreement" else None
            import_events(self.office, path, name, by="mcn", agreement=under)
        watch(self.office)

    def dispute(self) -> None:
        """File the two worked disputes and let the rules decide, once neither side has anything to add.

        In D01 both waive the appeal, so that the ruling stands; D05 waits for the arbiter.
        """
        for name in ("D01", "D05"):
            one = file_dispute(self.office, self.case(name))
            seat(self.office, one, "arbiter", by=OPERATOR)
            acting = {side: f"{one.party_of(side)}-finance" for side in SIDES}
            for side, member in acting.items():
                rest_dispute(self.office, one.id, side, member=member)
            if not decide_dispute(self.office, one.id).awaits_review:
                for side, member in acting.items():
                    waive_appeal(self.office, one.id, side, member=member)

    def case(self, name: str) -> Case:
        """Return a worked case as its parties file it."""
        path = self.sources / "cases" / f"{name}.yaml"
        return read_case(path.read_text(encoding="utf-8"), name=path.name)

    def verify(self) -> None:
        """Have every party verified for two years, and turn the gate on that asks for it."""
        today = self.office.clock().astimezone(self.document().zone).date()
        dates = {
            "valid_until": (today + timedelta(days=730)).isoformat(),
            "recheck_by": (today + timedelta(days=365)).isoformat(),
        }
        known = identities(self.office.log, self.office.clock())
        for party in self.document().parties:
            about = (self.office, "identity", f"ID-{party}")
            if party not in known:
                tell_event(*about, "submitted", {"subject": "company"}, by=party, party=party)
            if party not in known or known[party].standing == "submitted":
                fields = {"method": "registry", **dates}
                tell_event(*about, "verified", fields, by=OPERATOR, party=party)
        change_gate(self.office, sign=True, pay=True, by=OPERATOR, reason="E-Commerce Law 27")

    def enrol(self) -> None:
        """Enrol one member a party and the house's own, keeping their access codes for who runs this."""
        settings = self.office.settings
        members = MemberService(self.office.engine, self._now_us, settings.session_seconds_max)
        path = self.folder / "access-codes.txt"
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        for member, name, grants in MEMBERS:
            if f"{member}\t" in known:
                continue
            code = members.renew_code(member) if members.has(member) else members.enrol(member, name, grants)
            known += f"{member}\t{code}\n"
            write_private(path, known)

    def serve(self) -> None:
        """Serve every statement in its party's inbox, which somebody can open once people are enrolled."""
        for one in reversed(list_statements(self.office.log, agreement=AGREEMENT_ID)):
            serve_statement(self.office, one, "inbox")

    def write_evidence(self) -> None:
        """Write the keys to trust, and evidence bundles that verify against them."""
        versions = held_versions(self.office).values()
        write_private(self.folder / "keys.txt", trust_file(self.office, versions))
        for path, data in self.bundles():
            write_private(path, data.decode())

    def bundles(self) -> Iterator[tuple[Path, bytes]]:
        """Yield the agency's newest statement and each decision that stands, as bundles."""
        statement = list_statements(self.office.log, party="mcn", agreement=AGREEMENT_ID, limit=1)[0]
        yield self.folder / "evidence" / f"{statement.id}.tally", statement_bundle(self.office, statement)
        for one in disputes(self.office).values():
            if one.decided is not None:
                yield self.folder / "evidence" / f"{one.id}.tally", decision_bundle(self.office, one, "mcn")

    def _now_us(self) -> int:
        return int(self.office.clock().timestamp() * 1_000_000)
