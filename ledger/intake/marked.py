"""YAML read as plain text values with the line of every key, so that a finding can say where.

Every scalar is text, whatever it looks like; types are for whoever reads the document. Aliases, anchors,
tags and duplicate keys are refused: a mapping must read the same to a person and to every parser.
"""

from __future__ import annotations

from typing import Any

import yaml

from policies.errors import Finding

_PLAIN_TAGS = {
    "tag:yaml.org,2002:str",
    "tag:yaml.org,2002:map",
    "tag:yaml.org,2002:seq",
}

Lines = dict[tuple[str | int, ...], int]
"""Line, from 1, of each path: of the key where the parent is a mapping, of the item where it is a list."""


class MarkedText:
    """A YAML document as plain values, its lines by path and the findings met while reading it."""

    def __init__(self, text: str) -> None:
        """Read the text at once; nothing is raised, what is wrong stands in `findings`."""
        self.lines: Lines = {}
        self.findings: list[Finding] = []
        self.value: Any = None
        try:
            if self._uses_anchors(text):
                return
            root = yaml.compose(text, Loader=yaml.BaseLoader)
        except yaml.YAMLError as fault:
            self._refuse_syntax(fault)
            return
        if root is not None:
            self.value = self._plain(root, ())

    def line_of(self, path: tuple[str | int, ...]) -> int | None:
        """Return the line of a path, or of its nearest ancestor that stands in the text."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 1

    def _uses_anchors(self, text: str) -> bool:
        for token in yaml.scan(text, Loader=yaml.BaseLoader):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                line = token.start_mark.line + 1
                self._find(
                    "mapping.alias", "anchors and aliases are not allowed; write the value out", "", line
                )
                return True
        return False

    def _refuse_syntax(self, fault: yaml.YAMLError) -> None:
        mark = getattr(fault, "problem_mark", None)
        problem = getattr(fault, "problem", None) or "the text is not YAML"
        self._find("mapping.syntax", f"not readable as YAML: {problem}", "", mark.line + 1 if mark else None)

    def _plain(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if node.tag not in _PLAIN_TAGS:
            self._find("mapping.tag", f"the tag {node.tag} is not allowed", dotted(path), line)
            return None
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*path, index)) for index, item in enumerate(node.value)]
        found: dict[str, Any] = {}
        for key, item in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            below = (*path, name)
            line = key.start_mark.line + 1
            if name in found:
                self._find("mapping.duplicate-key", f"'{name}' stands here twice", dotted(below), line)
            self.lines[below] = line
            found[name] = self._plain(item, below)
        return found

    def _find(self, code: str, message: str, path: str, line: int | None) -> None:
        self.findings.append(Finding(code=code, severity="error", message=message, path=path, line=line))


def dotted(path: tuple[str | int, ...]) -> str:
    """Write a path as text: ("facts", "paid", 0) is "facts.paid[0]"."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
