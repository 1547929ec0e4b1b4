"""What recipients hold of buyers who opted out or were erased since: they are told to let it go.

A duty of tending. A notice names the order and nothing of the buyer; whoever received it says that it is gone
with the whole answer, or answers for the order alone outside this log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache

from api.office.agreements import held_versions
from api.office.opening import OPERATOR, Office
from api.office.orders import teller_of
from ledger.database import Session, reading
from ledger.notices.giving import give_notices
from ledger.notices.notice import NewNotice
from ledger.reading import tip
from ledger.sharing.opt_outs import OptedOut, opted_out
from ledger.sharing.record import Sharing, read_sharings
from ledger.sharing.sales import Sale, sales_at
from policies.agreement import Agreement
from policies.clauses.data_grant import DataGrant
from policies.grants import opt_outs_heeded


def recall(office: Office) -> int:
    """Give notice of each order that a recipient holds and would not get now; return how many were new."""
    now = office.clock()
    documents = {ref: one.agreement for ref, one in held_versions(office).items()}
    with reading(office.engine) as session:
        end = tip(session)[0]
        who = cache(lambda party, scopes: opted_out(office.log, party, scopes, end))
        found: list[tuple[NewNotice, datetime]] = [
            (_notice(one, sale), now)
            for one in read_sharings(session, None)
            if one.level == "order" and one.sets and one.settled is None
            for sale in _recalled(session, one, documents[one.agreement], who)
        ]
    return give_notices(office.log, found, by=OPERATOR)


def _recalled(
    session: Session, one: Sharing, agreement: Agreement, who: Callable[[str, frozenset[str]], OptedOut]
) -> Iterator[Sale]:
    grant = agreement.clauses[one.content["clause"]]
    assert isinstance(grant, DataGrant), "only a data grant gives data"
    fields = tuple(one.content["fields"])
    personal = not set(grant.personal).isdisjoint(fields)
    out = who(teller_of(agreement), opt_outs_heeded(grant, fields))
    seqs = frozenset[int]().union(*(one.sets or ()))
    for sale in sales_at(session, agreement.id, seqs):
        if out.covers(sale) or (personal and sale.erased):
            yield sale


def _notice(one: Sharing, sale: Sale) -> NewNotice:
    return NewNotice(
        id=f"{one.id}.{sale.seq}.recalled",
        code="data-recalled",
        agreement=one.agreement,
        clause=one.content["clause"],
        about={"sharing": one.id, "party": one.recipient, "order": sale.order},
        cites=tuple(sorted((one.seq, sale.seq))),
        figures={},
        readers=one.readers,
        severity="warning",
    )
