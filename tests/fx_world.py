"""An agreement with an fx clause, signed, whose agency is owed 100.00 dollars."""

from __future__ import annotations

from api.office.opening import Office
from ledger.entries import Group, NewEntry, Posting
from policies.loading import load_agreement
from tests.command_line import AGREEMENT
from tests.signing import sign_by_all

CLAUSE = """
  - id: "31.1"
    kind: fx
    holder: platform
    toward: brand
    source: {zh: 中国人民银行中间价, en: central parity}
    band: 3%
"""


def with_dollars(office: Office) -> None:
    """Sign the agreement in an office and post the dollars, at the time that its clock says."""
    text = AGREEMENT.read_text(encoding="utf-8").replace('\n  - id: "13.1"', f'{CLAUSE}\n  - id: "13.1"', 1)
    agreement = load_agreement(text, name="fx.yaml")
    sign_by_all(office, agreement)
    postings = tuple(
        Posting(owner=owner, purpose=purpose, agreement=agreement.id, currency="USD", amount_minor=amount,
                clause="6.1", kind="leg")
        for owner, purpose, amount in (("mcn", "balance", 10_000), ("consumers", "payment", -10_000))
    )  # fmt: skip
    owed = NewEntry(
        source="test",
        id="1",
        kind="fact.stated",
        occurred_at=office.clock(),
        asserter="platform",
        agreement=agreement.ref,
        groups=(Group("fact", ("mcn",), {}, postings),),
    )
    office.log.append([owed])
