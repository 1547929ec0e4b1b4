"""Canonical JSON (RFC 8785), strictly: a text is accepted only if it is what encoding its value gives.

Re-encoding settles key order, spacing, escapes and duplicate keys at once. Floats, integers of 2^53 and
beyond and non-ASCII keys are refused, so that no two readers can take one text for two values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from verifier.report import Fault

_LIMIT = 2**53
_Kind = TypeVar("_Kind")


def decode(text: str) -> Any:
    """Return the value of a JSON text. Raises Fault if it is no JSON, or has numbers or keys we refuse."""
    try:
        return json.loads(
            text, parse_int=_integer, parse_float=_number, parse_constant=_number, object_pairs_hook=_record
        )
    except json.JSONDecodeError as fault:
        raise Fault(
            f"is not JSON at character {fault.pos}", f"第 {fault.pos} 个字符起不是 JSON", at=fault.pos
        ) from fault
    except RecursionError as fault:
        raise Fault("is nested too deeply", "嵌套过深") from fault


def encode(value: Any) -> str:
    """Return the canonical text of a value that `decode` gave."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    except RecursionError as fault:
        raise Fault("is nested too deeply", "嵌套过深") from fault


def parse(text: str) -> Any:
    """Return the value of a canonical text. Raises Fault, naming the place, for any other text."""
    value = decode(text)
    again = encode(value)
    if again != text:
        at = first_difference(again, text)
        raise Fault(
            f"is not canonical JSON: differs at character {at}", f"不是规范 JSON:第 {at} 个字符不同", at=at
        )
    return value


def first_difference(a: Sequence[object], b: Sequence[object]) -> int:
    """Return the first place in which two texts, or two byte strings, differ."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def field(record: Any, name: str, kind: type[_Kind]) -> _Kind:
    """Return a member of a JSON object that must be of this type. Raises Fault naming the member."""
    value = record.get(name) if isinstance(record, dict) else None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Fault(f"needs '{name}' as {kind.__name__}", f"缺少 {name},或其类型不是 {kind.__name__}")
    return value


def texts_field(record: Any, name: str) -> list[str]:
    """Return a member that is a list of texts. Raises Fault otherwise."""
    items = field(record, name, list)
    if not all(isinstance(item, str) for item in items):
        raise Fault(f"'{name}' must be a list of texts", f"{name} 应为文本列表")
    return items


def count_field(record: Any, name: str) -> int:
    """Return a member that is an integer of zero or more. Raises Fault otherwise."""
    number = field(record, name, int)
    if number < 0:
        raise Fault(f"'{name}' is negative", f"{name} 为负数")
    return number


def hex_field(record: Any, name: str, size: int, *, prefix: str = "") -> bytes:
    """Return a member that is lower-case hex of `size` bytes after `prefix`. Raises Fault otherwise."""
    text = field(record, name, str)
    if not re.fullmatch(f"{prefix}[0-9a-f]{{{2 * size}}}", text):
        shape = f"{prefix}{2 * size}"
        raise Fault(f"'{name}' must be {shape} lower-case hex digits", f"{name} 应为 {shape} 位小写十六进制")
    return bytes.fromhex(text.removeprefix(prefix))


def address_field(record: Any, name: str) -> bytes:
    """Return a member that is an address, 0x and 40 hex digits in any case. Raises Fault otherwise."""
    text = field(record, name, str)
    if not re.fullmatch("0x[0-9a-fA-F]{40}", text):
        raise Fault(
            f"'{name}' must be an address, 0x and 40 hex digits", f"{name} 应为 0x 开头的 40 位十六进制地址"
        )
    return bytes.fromhex(text[2:])


def _integer(text: str) -> int:
    if len(text) > 17 or not -_LIMIT < int(text) < _LIMIT:
        raise Fault(f"holds an integer beyond 2^53: {text[:20]}", f"含有超过 2^53 的整数:{text[:20]}")
    return int(text)


def _number(text: str) -> NoReturn:
    raise Fault(f"holds {text[:20]}, which is not an integer", f"含有非整数 {text[:20]}")


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Fault(f"holds the key '{twice}' twice", f"键 {twice} 重复出现")
    if not all(map(str.isascii, record)):
        raise Fault("holds a key that is not ASCII", "含有非 ASCII 的键")
    return record
