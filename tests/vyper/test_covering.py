"""The measure of what tests reach sees what they leave out, and says where."""

from __future__ import annotations

from contracts.artifacts import load_artifact
from tests.vyper.covering import coverage, line_of, page
from tests.vyper.points import code_maps
from tests.vyper.tracing import Tracer

NAME = "LedgerAnchor"


def everything_ran() -> Tracer:
    codes = {f"{NAME} deploying": load_artifact(NAME).code, NAME: load_artifact(NAME).runtime}
    tracer = Tracer(codes)
    for code, run in zip(code_maps(NAME), tracer.runs.values(), strict=True):
        run.instructions.update(code.instructions)
        run.ways.update(code.ways)
    return tracer


def test_all_points_are_found_where_everything_ran() -> None:
    found = coverage(NAME, everything_ran())
    assert found.missed == ()
    assert len(found.points) > 30
    assert found.count(branches=True)[1] % 2 == 0, "each branch has two ways"


def test_a_way_that_was_never_taken_is_named_by_its_line() -> None:
    tracer = everything_ran()
    run = tracer.runs[NAME]
    deployed = code_maps(NAME)[1]
    shrinking = next(way for way, point in deployed.ways.items() if "size >= newest" in line_of(point))
    run.ways.remove(shrinking)
    (missed,) = coverage(NAME, tracer).missed
    assert line_of(missed) == 'assert size >= newest, "ledger_anchor: log does not shrink"'


def test_a_statement_that_never_ran_is_named() -> None:
    tracer = everything_ran()
    run, deployed = tracer.runs[NAME], code_maps(NAME)[1]
    run.instructions -= {pc for pc, point in deployed.instructions.items() if point.kind == "Log"}
    assert [point.kind for point in coverage(NAME, tracer).missed] == ["Log"]


def test_what_ran_in_another_process_is_added() -> None:
    there, here = everything_ran(), Tracer({NAME: load_artifact(NAME).runtime})
    here.runs[NAME].add(there.runs[NAME].plain())
    assert here.runs[NAME] == there.runs[NAME]


def test_code_is_known_with_arguments_behind_it_and_other_code_is_not() -> None:
    tracer = everything_ran()
    artifact = load_artifact(NAME)
    assert tracer.run_of(artifact.code + bytes(64)) is tracer.runs[f"{NAME} deploying"]
    assert tracer.run_of(artifact.runtime) is tracer.runs[NAME]
    assert tracer.run_of(b"\x00" + artifact.runtime) is None


def test_the_page_has_a_row_a_contract() -> None:
    assert f"| `{NAME}` | 0 of " in page([coverage(NAME, Tracer({f"{NAME} deploying": b"", NAME: b""}))])
