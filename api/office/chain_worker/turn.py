"""The operator's key for a transaction that somebody asks for beside the chain worker: one sender at a time.

Both take the account's next nonce, and of two with the same one only one stands. So who sends beside the
worker holds the worker's lease until the transaction has its block, and waits for what the worker has sent.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from api.office.chain_worker.kept import kept, lease
from api.office.errors import ChainBusy
from api.office.opening import Office

WAIT_SECONDS = 30.0
"""How long the worker's round, which waits for no block, is waited for."""

_LOOK_SECONDS = 0.1


@contextmanager
def turn(office: Office) -> Iterator[None]:
    """Hold the worker's lease while the operator's key is used; the worker skips its rounds meanwhile.

    Raises ChainBusy where another holds it for long, or where what the worker sent stands in no block yet.
    """
    until = time.monotonic() + WAIT_SECONDS
    while True:
        with lease(office) as mine:
            if mine:
                _demand_none_waits(office)
                yield
                return
        if time.monotonic() >= until:
            raise ChainBusy(
                "the chain worker, or another command, sends by the operator's key now; nothing was sent; "
                "run it again, and see `tallystick chain status` if it stays so",
                where="chain",
            )
        time.sleep(_LOOK_SECONDS)


def _demand_none_waits(office: Office) -> None:
    sent = kept(office).sent
    if not sent:
        return
    mined = office.chain.nonce(office.chain_key.address)
    waiting = {one.nonce: one.task for one in sent if one.nonce >= mined}
    if waiting:
        raise ChainBusy(
            f"what the chain worker sent stands in no block yet: {', '.join(sorted(waiting.values()))}; "
            "nothing was sent; run it again when it does, see `tallystick chain status`",
            where="chain",
        )
