"""Writes docs/reference/regulation-packs.md from the packs: `python -m policies.packs.page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from policies.packs.pack import Cite, Pack, Rule
from policies.packs.scope import CLAUSE, DOCUMENT, PARTY
from policies.packs.shipped import shipped_packs

_HEAD = """\
# Regulation packs

A pack holds rules of law that an agreement document can be checked against: dated, cited, by jurisdiction.
`tallystick check` applies the packs of the document's `jurisdiction`, each rule where its source is in
force on the document's `effective_from`. A finding names the articles and since when they are in force, and
carries the pack's digest. **It is not legal advice.** Article numbers are indicative, gathered from public
texts. This page is written from the packs by `python -m policies.packs.page`.

| option of `tallystick check` | which packs |
|---|---|
| none | those of the document's jurisdiction |
| `--pack cn-live-commerce` | this one alone, or a file of one's own (`--pack house.yaml`); may be repeated |
| `--packs EU` | those of another jurisdiction |
| `--no-packs` | none |

`block` stops signing (an `error`), `warning` may be signed over by name, `info` tells. Where a clause does
not say what a rule asks of it, the finding is an `info` that says what is missing.

A document may pin the packs it was checked against; the pins are part of what is signed, and the check says
`packs.changed` where the pack at hand is another one:

```yaml
packs:
  - {id: cn-ecommerce, sha256: "…"}
```

## How long a change of terms is announced

| pack | days | when | article |
|---|---|---|---|
"""

_WRITING = """
## Writing a pack

A pack is a YAML file with `pack`, `title`, `jurisdictions`, `as_of`, `sources` (each `title`, `in_force` and
perhaps `number` and `until`), `rules`, `notice` and `not_checkable`. Where `where` holds, `must` has to hold;
without `must`, being there is enough. `kinds` chooses clauses, `of: document` asks once of the whole.
Conditions are [formulas](agreement-language.md#formulas) over these names, and over `clauses` and `parties`
as rows. Every rule carries tests: clauses, and how often it must speak of them.

```yaml
- id: seven-days
  cites: [{source: consumer-law, article: "25"}]
  kinds: [returns]
  terms: {window_days: count}
  must: clause.window_days >= 7
  severity: warning
  text: {zh: 七日内可退。, en: Goods may be returned within seven days.}
  do: {zh: 延长期限。, en: Make the window longer.}
  tests:
    - {finds: 1, clauses: [{id: "7.4", kind: returns, window_days: "6", refundable: paid}]}
    - {finds: 0, clauses: [{id: "7.4", kind: returns, window_days: "7", refundable: paid}]}
```

| name | what it is |
|---|---|
"""

_NAMES = {
    "document.stage": "the stage, such as `deep_binding`",
    "document.model": "the operating model, such as `platform`",
    "document.jurisdiction": "two capital letters",
    "document.currency": "the currency",
    "document.effective_from": "the first day in force",
    "document.version": "the version",
    "clause.kind": "the clause's kind",
    "clause.holder_role": "the role of its holder, `nobody` where none is named",
    "clause.toward_role": "the role of the party it is owed to, likewise",
    "clause.enforced": "it has no `not_enforced`",
    "clause.pays_holder": "somebody else pays the holder under it, or by a leg of the split that names it",
    "clause.charges_holder": "a remedy of it is paid by the holder",
    "clause.unlimited_damages": (
        "of what the holder pays to a party, something without `cap` is a figure, so much a day or piece, "
        "or more than 130% of an amount"
    ),
    "clause.person_decides": "it is a dispute process with a panel or an arbitrator",
    "party.role": "a party's role",
    "party.has_address": "the party has a `service_address`",
}


def page_text() -> str:
    """Return the page as the committed file holds it."""
    packs = shipped_packs()
    lines = [_HEAD, *(line for pack in packs for line in _notice(pack))]
    for pack in packs:
        lines += _pack(pack)
    names = (*DOCUMENT, *CLAUSE, *PARTY)
    lines += [_WRITING, *(f"| `{name}` | {_NAMES[name]} |\n" for name in names)]
    lines.append("| `clause.TERM` | a parameter that `terms` types, nested keys joined by `_` |\n")
    lines.append("| `says.NAME` | the clause's text holds one of the phrases of `words: {NAME: […]}` |\n")
    return "".join(lines)


def _notice(pack: Pack) -> Iterator[str]:
    for period in pack.notice:
        when = "many users or major interests are affected" if period.affects_many else "always"
        yield f"| `{pack.pack}` | {period.days} | {when} | {_articles(pack, period.cites)} |\n"


def _pack(pack: Pack) -> Iterator[str]:
    where = ", ".join(pack.jurisdictions)
    yield f"\n## {pack.pack}: {pack.title.en} · {pack.title.zh}\n\n"
    yield f"For documents of {where}; texts as of {pack.as_of.isoformat()}; SHA-256 `{pack.sha256}`.\n\n"
    yield "| rule | severity | of | article | what it asks · what to do |\n|---|---|---|---|---|\n"
    for rule in pack.rules:
        said = f"{rule.text.en} {rule.do.en}<br>{rule.text.zh}{rule.do.zh}"
        yield (f"| `{rule.id}` | {rule.severity} | {_of(rule)} | {_articles(pack, rule.cites)} | {said} |\n")
    for monitor in pack.monitors or ():
        kinds = ", ".join(f"`{kind}`" for kind in monitor.watch.kinds) if monitor.watch else ""
        said = f"the notice is `{monitor.code}`, see [monitors](notices.md#monitors)"
        yield f"\nBy `{monitor.rule}` {kinds} is watched: {said}.\n"
    if pack.not_checkable:
        yield "\nNot checkable from a document:\n\n"
    for one in pack.not_checkable:
        why = f"{one.because.en} · {one.because.zh}"
        yield f"- {_articles(pack, one.cites)}: {one.text.en} · {one.text.zh} ({why})\n"


def _of(rule: Rule) -> str:
    if rule.of == "document":
        return "the document"
    return ", ".join(f"`{kind}`" for kind in rule.kinds) or "every clause"


def _articles(pack: Pack, cites: tuple[Cite, ...]) -> str:
    return "; ".join(pack.cited((one,), "en") for one in cites)


if __name__ == "__main__":
    sys.stdout.write(page_text())
