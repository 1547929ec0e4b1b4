"""What eth-ape compiles is what is committed: its own route to the compiler ends at the same bytes."""

import pytest
from ape.managers.project import ProjectManager

from contracts.artifacts import ARTIFACTS, load_artifact

NAMES = sorted(path.stem for path in ARTIFACTS.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_ape_compiles_to_the_committed_code(project: ProjectManager, name: str) -> None:
    compiled = getattr(project, name).contract_type
    artifact = load_artifact(name)
    assert compiled.deployment_bytecode.bytecode == "0x" + artifact.code.hex()


def test_every_source_has_an_artifact(project: ProjectManager) -> None:
    assert sorted(project.contracts) == NAMES
