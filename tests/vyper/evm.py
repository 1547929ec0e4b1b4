"""Titanoboa as the tests of contracts use it: committed code on a chain in memory, refusals by their words.

What runs is the artifact that is deployed anywhere else; nothing is compiled here but the odd tokens
(tokens.py), which are no part of the product.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import settings

from contracts.artifacts import Artifact, load_artifact
from contracts.contract import deploying_code, revert_reason

_limit = sys.getrecursionlimit()
import boa  # noqa: E402  (py-evm, which it imports, raises the limit for the whole process: see contracts/embedded.py)
from boa.contracts.abi.abi_contract import ABIContractFactory  # noqa: E402
from boa.contracts.base_evm_contract import BoaError  # noqa: E402

sys.setrecursionlimit(_limit)

__all__ = [  # boa too: whoever needs it takes it from here, with the limit put back
    "BEGINNING", "MORE", "account", "boa", "deploy", "deploy_artifact", "fresh_chain", "now", "refusal",
    "wait",
]  # fmt: skip

MORE = max(settings().max_examples // 60, 1)
"""How many times the usual number of examples a machine runs: once, and more in `make soak`."""

BEGINNING = 1_790_000_000
"""When the chain's clock stands as a test begins, in seconds since 1970."""


@contextmanager
def fresh_chain() -> Iterator[None]:
    """Run with what was deployed before, at the beginning of time, and leave nothing behind."""
    with boa.env.anchor():
        boa.env.timestamp = BEGINNING
        yield


def deploy(name: str, *arguments: Any) -> Any:
    """Deploy a committed artifact and return the contract, with its functions as methods."""
    return deploy_artifact(load_artifact(name), *arguments)


def deploy_artifact(artifact: Artifact, *arguments: Any) -> Any:
    """Deploy an artifact; raises BoaError where its constructor refuses."""
    factory = ABIContractFactory(artifact.name, [dict(each) for each in artifact.abi])
    address, computation = boa.env.deploy(bytecode=deploying_code(artifact, *arguments))
    if computation.is_error:
        raise Refused(revert_reason(bytes(computation.output)))
    return factory.at(address)


class Refused(Exception):
    """A contract refused, in these words."""


def refusal(call: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """Return the words in which a contract refuses a call; fails where it does not refuse."""
    try:
        call(*arguments, **options)
    except Refused as refused:
        return str(refused)
    except BoaError as error:
        return revert_reason(bytes(error.call_trace.computation.output))
    raise AssertionError(f"{call} was not refused")


def account(number: int) -> str:
    """Return the address of an account that has no code."""
    return f"0x{0xACC0_0000 + number:040x}"


def now() -> int:
    """Return the chain's time in seconds since 1970."""
    return int(boa.env.timestamp)


def wait(seconds: int) -> None:
    """Let the chain's time pass."""
    boa.env.time_travel(seconds=seconds)
