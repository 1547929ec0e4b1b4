"""The certificate of completion of a signed version, as PDF: who signed, when and how, and how to check it.

It tells what the log says and is no proof itself; the same log and language give the same bytes.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from importlib.resources import files

import msgspec

from api.agreements.schemas import AgreementDetail, SignatureShown
from api.errors import ThingUnknown
from api.language import LANGUAGES, Catalogue, Language, catalogue
from api.office.agreements import Held, domain_of
from api.office.errors import EvidenceNotReady
from api.pages import moment
from policies.render.typesetting import set_pdf

_SETTING = threading.Lock()
"""One PDF is set at a time: the typesetter takes a core and some memory."""

Rows = list[tuple[str, str]]


def language_of_file(name: str) -> Language:
    """Return the language of a certificate by its file name, `zh.pdf` say. Raises ThingUnknown."""
    for one in LANGUAGES:
        if name == f"{one}.pdf":
            return one
    raise ThingUnknown(f"there is no certificate '{name[:40]}'; ask for zh.pdf or en.pdf")


def write_certificate(held: Held, shown: AgreementDetail, origin: str, language: Language) -> bytes:
    """Write the certificate of a version that everybody signed, as PDF/A-2. Raises EvidenceNotReady.

    `origin` names the log that it tells of.
    """
    if held.signed_at is None:
        raise EvidenceNotReady("not everybody has signed it", where=held.agreement.ref)
    source = files("api.agreements").joinpath("certificate.typ").read_bytes()
    data = msgspec.json.encode(_paper(held, shown, origin, language)).decode()
    with _SETTING:
        return set_pdf(source, {"paper": data}, datetime.fromisoformat(held.signed_at).astimezone(UTC))


def _paper(held: Held, shown: AgreementDetail, origin: str, language: Language) -> dict[str, object]:
    words = catalogue(language)
    ref = held.agreement.ref
    return {
        "language": language,
        "id": ref,
        "title": words.text("certificate.title"),
        "agreement": shown.title.spoken(language),
        "lead": words.text("certificate.lead"),
        "facts": _facts(held, shown, words),
        "signers_title": words.text("certificate.signers"),
        "signers": [
            {"name": one.party.name.spoken(language), "rows": _signer(one, words)} for one in shown.signatures
        ],
        "steps_title": words.text("certificate.steps"),
        "steps_head": [words.text(f"signing.{key}") for key in ("when", "what", "who", "record")],
        "steps": _steps(shown, words),
        "chain_title": words.text("certificate.chain"),
        "chain_lead": _chain_lead(shown, words),
        "chain": _chain(shown, words),
        "verify_title": words.text("certificate.verify"),
        "verify": [
            words.text("certificate.verify-bytes", ref=ref),
            words.text("certificate.verify-signatures"),
            words.text("certificate.verify-log", origin=origin),
        ],
    }


def _facts(held: Held, shown: AgreementDetail, words: Catalogue) -> Rows:
    domain = domain_of(held)
    parties = [one.name.spoken(words.language) for one in shown.parties]
    rows = [
        ("version", f"{shown.id} · {words.text('agreement.version', version=shown.version)}"),
        ("parties", words.text("word.and-so-on").join(parties)),
        ("proposed", moment(shown.signing.steps[0].at)),
        ("signed", moment(_signed_at(shown))),
        ("in-force-from", moment(shown.effective_from)),
        ("sha256", shown.sha256),
        ("keccak256", shown.keccak256),
        ("commitment", shown.commitment or ""),
        (
            "domain",
            words.text("certificate.domain-says", chain_id=domain.chain_id, registry=domain.contract),
        ),
    ]
    return [(words.text(f"certificate.{key}"), text) for key, text in rows]


def _signed_at(shown: AgreementDetail) -> str:
    return next(step.at for step in shown.signing.steps if step.kind == "agreement.signed")


def _signer(one: SignatureShown, words: Catalogue) -> Rows:
    role = words.term("role", one.party.role)
    if one.leaves:
        role = f"{role}{words.text('word.and-so-on')}{words.text('certificate.leaves')}"
    rows: Rows = [
        (words.text("certificate.role"), f"{role} ({one.party.id})"),
        (words.text("certificate.address"), one.address),
        (words.text("certificate.signed-at"), moment(one.signed_at)),
        *_signatory(one, words),
        (words.text("certificate.entry"), words.text("log.entry-number", seq=one.entry_seq)),
        (words.text("certificate.signature"), one.signature or ""),
    ]
    return [(name, says) for name, says in rows if says]


def _signatory(one: SignatureShown, words: Catalogue) -> Rows:
    told = one.signatory
    if told is None:
        return [(words.text("certificate.member"), words.text("certificate.member-unknown"))]
    member = words.text("certificate.member-operator")
    if told.member is not None:
        member = f"{told.name} ({told.member})"
    letter = told.letter_sha256 or ""
    if letter and told.exhibit:
        letter += " · " + words.text("signing.letter-at", exhibit=told.exhibit)
    identity = words.term("identity-standing", told.identity)
    if told.verified_by is not None and told.verified_how is not None:
        identity += " · " + words.text(
            "signing.identity-by",
            who=told.verified_by.spoken(words.language),
            method=words.term("identity-method", told.verified_how),
            day=told.valid_until,
        )
    return [
        (words.text("certificate.member"), member),
        (words.text("signing.capacity"), told.capacity),
        (words.text("signing.letter"), letter),
        (words.text("signing.identity"), identity),
        (words.text("signing.method"), words.term("signing-method", told.method)),
        (
            words.text("signing.key"),
            ""
            if told.key == one.address
            else words.text("signing.key-other", by=told.key, address=one.address),
        ),
    ]


def _steps(shown: AgreementDetail, words: Catalogue) -> list[list[str]]:
    rows = []
    for step in shown.signing.steps:
        who = step.who if step.party is None else step.party.name
        what = words.term("signing-step", step.kind) + (f" · {step.reason}" if step.reason else "")
        named = who.spoken(words.language) + (f" ({step.member})" if step.member else "")
        rows.append([moment(step.at), what, named, words.text("log.entry-number", seq=step.entry_seq)])
    return rows


def _chain_lead(shown: AgreementDetail, words: Catalogue) -> str:
    if shown.chain is None:
        return words.text("certificate.chain-none")
    lead = words.text("certificate.chain-registered")
    return lead + " " + words.text("certificate.chain-embedded") if shown.chain.embedded else lead


def _chain(shown: AgreementDetail, words: Catalogue) -> Rows:
    one = shown.chain
    if one is None:
        return []
    return [
        (words.text("chain.id"), str(one.chain_id)),
        (words.text("chain.registry"), one.registry),
        (words.text("certificate.block"), str(one.block)),
        (words.text("certificate.transaction"), one.transaction),
        (words.text("certificate.recorded"), moment(one.recorded_at)),
    ]
