"""EIP-712 hashing of typed structured data, for the types that signed messages here are made of.

Pure, and knows no message of ours (see typed_data.py). Covered: nested structs, dynamic arrays, string,
bytes, bool, address, uintN and bytesN. Source: https://eips.ethereum.org/EIPS/eip-712
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.errors import DigestError
from contracts.hashing import keccak256

Types = Mapping[str, Sequence[tuple[str, str]]]
"""Struct name to its (field name, field type) pairs in order of declaration."""

_UINT = re.compile(r"uint([1-9]\d*)")
_BYTES = re.compile(r"bytes([1-9]\d?)")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def encode_type(types: Types, primary: str) -> str:
    """Return a struct's signature followed by those of the structs it refers to, sorted by name."""
    names: set[str] = set()
    _collect(types, primary, names)
    ordered = [primary, *sorted(names - {primary})]
    return "".join(
        f"{name}({','.join(f'{kind} {field}' for field, kind in types[name])})" for name in ordered
    )


def hash_struct(types: Types, primary: str, value: Mapping[str, Any]) -> bytes:
    """Return keccak256(typeHash || encodeData(value)).

    Raises DigestError naming the field for a missing, unknown or unrepresentable value.
    """
    fields = types[primary]
    if set(value) != {name for name, _ in fields}:
        raise DigestError(f"fields must be exactly {', '.join(n for n, _ in fields)}", where=primary)
    encoded = keccak256(encode_type(types, primary).encode())
    for name, kind in fields:
        encoded += _encode(types, kind, value[name], f"{primary}.{name}")
    return keccak256(encoded)


def typed_data_digest(separator: bytes, struct_hash: bytes) -> bytes:
    """Return the digest that is signed: keccak256(0x19 0x01 || domain separator || struct hash)."""
    return keccak256(b"\x19\x01" + separator + struct_hash)


def _collect(types: Types, name: str, found: set[str]) -> None:
    if name in types and name not in found:
        found.add(name)
        for _, kind in types[name]:
            _collect(types, kind.removesuffix("[]"), found)


def _encode(types: Types, kind: str, value: Any, where: str) -> bytes:
    if kind.endswith("[]"):
        element = kind.removesuffix("[]")
        return keccak256(b"".join(_encode(types, element, v, f"{where}[{i}]") for i, v in enumerate(value)))
    if kind in types:
        return hash_struct(types, kind, value)
    if kind == "string" and isinstance(value, str):
        return keccak256(value.encode())
    if kind == "bytes" and isinstance(value, bytes):
        return keccak256(value)
    if kind == "bool" and isinstance(value, bool):
        return int(value).to_bytes(32)
    if kind == "address" and isinstance(value, str) and _ADDRESS.fullmatch(value):
        return bytes(12) + bytes.fromhex(value[2:])
    if (width := _UINT.fullmatch(kind)) and type(value) is int and 0 <= value < 1 << int(width[1]):
        return value.to_bytes(32)
    if (size := _BYTES.fullmatch(kind)) and isinstance(value, bytes) and len(value) == int(size[1]):
        return value.ljust(32, b"\0")
    raise DigestError(f"{value!r} is not a {kind}", where=where)
