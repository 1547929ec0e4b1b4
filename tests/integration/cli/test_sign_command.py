"""`tallystick sign`: a request goes away as a file, is held against what is read, and comes back signed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.dispute_settlement import DisputeSettlement
from contracts.exhibit import ExhibitMessage
from contracts.keystore import SCRYPT_LIGHT, create_keystore
from contracts.payee_account import PayeeAccount
from contracts.signing_file import request_file
from contracts.typed_data import Domain, Message
from tests.command_line import AGREEMENT, PARTIES, Ran, tally

REF = "head-streamer@1"
DOMAIN = Domain(1, "0x" + "11" * 20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keystores, an installation with a proposed version, and the request file of that version."""
    at = tmp_path_factory.mktemp("offline")
    (at / "password").write_text("correct horse\n", encoding="utf-8")
    addresses = {
        party: create_keystore(at / f"{party}.json", "correct horse", work_factor=SCRYPT_LIGHT)
        for party in (*PARTIES, "stranger")
    }
    given = [part for party in PARTIES for part in ("--signer", f"{party}={addresses[party]}")]
    assert tally(at / "data", "agreement", "propose", AGREEMENT, *given).code == 0
    asked = tally(at / "data", "agreement", "request", REF, "--with-document")
    (at / "request.json").write_text(asked.out, encoding="utf-8")
    return at


def sign(
    folder: Path, request: Path, out: Path, party: str = "mcn", *more: str | Path, typed: str = ""
) -> Ran:
    keys = ("--keystore", folder / f"{party}.json", "--password-file", folder / "password")
    return tally(folder / "nowhere", "sign", request, *keys, "--out", out, *more, typed=typed)


def test_a_request_is_read_signed_and_given_back(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "signature.json"
    ran = sign(
        folder, folder / "request.json", out, "mcn", "--agreement", AGREEMENT, "--lang", "en", typed="y\n"
    )
    assert (ran.code, "Sign this for mcn?" in ran.err) == (0, True)
    assert "The agency's share is 30% of commission" in ran.out
    assert ran.out.count("(fits)") == 6
    assert not (folder / "nowhere").exists()
    data = Path(shutil.copytree(folder / "data", tmp_path / "data"))
    given = tally(data, "agreement", "give", REF, "--file", out, "--json")
    assert given.json["waiting_for"] == [party for party in PARTIES if party != "mcn"]


def test_nothing_is_signed_unless_it_is_wanted(folder: Path, tmp_path: Path) -> None:
    ran = sign(folder, folder / "request.json", tmp_path / "signature.json", typed="n\n")
    assert (ran.code, "nothing was signed" in ran.err) == (2, True)
    assert not (tmp_path / "signature.json").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda file: file["request"]["message"].update(commitment="0x" + "22" * 32), "'commitment'"),
        (lambda file: file["request"]["message"].update(effectiveFrom=1), "'effectiveFrom'"),
        (lambda file: file["opens"].update(commitment_salt="0x" + "33" * 32), "'agreement'"),
        (lambda file: file["request"]["types"]["AgreementVersion"].pop(), "other types"),
        (lambda file: file["request"]["domain"].update(name="Else"), "another application"),
        (lambda file: file["request"].update(primaryType="Permit"), "no message that is signed here"),
        (lambda file: file["opens"].pop("document"), "what opens its digests"),
        (lambda file: file.update(format="another/1"), "no file of the format"),
        (lambda file: file["signers"][0].update(party="\x1b[2Jmcn"), "by no party"),
    ],
)
def test_a_request_that_does_not_fit_is_not_signed(
    folder: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    file = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    change(file)
    (tmp_path / "request.json").write_text(json.dumps(file), encoding="utf-8")
    ran = sign(folder, tmp_path / "request.json", tmp_path / "signature.json", "mcn", "--yes")
    assert (ran.code, told in ran.err) == (2, True), ran.err
    assert not (tmp_path / "signature.json").exists()


def test_another_document_another_key_and_a_file_that_is_there_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    text = AGREEMENT.read_text(encoding="utf-8")
    other.write_text(
        text.replace("agreement: head-streamer", "agreement: tail-streamer", 1), encoding="utf-8"
    )
    request, out = folder / "request.json", tmp_path / "signature.json"
    assert "another document" in sign(folder, request, out, "mcn", "--yes", "--agreement", other).err
    assert "is not for the key" in sign(folder, folder / "request.json", out, "stranger", "--yes").err
    out.write_text("kept", encoding="utf-8")
    assert "is there already" in sign(folder, folder / "request.json", out, "mcn", "--yes").err
    assert out.read_text(encoding="utf-8") == "kept"


def test_a_signature_file_of_another_request_is_refused(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "signature.json"
    assert sign(folder, folder / "request.json", out, "mcn", "--yes").code == 0
    given = json.loads(out.read_text(encoding="utf-8"))
    out.write_text(json.dumps(given | {"digest": "0x" + "44" * 32}), encoding="utf-8")
    data = Path(shutil.copytree(folder / "data", tmp_path / "data"))
    ran = tally(data, "agreement", "give", REF, "--file", out)
    assert (ran.code, "signature of another request" in ran.err) == (2, True)
    assert "give --file" in tally(data, "agreement", "give", REF, "--party", "mcn").err
    both = tally(data, "agreement", "give", REF, "--file", out, "--party", "brand")
    assert (both.code, "give it alone" in both.err) == (2, True), "the file says for whom"
    assert "such as head-streamer@1" in tally(data, "agreement", "give", "head-streamer", "--file", out).err


def test_an_exhibit_is_held_against_its_file(folder: Path, tmp_path: Path) -> None:
    evidence, out = tmp_path / "evidence.txt", tmp_path / "signature.json"
    evidence.write_bytes(b"seen")
    digest = "13c2d8d7bdd7cbcb2ef5d58c2d1ffee2d6cbd5d95ca7c42f55cc6ed9a9fae9c9"
    message = ExhibitMessage("D", "mcn", "document", "T", bytes.fromhex(digest), 4, "2026-01-01T00:00:00Z")
    request = tmp_path / "request.json"
    request.write_text(
        json.dumps(request_file(message.request(DOMAIN), {}, [{"party": "mcn"}])), encoding="utf-8"
    )
    ran = sign(folder, request, out, "mcn", "--yes", "--evidence", evidence)
    assert (ran.code, "'sha256'" in ran.err) == (2, True)
    ran = sign(folder, request, out, "mcn", "--yes")
    assert ran.code == 0
    assert "not checked" in ran.out


def test_a_settlement_and_an_account_are_held_against_what_opens_them(folder: Path, tmp_path: Path) -> None:
    settled = DisputeSettlement("D", "a@1", 1, "x -> y 1.00 CNY", bytes(32))
    paid = [{"source": "x", "target": "y", "amount": "1.00"}]
    opens = {"payments": paid, "words": "The rest\x1b[8m\nstays as it is.", "currency": "CNY"}
    account = PayeeAccount("mcn", "platform", 1, "••••1234", bytes(32), bytes(32))
    details = {"means": "bank", "holder": "Wang Er", "number": "99991234", "bank": "b", "bank_code": ""}
    told: list[tuple[Message, dict[str, Any]]] = [
        (settled, opens),
        (account, {"details": details, "salt": "0x" + "55" * 32}),
    ]
    for message, opening in told:
        request = tmp_path / "request.json"
        file = request_file(message.request(DOMAIN), opening, [{"party": "mcn"}])
        request.write_text(json.dumps(file), encoding="utf-8")
        ran = sign(folder, request, tmp_path / "signature.json", "mcn", "--yes")
        assert ran.code == 2
        assert "'terms'" in ran.err or "'commitment'" in ran.err
        opened = ("x -> y 1.00 CNY", "stays as it is") if message is settled else ("99991234", "Wang Er")
        assert all(one in ran.out for one in opened), "whoever signs a digest reads what it is of"
        assert "\x1b" not in ran.out
