"""The log as C2SP `tlog-tiles` has it: `/checkpoint`, `/tile/LEVEL/INDEX[.p/WIDTH]`, `/tile/entries/…`.

Existing readers of tiled logs find everything here. Checkpoint and tiles hold hashes of salted leaves and
the number of entries: for members, or for anybody where the installation says so. Entry bundles hold leaves,
with sources and ids of everybody's entries: for auditors alone. Nothing is shown beyond the latest
checkpoint.

Source: c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import re

from litestar import Router, get
from litestar.response import Response

from api.access import needs, public, signed_in
from api.errors import ThingUnknown
from api.given import PathText, TheHouse
from api.log.service import LogService
from ledger.tiles import TILE_HEIGHT, TILE_WIDTH

_NOTE = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_LEVEL = re.compile(r"/(0|[1-9][0-9]?)(/.*)")
_INDEX = re.compile(r"/((?:x[0-9]{3}/){0,4}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def tiled(*, to_anybody: bool) -> Router:
    """Return the routes; checkpoint and tiles are `to_anybody`, or for members."""
    opt = public() if to_anybody else signed_in()

    @get("/checkpoint", opt=opt, sync_to_thread=True)
    def checkpoint(house: TheHouse) -> Response[str]:
        """Return the latest checkpoint as its signed note."""
        return Response(house.log.checkpoint().note, media_type=_NOTE, headers={"cache-control": "no-cache"})

    @get("/tile/{path:path}", opt=opt, sync_to_thread=True)
    def tile(house: TheHouse, path: PathText) -> Response[bytes]:
        """Return a tile of hashes."""
        found = _LEVEL.fullmatch(path)
        if found is None:
            raise _nothing()
        level = int(found[1])
        index, width = _read(found[2])
        if not _covered(house.log, level, index, width):
            raise _nothing()
        scope = "public" if to_anybody else "private"
        return _unchanging(house.log.tile(level, index, width), scope)

    return Router("/", route_handlers=[checkpoint, tile, entries], include_in_schema=False)


@get("/tile/entries/{path:path}", opt=needs("auditor"), sync_to_thread=True)
def entries(house: TheHouse, path: PathText) -> Response[bytes]:
    """Return the leaves below a tile of level 0."""
    index, width = _read(path)
    if not _covered(house.log, 0, index, width):
        raise _nothing()
    return _unchanging(house.log.entry_bundle(index, width), "private")


def _read(path: str) -> tuple[int, int]:
    """Return index and width. Raises ThingUnknown for a path that is not the one spelling of any."""
    found = _INDEX.fullmatch(path)
    if found is None:
        raise _nothing()
    index = int(found[1].replace("x", "").replace("/", ""))
    width = int(found[2] or TILE_WIDTH)
    spelled = f"{index:0{3 * -(-len(str(index)) // 3)}}"
    if spelled != found[1].replace("x", "").replace("/", "") or width > TILE_WIDTH or found[2] == "256":
        raise _nothing()
    return index, width


def _covered(log: LogService, level: int, index: int, width: int) -> bool:
    """Tell whether the latest checkpoint covers the hashes asked for."""
    return (index * TILE_WIDTH + width) << (TILE_HEIGHT * level) <= log.checkpoint().size


def _nothing() -> ThingUnknown:
    return ThingUnknown("there is no such tile under the latest checkpoint", where="tile")


def _unchanging(data: bytes, scope: str) -> Response[bytes]:
    headers = {"cache-control": f"{scope}, max-age=31536000, immutable"}
    return Response(data, media_type=_BYTES, headers=headers)
