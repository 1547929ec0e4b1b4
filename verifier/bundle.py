"""The evidence bundle as a file: its manifest and its parts, and which byte belongs to which part.

Nothing is verified here; checks.py does that. A file that cannot be read as a bundle is a Fault (unusable).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from verifier import canonical
from verifier.report import Fault

FORMAT = "tallystick/bundle/v1"
REQUIRED = ("agreement.json", "checkpoint.txt", "entries.json", "signing.json")
STATEMENT = ("lines.ndjson", "statement.json")
QUERY = ("answer.ndjson", "found.json", "query.json")
"""Parts that come together or not at all."""

OPTIONAL = ("anchor.json", "decision.json", *STATEMENT, *QUERY)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The manifest (a signed note) and the text of each part by name."""

    manifest: str
    parts: dict[str, str]
    fault: Fault | None
    """Why the file's bytes are not the canonical ones, if they are not."""

    def part(self, name: str) -> str:
        """Return the text of a part. Raises Fault if the bundle has none of this name."""
        if name not in self.parts:
            raise Fault("the part is missing", "缺少该部分", part=name)
        return self.parts[name]


def parse_bundle(data: bytes) -> Bundle:
    """Read a bundle. Raises Fault (unusable), naming the byte and the part it lies in, if it is none."""
    try:
        text = data.decode()
        value = canonical.decode(text)
        again = (canonical.encode(value) + "\n").encode()
    except UnicodeDecodeError as fault:
        raise _unreadable("is not UTF-8", "不是 UTF-8", locate(data, fault.start)) from fault
    except UnicodeEncodeError as fault:
        raise _unreadable("holds half a character", "含有不完整的字符", None) from fault
    except Fault as fault:
        part = None if fault.at is None else locate(data, len(text[: fault.at].encode()))
        raise _unreadable(fault.en, fault.zh, part) from fault
    shape = value if isinstance(value, dict) else {}
    manifest, parts = shape.get("manifest"), shape.get("parts")
    if shape.get("format") != FORMAT or set(shape) != {"format", "manifest", "parts"}:
        raise _unreadable(f"does not call itself '{FORMAT}'", f"格式标识不是 {FORMAT}", None)
    if not isinstance(manifest, str) or not isinstance(parts, dict):
        raise _unreadable("has no manifest or no parts", "缺少清单或各部分", None)
    if not all(isinstance(part, str) for part in parts.values()):
        raise _unreadable("has a part that is not text", "有的部分不是文本", None)
    return Bundle(manifest, parts, _canonical_fault(data, again))


def locate(data: bytes, offset: int) -> str | None:
    """Return the key (a part's name, or `manifest`) in whose value a byte of a bundle file lies.

    Quotes inside a value are escaped, so an unescaped key is one of the file itself.
    """
    keys = re.findall(rb'[{,]"([^"\\]{1,64})":', data[: offset + 1])
    return keys[-1].decode("utf-8", "replace") if keys else None


def _canonical_fault(data: bytes, again: bytes) -> Fault | None:
    if again == data:
        return None
    at = canonical.first_difference(again, data)
    return Fault(
        f"the file is not canonical: byte {at} differs",
        f"文件不是规范形式:第 {at} 字节不同",
        part=locate(data, at),
    )


def _unreadable(en: str, zh: str, part: str | None) -> Fault:
    return Fault(f"not a bundle: {en}", f"不是证据包:{zh}", part=part, unusable=True)
