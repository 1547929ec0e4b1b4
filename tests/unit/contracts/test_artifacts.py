"""Committed artifacts are what their sources compile to, and the compiler is not needed to use them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.artifacts import ARTIFACTS, Artifact, earlier_artifacts, load_artifact
from contracts.compile import SOURCES, compile_source
from contracts.errors import ArtifactError

NAMES = sorted(source.stem for source in SOURCES.glob("*.vy"))
EARLIER = sorted((ARTIFACTS / "earlier").glob("*.json"))
EIP_170_LIMIT = 24_576


def test_every_source_has_an_artifact_and_every_artifact_a_source() -> None:
    assert sorted(path.stem for path in ARTIFACTS.glob("*.json")) == NAMES
    assert NAMES == ["AgreementRegistry", "CommissionSplitter", "DepositVault", "LedgerAnchor"]


@pytest.mark.parametrize("name", NAMES)
def test_recompiling_a_source_gives_the_committed_artifact_to_the_byte(name: str) -> None:
    committed = (ARTIFACTS / f"{name}.json").read_text(encoding="utf-8")
    assert compile_source(SOURCES / f"{name}.vy") == committed, "run `python -m contracts.compile`"


@pytest.mark.parametrize("name", NAMES)
def test_an_artifact_names_its_source_compiler_and_settings(name: str) -> None:
    content = json.loads((ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))
    source = (SOURCES / f"{name}.vy").read_bytes()
    assert content["source_sha256"] == hashlib.sha256(source).hexdigest()
    assert content["compiler"]["name"] == "vyper"
    assert content["compiler"]["version"] == "0.4.3"
    assert content["compiler"]["settings"]["evm_version"] == "cancun"
    assert len(load_artifact(name).runtime) <= EIP_170_LIMIT


@pytest.mark.parametrize("name", NAMES)
def test_every_function_of_a_contract_is_documented(name: str) -> None:
    content = json.loads((ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))
    functions = {each["name"] for each in content["abi"] if each["type"] == "function"}
    documented = {signature.split("(")[0] for signature in content["userdoc"]["methods"]}
    getters = {"MAX_PARTIES", "MAX_PROOF", "MAX_SIGNATURE", "WALLET_GAS", "checkpoint_count"} | {
        "key_changes", "latest_version", "recovery_of", "revoked_at",
        "MAX_SECONDS", "awarded", "credited", "releases", "reserved", "terms_digest",
    }  # fmt: skip
    assert functions - getters <= documented


@pytest.mark.parametrize("path", EARLIER, ids=[path.stem for path in EARLIER])
def test_an_earlier_artifact_is_named_by_the_digest_of_its_code_and_is_not_todays(path: Path) -> None:
    name, _, digest = path.stem.partition("-")
    (artifact,) = (each for each in earlier_artifacts(name) if path.stem.endswith(_digest(each)))
    assert digest == _digest(artifact)
    assert artifact.runtime != load_artifact(name).runtime


def _digest(artifact: Artifact) -> str:
    return hashlib.sha256(artifact.runtime).hexdigest()[:12]


def test_a_missing_artifact_says_how_to_make_it() -> None:
    with pytest.raises(ArtifactError, match=r"contracts\.compile"):
        load_artifact("Nothing")


def test_using_the_contracts_imports_neither_compiler_nor_evm_until_a_chain_is_opened() -> None:
    program = (
        "import sys, contracts.registry, contracts.anchor, contracts.splitter, contracts.embedded\n"
        "import contracts.keystore\n"
        "from contracts.artifacts import load_artifact\n"
        "load_artifact('AgreementRegistry')\n"
        "heavy = {'vyper', 'eth', 'eth_account', 'eth_keys', 'eth_keyfile', 'eth_abi'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, cwd=root)
