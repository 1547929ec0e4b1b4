"""The tables of a contract: ladders, figures by text, and balances carried over from paper."""

from __future__ import annotations

from collections.abc import Iterator

from policies.money import grouped
from policies.render.model import Table
from policies.render.terms import Reading
from policies.tables import TableTerms


def schedules(reading: Reading) -> Iterator[Table]:
    """Yield every table of the document, in its order."""
    for name, terms in (reading.agreement.document.tables or {}).items():
        yield _table(reading, name, terms)
    yield from _opening(reading)


def _table(reading: Reading, name: str, terms: TableTerms) -> Table:
    title = f"{reading.of(terms.text)} [{name}]" if terms.text else name
    rows = [(reading.word_or(row.is_), _figure(row.value)) for row in terms.rows or ()]
    for step in terms.steps or ():
        bound = reading.word("above")
        if step.upto is not None:
            bound = reading.word("upto").format(_figure(step.upto))
        rows.append((bound, _figure(step.value)))
    if terms.otherwise is not None:
        rows.append((reading.word("otherwise"), _figure(terms.otherwise)))
    head = reading.word("item") if terms.by == "text" else reading.word("steps")
    return Table(title, (head, reading.word("value")), tuple(rows))


def _figure(text: str) -> str:
    """Write a figure with its thousands apart; a rate stands as it is."""
    plain = text.replace("_", "")
    return plain if plain.endswith("%") else grouped(plain)


def _opening(reading: Reading) -> Iterator[Table]:
    opening = reading.agreement.document.opening
    if opening is None:
        return
    rows = [
        (reading.account(account), grouped(text.replace("_", "")))
        for account, text in opening.balances.items()
    ]
    if opening.rest is not None:
        rows.append((reading.account(opening.rest), reading.word("rest_of_opening")))
    rows += [
        (f"{name} ({reading.word('volume')})", grouped(text.replace("_", "")))
        for name, text in opening.volumes.items()
    ]
    yield Table(reading.word("opening"), (reading.word("account"), reading.word("amount")), tuple(rows))
