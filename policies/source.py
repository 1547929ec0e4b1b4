"""YAML as people write it, or JSON, read so that every scalar stays text and every value knows its line.

JSON is read by a JSON reader, since its escapes are not YAML's; it keeps paths but no lines. In YAML only
mappings, lists and scalars are read: `NO` stays "NO" and 299.00 stays "299.00" until a declared type reads
them. Duplicate keys, aliases, anchors and tags are refused with their position.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from policies.errors import AgreementRejected, Finding
from policies.words.hidden import hidden_in

SIZE_LIMIT = 1_000_000
"""Bytes of one document, at most."""

DEPTH_LIMIT = 20
"""Containers nested deeper than this are refused."""

Path = tuple[str | int, ...]
Plain = str | None | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a value starts in its file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A document as text scalars, with the position of every key and value by path."""

    name: str
    plain: dict[str, Plain]
    positions: dict[Path, Position] = field(repr=False)

    def at(self, path: Path) -> Position | None:
        """Return the position of a path, or of its nearest parent that stands in the file."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.positions:
                return self.positions[path[:length]]
        return None


def read_source(text: str, name: str) -> Source:
    """Read a YAML or JSON document. Raises AgreementRejected with one finding: where, and what to do."""
    if len(text) > SIZE_LIMIT:
        raise _rejected(name, "document.too-large", f"a document is at most {SIZE_LIMIT} characters")
    if text.lstrip().startswith("{"):
        try:
            return _seen(Source(name, _read_json(text, name), {(): Position(1, 1)}))
        except json.JSONDecodeError:
            pass  # a YAML mapping in braces starts alike
    try:
        _refuse_indirection(text, name)
        node = yaml.compose(
            text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
        )
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        position = Position(mark.line + 1, mark.column + 1) if mark else None
        problem = fault.problem or "not readable as YAML"
        advice = "write spaces instead of the tab" if "\\t" in problem else "check the indentation here"
        raise _rejected(name, "document.not-yaml", f"{problem}; {advice}", position) from None
    except yaml.reader.ReaderError as fault:
        at = _offset_position(text, fault.position)
        message = f"the character U+{int(fault.character):04X} cannot stand in a document; remove it"
        raise _rejected(name, "document.not-yaml", message, at) from None
    except yaml.YAMLError as fault:
        raise _rejected(name, "document.not-yaml", f"not readable as YAML: {fault}") from None
    if not isinstance(node, MappingNode):
        message = "a document is a mapping that starts with 'language: 1'"
        raise _rejected(name, "document.not-a-mapping", message, Position(1, 1))
    reader = _Reader(name)
    reader.positions[()] = _position(node)
    return _seen(Source(name, reader.mapping(node, ()), reader.positions))


def _seen(source: Source) -> Source:
    """Return a source all of whose text can be seen. Raises AgreementRejected for what hides in it."""
    for path, message in hidden_in(source.plain):
        at = source.at(path)
        line, column = (at.line, at.column) if at else (None, None)
        finding = Finding("document.hidden-character", "error", message, path_text(path), line, column)
        raise AgreementRejected(source.name, (finding,))
    return source


def _read_json(text: str, name: str) -> dict[str, Plain]:
    """Read JSON with its scalars as text. Raises JSONDecodeError where it is no JSON."""

    def members(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        for key, value in pairs:
            if key in found:
                raise _rejected(name, "document.duplicate-key", f"the key '{key}' is given twice")
            found[key] = value
        return found

    _refuse_depth(text, name)
    plain = json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=members)
    return {key: _as_text(value) for key, value in plain.items()}


def _refuse_depth(text: str, name: str) -> None:
    """Refuse deep nesting before a recursive reader meets it; brackets inside text only count too many."""
    depth = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        if depth > DEPTH_LIMIT * 4:
            raise _rejected(name, "document.too-deep", f"values nest at most {DEPTH_LIMIT} deep")


def _as_text(value: Any) -> Plain:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    assert value is None or isinstance(value, str), "numbers are read as text"
    return value


def _offset_position(text: str, offset: int) -> Position:
    before = text[:offset]
    return Position(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def path_text(path: Path) -> str:
    """Write a path as people do: clauses[0].waterfall[2].amount."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def _refuse_indirection(text: str, name: str) -> None:
    """Refuse aliases, anchors, tags and deep nesting before anything is built from them.

    The slow reader, which says better what is wrong, reads only what the fast one stumbles over.
    """
    if hasattr(yaml, "CSafeLoader"):
        try:
            _refuse_events(yaml.parse(text, Loader=yaml.CSafeLoader), name)
        except (yaml.YAMLError, UnicodeEncodeError):
            pass
        else:
            return
    _refuse_events(yaml.parse(text, Loader=yaml.SafeLoader), name)


def _refuse_events(events: Iterable[Any], name: str) -> None:
    depth = 0
    for event in events:
        refusal = None
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_LIMIT:
            refusal = ("document.too-deep", f"values nest at most {DEPTH_LIMIT} deep")
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            refusal = ("document.alias", "anchors and aliases are not read; write the value out")
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            refusal = ("document.tag", f"the tag '{event.tag}' is not read; remove it")
        if refusal is not None:
            mark = event.start_mark
            position = Position(mark.line + 1, mark.column + 1) if mark else None
            raise _rejected(name, *refusal, position)


def _rejected(name: str, code: str, message: str, position: Position | None = None) -> AgreementRejected:
    line, column = (position.line, position.column) if position else (None, None)
    return AgreementRejected(name, (Finding(code, "error", message, "", line, column),))


class _Reader:
    """Turns composed YAML nodes into text scalars while noting positions."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.positions: dict[Path, Position] = {}

    def value(self, node: Node, path: Path) -> Plain:
        if path not in self.positions:
            self.positions[path] = _position(node)
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        empty = not node.style and node.value in {"", "~", "null"}
        return None if empty else str(node.value)

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        for key_node, value_node in node.value:
            where = _position(key_node)
            if not isinstance(key_node, ScalarNode):
                raise _rejected(self.name, "document.bad-key", "a key must be plain text", where)
            key = str(key_node.value)
            if key in found:
                first = self.positions[*path, key].line
                message = f"the key '{key}' stands here again; it was given in line {first}"
                raise _rejected(self.name, "document.duplicate-key", message, where)
            self.positions[*path, key] = where
            found[key] = self.value(value_node, (*path, key))
        return found


def _position(node: Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
