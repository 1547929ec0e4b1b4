"""Writes the reference page of all clause kinds from their files: `python -m policies.kinds_page`.

The page shows what tests load: each example stands in one agreement, under the host document given here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import yaml

from policies.clauses.parameters import Parameter
from policies.clauses.templates import Template, template, template_names

HOST = """\
language: 1
agreement: kinds
version: 1
title: {zh: 条款类型示例, en: Clause kinds}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: full_integration
model: alliance
jurisdiction: CN
parties:
  platform: {role: platform, name: {zh: 平台, en: the platform}}
  brand: {role: merchant, name: {zh: 品牌方, en: the brand}}
  mcn: {role: mcn, name: {zh: 机构, en: the agency}}
  streamer: {role: streamer, name: {zh: 主播, en: the streamer}}
payees:
  consumers: {name: {zh: 买家, en: the buyers}}
facts:
  paid: {type: money, of: order, text: {zh: 实付, en: amount paid}}
  refunded: {type: money, of: order, default: "0.00", text: {zh: 已退金额, en: amount refunded}}
  live.price: {type: money, of: case, text: {zh: 直播间售价, en: price in the live room}}
  later.price: {type: money, of: case, text: {zh: 其后售价, en: later price}}
order_facts_where: [paid >= 0, refunded >= 0, refunded <= paid]
clauses:
"""
"""A small agreement that every example of a kind fits into."""

_START = """\
# Clause kinds

<!-- Written from the files of the kinds: python -m policies.kinds_page > docs/reference/clause-kinds.md -->

A clause of a named kind gives parameters instead of formulas. The kind expands them to the core clause of
[the agreement language](agreement-language.md), so checks, decisions and rendering know no kind by name. On
reading, the document is completed before it is signed: a clause without `text` gets the standard wording
below with its figures filled in, and facts that its formulas read are declared where the document does not
declare them. A clause may also have keys of its own from the core clause: its `when` and that of the kind
must both hold, its remedies and effects stand before those of the kind.

`holder` is who owes the duty or has the right, `toward` the other side. A parameter is required unless it has
a default or is optional; where an optional one is absent, whatever names it falls away: a sentence, a
remedy, a limit. Formulas given as parameters read facts of the case; the default names a fact that the kind
declares. A clause that has a text of its own and none of its kind's parameters is a plain core clause.

| type | written |
|---|---|
| `money` | `2_000_000.00`, in the document's currency |
| `rate` | `5%` or `0.05` |
| `count` | `15` |
| `date` | `2026-11-11` |
| `bool` | `true`, `false` |
| `text`, `names` | one text; a list of names |
| `party`, `account`, `leg` | a key of the document: `brand`; `brand.deposit`; a leg of the split |
| `sources` | accounts in the order they are drawn on: `[brand.deposit, brand.balance, platform.advance]` |
| `enum` | one of the options listed |
| `number` | `2.5` |
| `words` | `{zh: 美妆类目, en: beauty products}` |
| `each`, `rows` | money per order; which orders: `orders where affected` |
| `bands` | amounts by size: `[{upto: 50_000.00, amount: 500.00}, {amount: 5_000.00}]` |
| `amount`, `figure`, `condition`, `day` | a formula that gives money, a number, a truth, a day |
| `steps` | a ladder: `[{upto: 1_000_000.00, rate: 15%}, {rate: 20%}]` |
| `fines` | amounts by name: `{false_claim: 50_000.00}` |
| `fact` | the name of a fact |

In an expansion or standard wording `{name}` is the value of a parameter, and what stands in `[ ]` falls away
when a parameter in it is absent; `{?name}` and `{!name}` only ask whether it is given, `{?name=option}` which
option an enum has; a part with `given` or `unless` stands or falls with those parameters. A ladder, bands and
fines become a table of the document, named after kind, parameter and clause: `ladder_steps_6_3`.

The examples below stand in one agreement that the tests load:

"""


def page() -> str:
    """Return the whole page."""
    kinds = [template(name) for name in sorted(template_names())]
    host = f"```yaml host\n{HOST}```\n\n"
    contents = "\n".join(f"- [`{one.kind}`](#{one.kind}): {one.title.zh}, {one.title.en}" for one in kinds)
    return _START + host + contents + "\n\n" + "\n".join("\n".join(_section(one)) for one in kinds)


def written(value: Any) -> str:
    """Write keys and values as YAML on lines of their own, short lists and mappings inline."""
    lines = [f"{key}: {_inline(item)}" for key, item in value.items()]
    return "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    text = str(value)
    quoted = any(sign in text for sign in ",:{}[]#'\"") or text[:1] in "*&!%@`|>-?" or text.strip() != text
    whole = text.replace(".", "", 1).isdigit()
    return f'"{text}"' if quoted or whole else text


def _section(one: Template) -> Iterator[str]:
    yield f"## {one.kind}\n"
    yield f"**{one.title.zh} · {one.title.en}.** {one.purpose.zh}\n"
    yield f"{one.purpose.en}\n"
    yield "```yaml clause\n" + written(one.example) + "```\n"
    for clause in one.beside:
        yield f"It needs clause {clause['id']} beside it:\n"
        yield "```yaml clause\n" + written(clause) + "```\n"
    yield "| parameter | type | | what it is |"
    yield "|---|---|---|---|"
    yield from (_row(name, parameter) for name, parameter in one.flat.items())
    if one.facts:
        yield "\n| fact it reads | type | of | what it is |"
        yield "|---|---|---|---|"
        for name, fact in one.facts.items():
            default = f", default `{fact['default']}`" if "default" in fact else ""
            words = fact["text"]
            yield f"| `{name}` | `{fact['type']}` | {fact['of']}{default} | {words['zh']} · {words['en']} |"
    if one.replaces:
        keys = ", ".join(f"`{key}`" for key in one.replaces)
        yield f"\nKeys of the clause's own that stand in the kind's formulas, and nowhere else: {keys}."
    yield "\nIt expands to:\n"
    yield "```yaml\n" + _block(one.clause) + "```\n"
    yield f"> {one.wording.zh}\n>\n> {one.wording.en}\n"
    if one.checks:
        yield "| check | severity | when | what it says |"
        yield "|---|---|---|---|"
        for check in one.checks:
            said = f"{check.text.zh} · {check.text.en}"
            yield f"| `{check.code}` | {check.severity} | `{check.when}` | {said} |"
        yield ""
    if one.monitors:
        codes = ", ".join(f"`{monitor['code']}`" for monitor in one.monitors)
        yield f"[Monitors](notices.md#monitors) of what is told later: {codes}.\n"


def _row(name: str, parameter: Parameter) -> str:
    words = f"{parameter.text.zh} · {parameter.text.en}"
    if parameter.note is not None:
        words += f" ({parameter.note.zh} · {parameter.note.en})"
    if parameter.options:
        words += ": " + ", ".join(
            f"`{key}` {option.zh} · {option.en}" for key, option in parameter.options.items()
        )
    if parameter.optional:
        need = "optional"
    else:
        need = "required" if parameter.default is None else f"default `{_inline(parameter.default)}`"
    return f"| `{name}` | `{parameter.type}` | {need} | {words} |"


def _block(value: Any) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=110))


if __name__ == "__main__":
    sys.stdout.write(page())
