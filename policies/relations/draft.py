"""The next version of a signed agreement, drafted: at another stage, or with somebody in a party's place.

What is drafted is a document like any other, to be read, mended, checked and signed. A clause whose words or
terms should change with it is the parties' to change; the draft leaves them as they were signed. Who leaves
signs it too (decision 11): a streamer who moves from one agency to another does so with both agencies' names
under it (novation), and orders sold before its start stay the former one's, their refunds too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.agreement import Agreement
from policies.document import Stage
from policies.errors import PolicyError, did_you_mean
from policies.loading import load_agreement


class DraftRefused(PolicyError):
    """A next version that cannot be drafted like this; the message says what to change."""

    code = "draft.refused"


@dataclass(frozen=True, slots=True)
class Successor:
    """Who takes a party's place: the identity across agreements, the name in both languages, the address."""

    id: str
    name: Mapping[str, str]
    signer: str | None = None


def next_version(
    agreement: Agreement,
    day: date,
    *,
    stage: Stage | None = None,
    successors: Mapping[str, Successor] | None = None,
    noticed_on: date | None = None,
) -> str:
    """Return the version after a signed one as JSON, in force from a day. Raises DraftRefused."""
    if stage is None and not successors:
        raise DraftRefused("say to which stage it moves, or who takes whose place", where=agreement.ref)
    if stage is not None and stage == agreement.document.stage:
        raise DraftRefused(f"it is at the stage '{stage}' already", where=agreement.ref)
    plain: dict[str, Any] = json.loads(agreement.canonical)
    follows: dict[str, Any] = {"version": agreement.version}
    if noticed_on is not None:
        follows["notice"] = {"noticed_on": noticed_on.isoformat(), "affects": "few"}
    plain |= {
        "version": agreement.version + 1,
        "supersedes": follows,
        "effective_from": day.isoformat(),
    }
    if stage is not None:
        plain["stage"] = stage
    ids = {agreement.party_id(key) for key in agreement.parties}
    for key, one in (successors or {}).items():
        if key not in agreement.parties:
            hint = did_you_mean(key, agreement.parties)
            raise DraftRefused(f"'{key[:40]}' is no party of {agreement.ref}{hint}", where="parties")
        if one.id in ids:
            raise DraftRefused(f"'{one.id}' is a party of {agreement.ref} already", where=f"parties.{key}")
        plain["parties"][key] = _succeeding(plain["parties"][key], one)
    text = json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
    load_agreement(text, name="draft")
    return text


def _succeeding(party: Mapping[str, Any], one: Successor) -> dict[str, Any]:
    """Return a party with somebody else in it: role and place in the document stay, nothing else does."""
    made = {"id": one.id, "role": party["role"], "name": {"zh": one.name["zh"], "en": one.name["en"]}}
    return made if one.signer is None else {**made, "signer": one.signer}
