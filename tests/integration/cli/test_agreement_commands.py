"""`tallystick agreement`: proposed, signed party by party with keystores, in force with the last."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.office.agreements import held, version_to_sign
from contracts.consent import sign_version
from contracts.keystore import SCRYPT_LIGHT, create_keystore, read_keystore
from tests.command_line import AGREEMENT, PARTIES, Ran, log_size, office_at, tally

REF = "head-streamer@1"


@pytest.fixture(scope="session")
def signers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """A keystore a party, with its address; the password file lies beside it."""
    folder = tmp_path_factory.mktemp("keystores")
    (folder / "password").write_text("correct horse\n", encoding="utf-8")
    made = {}
    for party in (*PARTIES, "stranger"):
        path = folder / f"{party}.json"
        made[party] = (path, create_keystore(path, "correct horse", work_factor=SCRYPT_LIGHT))
    return made


def propose(data: Path, signers: dict[str, tuple[Path, str]], document: Path = AGREEMENT) -> Ran:
    given = [part for party in PARTIES for part in ("--signer", f"{party}={signers[party][1]}")]
    return tally(data, "agreement", "propose", document, *given, "--json")


def sign(data: Path, party: str, keystore: Path) -> Ran:
    password = keystore.with_name("password")
    return tally(data, "agreement", "sign", REF, "--party", party, "--keystore", keystore,
                 "--password-file", password, "--json")  # fmt: skip


@pytest.fixture(scope="session")
def proposed_data(tmp_path_factory: pytest.TempPathFactory, signers: dict[str, tuple[Path, str]]) -> Path:
    data = tmp_path_factory.mktemp("proposed") / "data"
    assert propose(data, signers).code == 0
    return data


@pytest.fixture
def proposed(proposed_data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(proposed_data, tmp_path / "data"))


def test_parties_sign_in_any_order_and_the_last_registers(
    proposed: Path, signers: dict[str, tuple[Path, str]]
) -> None:
    waiting = list(PARTIES)
    for party in ("streamer", "brand", "platform", "leader", "mcn"):
        ran = sign(proposed, party, signers[party][0])
        waiting.remove(party)
        assert ran.code == 0
        assert sorted(ran.json["waiting_for"]) == sorted(waiting)
        assert ran.json["signed"] is (not waiting)
        assert ran.json["signatures"][party] == signers[party][1]
    assert tally(proposed, "agreement", "list", "--json").json == [ran.json]
    assert "signed" in tally(proposed, "agreement", "list").out


def test_signing_again_adds_nothing(proposed: Path, signers: dict[str, tuple[Path, str]]) -> None:
    first = sign(proposed, "mcn", signers["mcn"][0])
    size = log_size(proposed)
    assert sign(proposed, "mcn", signers["mcn"][0]) == first
    assert log_size(proposed) == size


@pytest.mark.parametrize("whose", ["brand", "stranger"])
def test_the_keystore_of_somebody_else_is_refused_with_the_reason(
    proposed: Path, signers: dict[str, tuple[Path, str]], whose: str
) -> None:
    size = log_size(proposed)
    ran = sign(proposed, "mcn", signers[whose][0])
    assert ran.code == 2, ran
    assert ran.out == ""
    assert (signers["brand"][1] if whose == "brand" else "by another key") in ran.err
    assert log_size(proposed) == size
    (row,) = tally(proposed, "agreement", "list", "--json").json
    assert row["signatures"] == {}


def test_a_wrong_password_opens_nothing_and_is_not_repeated(
    proposed: Path, signers: dict[str, tuple[Path, str]], tmp_path: Path
) -> None:
    shutil.copy(signers["mcn"][0], tmp_path / "mcn.json")
    (tmp_path / "password").write_text("battery staple", encoding="utf-8")
    ran = sign(proposed, "mcn", tmp_path / "mcn.json")
    assert ran.code == 2
    assert "password" in ran.err
    assert "battery staple" not in ran.out + ran.err


def test_nobody_signs_for_a_party_that_is_not_there(
    proposed: Path, signers: dict[str, tuple[Path, str]]
) -> None:
    ran = sign(proposed, "arbiter", signers["mcn"][0])
    assert ran.code == 2
    assert "platform" in ran.err
    assert "agreement.not-a-signer" in ran.err


def test_a_signature_made_elsewhere_over_the_request_is_taken(
    proposed: Path, signers: dict[str, tuple[Path, str]]
) -> None:
    request = tally(proposed, "agreement", "request", REF).json
    assert request["primaryType"] == "AgreementVersion"
    key = read_keystore(signers["mcn"][0], "correct horse")
    with office_at(proposed) as office:
        signed = sign_version(key, version_to_sign(office, held(office, REF)), office.domain)
    given = "0x" + signed.signature.hex()
    ran = tally(proposed, "agreement", "give", REF, "--party", "mcn", "--signature", given, "--json")
    assert ran.code == 0
    assert ran.json["signatures"] == {"mcn": signers["mcn"][1]}


@pytest.mark.parametrize("given", ["0x", "0x12", "0x" + "00" * 65, "0x" + "ff" * 65, "zz"])
def test_what_is_no_signature_is_refused(proposed: Path, given: str) -> None:
    ran = tally(proposed, "agreement", "give", REF, "--party", "mcn", "--signature", given)
    assert ran.code == 2
    assert ran.out == ""


def test_the_same_document_again_changes_nothing(
    proposed: Path, signers: dict[str, tuple[Path, str]]
) -> None:
    size = log_size(proposed)
    assert propose(proposed, signers).code == 0
    assert log_size(proposed) == size


def test_another_document_under_the_same_version_is_refused(
    proposed: Path, signers: dict[str, tuple[Path, str]], tmp_path: Path
) -> None:
    changed = tmp_path / "changed.yaml"
    text = AGREEMENT.read_text(encoding="utf-8")
    assert "head streamer" in text.lower()
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    changed.write_text(text.replace(title, title.replace("en: ", "en: Another ", 1)), encoding="utf-8")
    ran = propose(proposed, signers, changed)
    assert (ran.code, ran.out) == (2, "")
    assert "agreement.taken" in ran.err
    assert "raise the version" in ran.err


def test_a_document_with_findings_cannot_be_proposed(
    tmp_path: Path, signers: dict[str, tuple[Path, str]]
) -> None:
    broken = tmp_path / "broken.yaml"
    text = AGREEMENT.read_text(encoding="utf-8")
    broken.write_text(text.replace("30% * (commission", "31% * (commission"), encoding="utf-8")
    ran = propose(tmp_path / "data", signers, broken)
    assert (ran.code, ran.out) == (2, "")
    assert "agreement.not-ready" in ran.err


@pytest.mark.parametrize("signer", ["mcn=0x12", "mcn", "nobody=0x5E833D06a0E20c24eA3CF358c5b968DC3F47CC46"])
def test_a_signer_that_cannot_be_is_refused(tmp_path: Path, signer: str) -> None:
    ran = tally(tmp_path / "data", "agreement", "propose", AGREEMENT, "--signer", signer)
    assert (ran.code, ran.out) == (2, "")


def test_two_parties_cannot_share_a_key(tmp_path: Path, signers: dict[str, tuple[Path, str]]) -> None:
    same = dict.fromkeys(PARTIES, signers["mcn"])
    ran = propose(tmp_path / "data", same)
    assert (ran.code, ran.out) == (2, "")
    assert "same signing address" in ran.err


def test_what_was_shown_is_what_was_signed(proposed: Path) -> None:
    shown = tally(proposed, "agreement", "show", REF).out
    with office_at(proposed) as office:
        assert shown == held(office, REF).agreement.canonical.decode() + "\n"
    assert tally(proposed, "agreement", "show", "head-streamer@9").code == 2


def test_new_keys_print_their_address_and_are_never_overwritten(
    tmp_path: Path, signers: dict[str, tuple[Path, str]]
) -> None:
    password = signers["mcn"][0].with_name("password")
    path = tmp_path / "new.json"
    ran = tally(tmp_path, "key", "new", path, "--password-file", password)
    assert ran.code == 0
    assert ran.out == tally(tmp_path, "key", "address", path).out
    before = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    again = tally(tmp_path, "key", "new", path, "--password-file", password)
    assert (again.code, again.out) == (2, "")
    assert path.read_bytes() == before
