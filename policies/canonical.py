"""Canonical JSON bytes (RFC 8785) for everything that is hashed or signed.

Values are held to the part of JSON in which sorted-key msgspec output and RFC 8785 are the same bytes:
no floats, integers below 2^53 in size, ASCII keys, no lone surrogates. Whatever lies outside is refused
rather than encoded almost right. The rfc8785 package is the oracle in the tests.
"""

from __future__ import annotations

from typing import Any

import msgspec

from policies.errors import CanonicalError

INTEGER_LIMIT = 2**53
"""Integers in canonical JSON stay strictly below this size, as RFC 8785 asks of interoperable numbers."""

DEPTH_LIMIT = 64
"""Containers nested deeper than this are refused: no document needs it, and it bounds recursion."""

_encoder = msgspec.json.Encoder(order="sorted")


def canonical_bytes(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value made of dict, list, tuple, str, int, bool and None.

    Raises CanonicalError, naming the path, for anything else.
    """
    _require_canonical(value, "$", DEPTH_LIMIT)
    return _encoder.encode(value)


def _require_canonical(value: Any, path: str, depth: int) -> None:
    kind = type(value)
    if kind is str:
        if not value.isascii():
            _require_encodable(value, path)
    elif kind is int:
        if not -INTEGER_LIMIT < value < INTEGER_LIMIT:
            raise CanonicalError("an integer beyond 2^53 must be written as text", where=path)
    elif kind is dict or kind is list or kind is tuple:
        _require_container(value, path, depth)
    elif value is not None and kind is not bool:
        raise CanonicalError(f"{kind.__name__} has no canonical form; write amounts as text", where=path)


def _require_container(value: dict[Any, Any] | list[Any] | tuple[Any, ...], path: str, depth: int) -> None:
    if depth == 0:
        raise CanonicalError(f"nested deeper than {DEPTH_LIMIT} levels", where=path)
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                raise CanonicalError(f"key {key!r} must be ASCII text", where=path)
            _require_canonical(item, f"{path}.{key}", depth - 1)
    else:
        for index, item in enumerate(value):
            _require_canonical(item, f"{path}[{index}]", depth - 1)


def _require_encodable(value: str, path: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as fault:
        raise CanonicalError("text holds a lone surrogate", where=path) from fault
