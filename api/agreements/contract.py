"""A version written as a contract for those who may read it: each form once, since it never changes."""

from __future__ import annotations

import threading
from functools import lru_cache

from api.errors import ThingUnknown
from policies.agreement import Agreement
from policies.render import Reader, contract, write_html, write_pdf, write_text

_READERS: dict[str, Reader] = {"zh": "zh", "en": "en", "both": "both"}
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "html": "text/html",
    "txt": "text/plain",
}
_SETTING = threading.Lock()
"""One PDF is set at a time: the typesetter takes a core and some memory."""


def contract_file(agreement: Agreement, name: str) -> tuple[bytes, str]:
    """Return a contract by its file name, `both.pdf` say, and its media type. Raises ThingUnknown."""
    language, _, form = name.partition(".")
    if language not in _READERS or form not in _MEDIA_TYPES:
        raise ThingUnknown(
            f"there is no contract '{name[:40]}'; ask for zh, en or both as .pdf, .html or .txt"
        )
    with _SETTING:
        return _written(agreement, _READERS[language], form), _MEDIA_TYPES[form]


@lru_cache(maxsize=64)
def _written(agreement: Agreement, reader: Reader, form: str) -> bytes:
    if form == "pdf":
        return write_pdf(agreement, reader)
    write = write_html if form == "html" else write_text
    return write(contract(agreement, reader)).encode()
