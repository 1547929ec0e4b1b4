"""What a misshapen document is told: pydantic's errors in users' words, in both languages, with a suggestion.

Patterns are described by what may be written, keys are suggested among those of the same place. What fits
in shape but not in meaning is worded where it is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from policies.clauses import KINDS
from policies.clauses.templates import template_model, template_names
from policies.document import Document
from policies.errors import Finding, did_you_mean
from policies.source import Path

_NAME = ("a name of lower-case letters, digits and _, starting with a letter, at most 40 long",
         "名称只能用小写字母、数字与下划线，以字母开头，至多 40 个字符")  # fmt: skip
_DOTTED = ("a name such as platform or platform.subsidy: lower-case letters, digits and _, 40 a side",
           "形如 platform.subsidy 的名称：小写字母、数字与下划线，点两侧各至多 40 字")  # fmt: skip
PATTERNS: dict[str, tuple[str, str]] = {
    r"^[a-z][a-z0-9_]{0,39}$": _NAME,
    r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39})?$": _DOTTED,
    r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39})?(:order)?$": (
        f"{_DOTTED[0]}, then :order where each order has its own",
        f"{_DOTTED[1]}，每单各自的账户以 :order 结尾",
    ),
    r"^[0-9A-Za-z][0-9A-Za-z.()-]{0,23}$": (
        "a clause number such as 6.1 or 9.1-b: letters, digits, dots, hyphens and brackets, at most 24 long",
        "条款编号，如 6.1、9.1-b：字母、数字、点、连字符与括号，至多 24 个字符",
    ),
    r"^[a-z0-9][a-z0-9-]{0,63}$": (
        "lower-case letters, digits and hyphens, at most 64 long, such as autumn-beauty",
        "小写字母、数字与连字符，至多 64 个字符，如 autumn-beauty",
    ),
    r"^0x[0-9a-fA-F]{40}$": (
        "an address of 0x and 40 digits 0-9, a-f",
        "签署地址，即 0x 加 40 位十六进制数字",
    ),
    r"^[0-9a-f]{64}$": (
        "a SHA-256 of 64 digits 0-9, a-f, as sha256sum prints it",
        "SHA-256 摘要，即 64 位十六进制数字（0-9、a-f）",
    ),
    r"^[A-Z]{2}$": ("a country by its two capital letters, such as CN", "两个大写字母的国家代码，如 CN"),
}
"""What each pattern of a document's fields asks for, in English and Chinese."""

_SHAPES: dict[str, tuple[str, str]] = {
    "string_type": ("text", "文本"),
    "int_type": ("a whole number such as 15", "整数，如 15"),
    "bool_type": ("true or false", "true 或 false"),
    "date_type": ("a day such as 2026-11-11", "日期，如 2026-11-11"),
    "model_type": ("keys and values ('key: value')", "若干“键: 值”"),
    "model_attributes_type": ("keys and values ('key: value')", "若干“键: 值”"),
    "dict_type": ("keys and values ('key: value')", "若干“键: 值”"),
    "tuple_type": (
        "a list ('- …' in lines of their own, or [a, b])",
        "列表（每项以“- ”开头，或写作 [a, b]）",
    ),
    "list_type": ("a list ('- …' in lines of their own, or [a, b])", "列表（每项以“- ”开头，或写作 [a, b]）"),
}
_VALUES_ZH: dict[str, str] = {
    "is not a day": "不是有效日期，例如 2026-11-11",
    "is not a whole number": "不是整数，例如 15",
    "is not an amount": "不是金额，例如 2_000_000.00",
    "is not a number such as": "不是数字，例如 2.5",
    "is not a rate": "不是比例，例如 5% 或 0.05",
    "cannot stand in a formula": "不能写入公式，请写 1 至 80 个文字或数字",
    "every step but the last has an end": "除最后一档外每档须有 upto（上限），最后一档没有",
    "the ends of the steps must rise": "各档上限须依次升高",
    "is neither true nor false": "既非 true 也非 false",
    "unknown currency": "未知币种",
    "a formula is at most": "公式过长，至多 1000 个字符",
    "a formula has at most": "公式过长，至多 300 个词与符号",
    "is not ASCII": "公式中有非 ASCII 字符",
    "a table by text has 'rows'": "按文本的表须有 rows，按金额的表须有 steps",
    "'otherwise' belongs to a table by text": "otherwise 仅用于按文本的表；按金额的表最后一档不写 upto",
    "an enum has 'options'": "enum 类型须有 options，其他类型不得有",
    "a leg says whom it pays": "每个分配项须以 to 写明付给谁",
    "a step is either a 'leg' or a 'pool'": "每一步须为 leg（付款）或 pool（池）之一",
    "a step has either 'amount' or 'rest: true'": "每一步须有 amount（金额）或 rest: true（余额）之一",
    "'transition: by_event' and 'event: NAME' go together": "transition: by_event 须与 event: 名称 一起写",
    "'transition: retroactive' goes with": "transition: retroactive 须写 from: 日期与 consents: each_party",
    "a retroactive change rests on consent": "追溯变更以各方同意为据，不写 notice",
    "a step 'over' a window has": "按期间累计的步骤须有按 volume 计算的 amount，且随退款冲减",
    "'provisional' stands beside 'over'": "provisional 须与 over 同时写",
    "a whole fed by another agreement is funded": "由其他协议转入的分配总额无须另列 funding",
    "'funding' says who brings the whole": "须以 funding 写明资金由谁提供",
    "a remedy has either 'amount' or 'each'": "每项救济须有 amount 或 each 之一",
    "a remedy says 'from' and 'to'": "每项救济须写明 from 与 to，或以 into 写明付入哪个池",
    "paid 'into' a pool leaves": "付入池中的救济，付款方、收款方与时间由该池决定",
    "':order' names the order of a row": "账户以 :order 结尾时须按行计算（for）",
    "a draw 'for' rows says": "按行支取须以 up_to 写明每行上限",
    "what is set off runs against the claim": "抵销项不能同时写 toward_claim: false",
    "either an exception of another or follows": "一个条款不能既是例外又随附另一条款",
    "a test gives": "用例须给出一笔订单的事实（given）或一个案件（case），二者择一",
    "'review_reason' words": "review_reason 须与 review_when 同时写",
}


_BY_CODE_ZH: dict[str, str] = {
    "calendar.unknown": "没有这一工作日历",
    "calendar.missing": "按工作日计算的期限须由文件写明工作日历",
    "clause.duplicate": "条款编号重复",
    "clause.exception-circle": "例外条款首尾相接，成了循环",
    "clause.one-of-kind": "此类条款每份文件只能有一条",
    "clause.too-large": "条款展开后过长",
    "clause.unknown": "没有这一条款",
    "document.alias": "不支持锚点与别名，请直接写出该值",
    "document.bad-key": "键须为普通文本",
    "document.duplicate-key": "键重复",
    "document.hidden-character": "文本含有看不见的字符（控制、方向或零宽字符），请删除",
    "document.not-a-mapping": "文件须以 language: 1 开头，由“键: 值”组成",
    "document.not-yaml": "无法按 YAML 读取，请检查此处的缩进与符号",
    "document.tag": "不支持 YAML 标签，请删除",
    "document.too-deep": "嵌套层数过多",
    "document.too-large": "文件过大",
    "fact.default": "默认值与事实类型不符",
    "fact.of-unknown": "of 须为 order、case 或已声明的事件集",
    "table.otherwise": "该表属于某一条款，其参数与此处数值不同，请删除",
    "fact.otherwise": "条款按其类型读取该事实，与此处声明的类型不同，请改名",
    "money.unreadable": "金额的小数位多于该币种所有",
    "fact.undeclared": "该事实未在 facts 中声明",
    "formula.invalid": "公式有误",
    "link.unnamed": "links 中没有列明该协议及其版本",
    "formula.option": "该文本不在事实的 options 之中",
    "split.unknown-window": "没有这一累计期间",
    "split.window-leg": "按期间累计的池，其分配项只能按该池金额计算，池为零时亦须为零",
    "split.window-read": "按期间累计的金额只能由该池的分配项引用",
    "split.window-retroactive": "整档追溯的阶梯须以 provisional 写明逐单暂付金额",
    "split.window-statement": "按期间累计的分配须按订单行取整",
    "name.reserved": "该名称在公式中另有含义，请改名",
    "party.duplicate": "收款人类别与当事人重名",
    "party.unknown": "没有这一当事人",
    "pool.duplicate": "该池已由另一条款设立",
    "pool.never-drawn": "前一来源支付全部余额，此来源永远不会被支取",
    "pool.unknown": "没有条款设立这个池",
    "split.duplicate-name": "名称已被事实或前面的步骤使用",
    "split.rest": "每个池及分配总额须有且仅有一个 rest: true（余额）项",
    "split.rest-not-last": "余额项须排在该池的最后",
    "split.unknown-leg": "没有这一分配项",
    "split.unknown-pool": "前面的步骤没有设立这个池",
    "split.unused-pool": "没有分配项从该池支取",
    "table.invalid": "表的行或档有误",
    "test.unknown-fact": "用例给出了未声明的订单事实",
    "test.unknown-figure": "用例期望了裁决中没有的内容",
    "test.unknown-leg": "用例期望了不存在的分配项",
}


def in_chinese(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give findings that have no Chinese words those of their code."""
    return tuple(
        one if one.message_zh is not None else replace(one, message_zh=_BY_CODE_ZH.get(one.code))
        for one in findings
    )


@dataclass(frozen=True, slots=True)
class Said:
    """A finding's code and its words in both languages."""

    code: str
    en: str
    zh: str | None = None


def worded(error: Any, path: Path, plain: Any) -> Said:
    """Word one of pydantic's errors about the value at `path` of the document `plain`."""
    last = str(path[-1]) if path else ""
    kind, given = error["type"], _shown(error["input"])
    if kind == "missing":
        return Said("document.missing", f"'{last}' is required here and missing", f"此处缺少必填项“{last}”")
    if kind == "extra_forbidden":
        return _unknown_key(last, path, plain)
    if kind == "literal_error":
        return _not_listed(given, str(error["ctx"]["expected"]))
    if kind == "string_pattern_mismatch":
        expected = PATTERNS.get(str(error.get("ctx", {}).get("pattern")), (error["msg"], error["msg"]))
        return Said("document.value", f"{given} is not {expected[0]}", f"{given} 有误，应为：{expected[1]}")
    if kind in _SHAPES:
        expected = _SHAPES[kind]
        if error["input"] is None:
            return Said(
                "document.value",
                f"nothing stands here, but {expected[0]} was expected",
                f"此处为空，应为{expected[1]}",
            )
        return Said(
            "document.value",
            f"{given} was found where {expected[0]} was expected",
            f"此处为 {given}，应为{expected[1]}",
        )
    if kind == "value_error":
        text = str(error["ctx"]["error"])
        zh = next((words for key, words in _VALUES_ZH.items() if key in text), None)
        column = re.match(r"column (\d+): ", text)
        if zh is None and column is not None:
            zh = f"公式第 {column[1]} 列有误"
        return Said("document.value", text, zh)
    return _bounds(kind, error, given)


def _bounds(kind: str, error: Any, given: str) -> Said:
    context = error.get("ctx", {})
    if kind in {"too_short", "string_too_short"}:
        least = context["min_length"]
        return Said(
            "document.value",
            f"at least {least} expected here; found {given}",
            f"此处至少须有 {least} 项（字）",
        )
    if kind in {"too_long", "string_too_long"}:
        most = context["max_length"]
        return Said("document.value", f"at most {most} allowed here", f"此处至多 {most} 项（字）")
    if kind == "greater_than_equal":
        return Said(
            "document.value",
            f"{given} is less than {context['ge']}, the least allowed here",
            f"{given} 小于下限 {context['ge']}",
        )
    return Said("document.value", f"{error['msg']} (found {given})")


def _unknown_key(key: str, path: Path, plain: Any) -> Said:
    if ")" in key:
        return Said(
            "document.unknown-key",
            f"'{key}' is the end of a formula that a comma cut off; inside {{ }} put the formula in quotes",
            f"“{key}”是被逗号截断的公式；写在 {{ }} 内的公式含逗号时须加引号",
        )
    if re.match(r"[0-9]{3}(?![0-9])", key):
        return Said(
            "document.unknown-key",
            f"'{key}' is the end of a text that a comma cut off; inside {{ }} put the text in quotes",
            f"“{key}”是被逗号截断的文字；写在 {{ }} 内的文字含逗号时须加引号",
        )
    kind = _clause_kind(path, plain)
    named = {*KINDS, *template_names()}
    if kind is not None and kind not in named and len(path) == 3:
        hint = did_you_mean(kind, named)
        return Said(
            "document.unknown-key",
            f"'{key}' is not a key of the clause kind '{kind}', which is read as a plain clause{hint}",
            f"条款类型“{kind}”未内置，按普通条款读取，没有“{key}”这一项",
        )
    known = keys_at(path[:-1], plain)
    return Said(
        "document.unknown-key",
        f"'{key}' is not a key here{did_you_mean(key, known)}",
        f"此处没有“{key}”这一项{_nearest_zh(key, known)}",
    )


def _nearest_zh(given: str, known: Iterable[str]) -> str:
    """Return the nearest known word as a Chinese hint, else nothing."""
    near = re.search("did you mean '([^']+)'", did_you_mean(given, known))
    return f"，是否应为“{near[1]}”？" if near else ""


def _not_listed(given: str, expected: str) -> Said:
    options = re.findall(r"'([^']*)'", expected)
    bare = given.strip("'")
    near = did_you_mean(bare, options) if options else ""
    near = near if near.startswith("; did") else ""
    return Said(
        "document.value",
        f"{given} was found where {expected} was expected{near}",
        f"此处为 {given}，可用值：{expected.replace(' or ', ', ')}",
    )


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a set of keys and values"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"


def _clause_kind(path: Path, plain: Any) -> str | None:
    if len(path) < 2 or path[0] != "clauses" or not isinstance(path[1], int):
        return None
    clauses = plain.get("clauses") if isinstance(plain, dict) else None
    clause = clauses[path[1]] if isinstance(clauses, list) and path[1] < len(clauses) else None
    kind = clause.get("kind") if isinstance(clause, dict) else None
    return kind if isinstance(kind, str) else None


def keys_at(path: Path, plain: Any) -> frozenset[str]:
    """Return the keys that a document may have at a path."""
    schema = _schema()
    here: Any = schema
    if path[:1] == ("clauses",) and len(path) >= 2:
        kind = _clause_kind(path, plain) or ""
        model = KINDS.get(kind)
        here = schema["$defs"][model.__name__ if model is not None else "Clause"]
        if kind in template_names():
            here = schema = template_model(kind).model_json_schema(by_alias=True)
        path = path[2:]
    for part in path:
        here = _step(here, part, schema)
    return frozenset(_resolved(here, schema).get("properties", {}))


def _step(here: Any, part: str | int, schema: Any) -> Any:
    here = _resolved(here, schema)
    if isinstance(part, int):
        return here.get("items", {})
    return here.get("properties", {}).get(part, here.get("additionalProperties") or {})


def _resolved(here: Any, schema: Any) -> dict[str, Any]:
    options: Iterable[Any] = ()
    if isinstance(here, dict):
        options = here.get("anyOf") or here.get("oneOf") or ()
    forms = [one for one in options if one.get("type") != "null"]
    here = next((one for one in forms if "$ref" in one), forms[0] if forms else here)
    if isinstance(here, dict) and "$ref" in here:
        here = schema["$defs"][here["$ref"].rpartition("/")[2]]
    return here if isinstance(here, dict) else {}


@cache
def _schema() -> dict[str, Any]:
    return Document.model_json_schema(by_alias=True)
