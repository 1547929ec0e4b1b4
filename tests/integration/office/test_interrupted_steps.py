"""A process that ends between two steps leaves nothing half done that the next one cannot finish."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from api.office.agreements import held, held_versions, propose, version_to_sign
from api.office.chain_worker.work import work
from api.office.example import AGREEMENT_ID, Example
from tests.command_line import EXAMPLES, ROOT, build_example, environment, log_size, office_at, tally

REF = "head-streamer@1"

DYING = """
import os, signal
from pathlib import Path
from api.office import signing
from api.office.chain_worker import version_tasks
from contracts.embedded import EmbeddedChain
from api.office.chain_worker.work import work
from api.office.example import Example
from tests.command_line import EXAMPLES, office_at

def die(*_arguments, **_options):
    os.kill(os.getpid(), signal.SIGKILL)

with office_at(Path({data!r})) as office:
    {step} = die
    example = Example(office, EXAMPLES)
    example.sign(example.keys())
"""
"""Sign for every party and register, and be killed at one step of it."""

BEFORE_IT_BINDS = "signing.complete"
BEFORE_THE_CHAIN = "EmbeddedChain.send_all"
AFTER_THE_CHAIN = "version_tasks.record_registration"


def killed_while_signing(data: Path, step: str) -> None:
    code = DYING.format(data=str(data), step=step)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(data), check=False)
    assert done.returncode == -signal.SIGKILL


def entries_of(data: Path) -> list[str]:
    with office_at(data) as office:
        return [entry.kind for entry in office.log.entries()]


def finish(data: Path) -> None:
    """Give the last signature again, as its party would who saw no answer."""
    with office_at(data) as office:
        one = held(office, REF)
        assert (one.is_signed, one.waiting_for) == (False, ())
    keystore = data / "example" / "keystores" / f"{one.signatures[-1].party}.json"
    ran = tally(data, "agreement", "sign", REF, "--party", one.signatures[-1].party, "--keystore", keystore,
                "--password-file", keystore.with_suffix(".password"), "--json")  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.json["signed"] is True


SIGNED = ["agreement.proposed", *["signature.given"] * 5, "agreement.signed"]
REGISTERED = [*SIGNED, "agreement.registered"]


def test_killed_after_the_last_signature_signing_completes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    killed_while_signing(data, BEFORE_IT_BINDS)
    assert entries_of(data) == SIGNED[:-1]
    assert "waiting for its record" in tally(data, "agreement", "list").out
    finish(data)
    assert entries_of(data) == SIGNED
    assert tally(data, "doctor").code == 0


@pytest.mark.parametrize("step", [BEFORE_THE_CHAIN, AFTER_THE_CHAIN], ids=["before", "after"])
def test_killed_before_or_after_the_chain_took_it_a_version_is_registered_once(
    tmp_path: Path, step: str
) -> None:
    data = tmp_path / "data"
    killed_while_signing(data, step)
    assert entries_of(data) == SIGNED
    with office_at(data) as office:
        assert [work(office).recorded, work(office).recorded] == [(f"register/{REF}",), ()]
        record = held(office, REF).registration
        assert record is not None
        assert record.block == office.chain.head().number == 2, "one block deploys, one registers"
    assert entries_of(data) == REGISTERED
    assert tally(data, "doctor").code == 0


def test_the_registry_and_the_chain_survive_the_end_of_the_process(installation: Path) -> None:
    first = tally(installation, "chain", "show", "--json").json
    with office_at(installation) as office:
        one = held(office, REF)
        registry, anchor = office.registry.address, office.anchor.address
        transaction = version_to_sign(office, one)
    with office_at(installation) as office:
        assert (office.registry.address, office.anchor.address) == (registry, anchor)
        assert version_to_sign(office, held(office, REF)) == transaction
        assert [ref for ref, version in held_versions(office).items() if version.is_signed] == [REF]
    assert tally(installation, "chain", "show", "--json").json == first
    assert first["anchors"]


def test_the_example_again_takes_no_step_twice(installation: Path) -> None:
    size = log_size(installation)
    head = tally(installation, "chain", "show", "--json").json
    before = {path: path.read_bytes() for path in (installation / "example").rglob("*") if path.is_file()}
    assert tally(installation, "example").code == 0
    assert log_size(installation) == size
    (installation / "example" / "done").unlink()
    build_example(installation)
    assert log_size(installation) == size, "nor when it does not know that it was done"
    assert tally(installation, "chain", "show", "--json").json == head
    assert {path: path.read_bytes() for path in before} == before


def test_an_example_that_was_interrupted_anywhere_is_completed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for steps in range(1, 6):
        told: list[str] = []

        def tell(step: str, told: list[str] = told, steps: int = steps) -> None:
            told.append(step)
            if len(told) > steps:
                raise InterruptedError

        with office_at(data) as office, pytest.raises(InterruptedError):
            Example(office, EXAMPLES).build(tell, lambda _done, _total: None)
    build_example(data)
    size = log_size(data)
    assert tally(data, "doctor").code == 0
    build_example(data)
    assert log_size(data) == size
    statements = tally(data, "statement", "list", "--agreement", AGREEMENT_ID, "--json").json
    assert len(statements) == 15


def test_a_proposal_by_two_processes_is_one_proposal(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with office_at(data) as office, office_at(data) as other:
        example = Example(office, EXAMPLES)
        keys = example.keys()
        document = example.document().with_signers({party: key.address for party, key in keys.items()})
        first, second = propose(office, document), propose(other, document)
        assert first == second
    assert log_size(data) == 1
