"""What may be told of an item: by whom, in which state, after which checks, within which rules.

Asked within the writing transaction, with the item as that sees it. Items of other registers that something
rests on come through `find`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from ledger.entries import CONCERNS_LIMIT
from ledger.registers.asking import Asked
from ledger.registers.errors import ItemState, ItemTaken, ItemUnknown, TellingRefused
from ledger.registers.items import Folding, Happened, Key
from ledger.registers.terms import CHECK, CHECKED, SHOWN_BY, Shown
from ledger.registers.values import values_of
from policies.formulas.exact import Facts, Unknown, evaluate
from policies.formulas.parse import parse

Find = Callable[[Key], Folding | None]

HOUSE = frozenset({"operator", "monitor", "arbiter"})
"""Who may tell something without being a party, where a declaration names them."""

SELF = "self"
"""In a declaration's `by`: the party that an item of a party's register is about."""


def repeated(asked: Asked) -> Happened | None:
    """Return the event that says just this: of the same time, or the last one where no time is given.

    What opens an item is compared with what opened it.
    """
    if asked.found is None:
        return None
    told, happened, occurred_at = asked.told, asked.found.happened, asked.occurred_at
    if occurred_at is None:
        alike = happened[:1] if asked.terms.opens is not None else happened[-1:]
    else:
        alike = [one for one in happened if one.occurred == occurred_at]
    return next(
        (
            one
            for one in alike
            if (one.event, one.by) == (told.event, told.by) and (one.erased or one.says(asked.fields))
        ),
        None,
    )


def require_allowed(asked: Asked, find: Find) -> None:
    """Refuse what may not be told now. Raises TellingRefused, ItemUnknown, ItemTaken, ItemState."""
    if asked.told.occurred_at is not None and asked.told.occurred_at > asked.told.at:
        raise TellingRefused("it cannot have happened at a time to come", where=asked.where)
    _require_own(asked)
    _require_role(asked, asked.terms.by, f"'{asked.told.event}'")
    _require_state(asked)
    for name in asked.of.links.keys() & asked.fields.keys():
        _linked(asked, (asked.of.links[name], asked.fields[name]), find)
    if asked.told.event == CHECKED:
        _require_check(asked, find)
    _require_checklist(asked, find)
    _require_revealed(asked)
    _require_rules(asked)


def readers_of(asked: Asked) -> tuple[str, ...]:
    """Return who may read what is told: by the declaration's roles, and whoever read or told it before.

    Who left the agreement since reads no more of it.
    """
    found = set(asked.found.readers) if asked.found is not None else set[str]()
    if asked.agreement is not None:
        found &= _everybody(asked)
    found |= _of_roles(asked, asked.of.readers) if asked.of.readers else _everybody(asked)
    found |= _teller(asked)
    assert 0 < len(found) <= CONCERNS_LIMIT, "somebody reads it"
    return tuple(sorted(found))


def personal_readers_of(asked: Asked) -> tuple[str, ...]:
    """Return who may read the personal fields of what is told: who tells it, and roles that are declared.

    Of a register of a party that party too.
    """
    found = _teller(asked)
    if asked.agreement is None:
        found |= {*asked.told.standing.personal_readers, *_party(asked)}
    else:
        found |= _of_roles(asked, asked.of.personal_readers)
    return tuple(sorted(found or _everybody(asked)))


def _everybody(asked: Asked) -> set[str]:
    if asked.agreement is not None:
        return {asked.agreement.party_id(key) for key in asked.agreement.parties}
    return {*asked.told.standing.readers, *_party(asked)}


def _of_roles(asked: Asked, wanted: Iterable[str]) -> set[str]:
    """Return parties of some roles; of a register of a party, itself and the readers that are given."""
    if asked.agreement is None:
        return _everybody(asked)
    parties = asked.agreement.parties.items()
    return {asked.agreement.party_id(key) for key, one in parties if one.role in wanted}


def _teller(asked: Asked) -> set[str]:
    return {asked.told.by} - HOUSE


def _party(asked: Asked) -> tuple[str, ...]:
    party = asked.found.party if asked.found is not None else asked.told.standing.party
    return () if party is None else (party,)


def _require_own(asked: Asked) -> None:
    """Refuse an item that is not there, or is another agreement's or party's."""
    standing, found = asked.told.standing, asked.found
    if asked.of.of == "agreement" and standing.agreement is None:
        raise TellingRefused("say under which agreement", where=asked.where)
    if found is None:
        if asked.terms.opens is None:
            openings = [name for name, one in asked.of.events.items() if one.opens]
            raise ItemUnknown(f"it is not there; '{', '.join(openings)}' opens one", where=asked.where)
        if asked.of.of == "party" and standing.party is None:
            raise TellingRefused("say of which party it is", where=asked.where)
    elif not _same_owner(asked, found):
        raise ItemTaken("an item of this name is there already; give another", where=asked.where)


def _same_owner(asked: Asked, found: Folding) -> bool:
    standing = asked.told.standing
    if asked.of.of == "party":
        return standing.party is None or standing.party == found.party
    return standing.agreement is not None and standing.agreement.id == found.agreement


def _require_role(asked: Asked, wanted: Iterable[str], what: str) -> None:
    roles, told = set(asked.told.standing.roles), asked.told
    if asked.agreement is not None:
        parties = asked.agreement.parties
        roles |= {one.role for key, one in parties.items() if asked.agreement.party_id(key) == told.by}
    elif told.by in _party(asked):
        roles.add(SELF)
    if told.by in HOUSE:
        roles.add(told.by)
    if not roles:
        raise TellingRefused(f"'{told.by}' is no party to it", where=asked.where)
    if wanted and not roles & set(wanted):
        raise TellingRefused(f"{what} is told by {', '.join(wanted)}", where=asked.where)


def _require_state(asked: Asked) -> None:
    if asked.found is None:
        return
    event, state = asked.told.event, asked.found.state
    if asked.terms.opens is not None:
        raise ItemTaken(f"it is there already, in the state '{state}'", where=asked.where)
    if asked.terms.in_ and state not in asked.terms.in_:
        raise ItemState(f"'{event}' is for {', '.join(asked.terms.in_)}; it is '{state}'", where=asked.where)


def _linked(asked: Asked, key: Key, find: Find) -> Folding:
    """Return another register's item, of the same agreement or of one of its parties."""
    found, agreement = find(key), asked.agreement
    if found is not None:
        if found.party is None and agreement is not None and found.agreement == agreement.id:
            return found
        parties = _party(asked)
        if agreement is not None:
            parties = tuple(agreement.party_id(one) for one in agreement.parties)
        if found.party in parties:
            return found
    raise TellingRefused(f"there is no {key[0]} '{key[1][:64]}' here", where=asked.where)


def _require_check(asked: Asked, find: Find) -> None:
    """Refuse a tick by another's role, or one that is not shown by what its check names."""
    name = asked.fields[CHECK]
    check = asked.of.checks[name]
    _require_role(asked, check.by, f"the check '{name}'")
    if check.shown_by is None:
        if SHOWN_BY in asked.fields:
            raise TellingRefused(f"the check '{name}' is shown by no other register", where=asked.where)
        return
    if SHOWN_BY not in asked.fields:
        message = f"say with '{SHOWN_BY}' which {check.shown_by.register_} shows the check '{name}'"
        raise TellingRefused(message, where=asked.where)
    _require_shown(asked, check.shown_by, asked.fields[SHOWN_BY], find)


def _require_shown(asked: Asked, shown: Shown, item_id: str, find: Find) -> None:
    other = _linked(asked, (shown.register_, item_id), find)
    if other.state not in shown.in_:
        message = f"{shown.register_} {item_id} is '{other.state}', not {' or '.join(shown.in_)}"
        raise ItemState(message, where=asked.where)
    told = other.fields.get(shown.valid_until or "")
    zone = asked.agreement.zone if asked.agreement is not None else asked.happened_at.tzinfo
    today = asked.happened_at.astimezone(zone).date().isoformat()
    if told is not None and told.text is not None and told.text < today:
        message = f"{shown.register_} {item_id} was valid until {told.text}; this is of {today}"
        raise ItemState(message, where=asked.where)


def _require_checklist(asked: Asked, find: Find) -> None:
    """Refuse while a check is open, or what it was shown by stands no longer as it has to."""
    ticked = asked.found.checks if asked.found is not None else {}
    left = [name for name in asked.terms.checklist if name not in ticked]
    if left:
        raise ItemState(f"open on its checklist: {', '.join(left)}", where=asked.where)
    for name in asked.terms.checklist:
        shown = asked.of.checks[name].shown_by
        if shown is not None:
            _require_shown(asked, shown, ticked[name].fields.get(SHOWN_BY) or "", find)


def _require_rules(asked: Asked) -> None:
    """Refuse what breaks a rule of the declaration, or what cannot be told for want of a field."""
    if not asked.terms.must:
        return
    before = asked.found.fields if asked.found is not None else {}
    texts = {**{name: told.text for name, told in before.items()}, **asked.fields}
    values = values_of(asked.of, texts, asked.agreement)
    for rule in asked.terms.must:
        holds = evaluate(parse(rule.holds), Facts(values))
        if isinstance(holds, Unknown):
            missing = ", ".join(sorted(holds.names))
            raise TellingRefused(f"it cannot be told without {missing}: {rule.text.en}", where=asked.where)
        if holds is not True:
            raise TellingRefused(f"{rule.text.en} ({rule.holds})", where=asked.where)


def _require_revealed(asked: Asked) -> None:
    """Refuse a text that is not what an earlier field is the SHA-256 of."""
    before = asked.found.fields if asked.found is not None else {}
    for name, sealed in asked.terms.reveals.items():
        told = before.get(sealed)
        digest = hashlib.sha256(asked.fields[name].encode()).hexdigest()
        if told is None or told.text != digest:
            message = f"'{name}' is not what was sealed as '{sealed}': its SHA-256 is {digest[:16]}…"
            raise TellingRefused(message, where=asked.where)
