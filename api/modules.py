"""JavaScript modules of pages, served under the digest of all of them together.

Modules import each other by relative paths, so each keeps the digest that its page was written with: browsers
may keep them for good, and no page ever runs with a part of another release. Not for single scripts and style
sheets: those are `asset`s of `api.pages`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from litestar import Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Response

from api.access import public
from api.headers import MODULES_PATH

_STATIC = Path(__file__).parent / "static"
_FOLDERS = ("signing", "vendor/noble")


@cache
def modules() -> Mapping[str, bytes]:
    """Return every module by its path under the static files."""
    files = (file for folder in _FOLDERS for file in sorted((_STATIC / folder).rglob("*.js")))
    return {file.relative_to(_STATIC).as_posix(): file.read_bytes() for file in files}


@cache
def release() -> str:
    """Return the digest of all modules together."""
    whole = hashlib.sha256()
    for name, content in modules().items():
        whole.update(f"{name}\n{len(content)}\n".encode() + content)
    return whole.hexdigest()[:16]


def module(name: str) -> str:
    """Return the address of a module. Raises KeyError for one that is not there."""
    assert modules()[name]
    return f"{MODULES_PATH}{release()}/{name}"


@get(MODULES_PATH + "{of:str}/{name:path}", opt=public(), sync_to_thread=False)
def module_file(of: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Answer with a module of this very release."""
    content = modules().get(name.lstrip("/"))
    if of != release() or content is None:
        raise NotFoundException
    return Response(content, media_type="text/javascript")


pages = Router("/", route_handlers=[module_file], include_in_schema=False)
