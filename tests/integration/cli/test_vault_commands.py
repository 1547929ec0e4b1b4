"""A deposit held by a contract, from the plan to what a payee fetches, on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from api.office.chain_worker.kept import lease
from api.office.chain_worker.work import work
from contracts.contract import Contract
from contracts.keystore import SCRYPT_LIGHT, write_keystore
from contracts.signing import SigningKey
from policies.loading import load_agreement
from tests.command_line import EXAMPLES, Ran, office_at, tally
from tests.signing import sign_by_all
from tests.vyper.tokens import token

DOCUMENT = EXAMPLES / "agreements/deposit-vault.yaml"
SEATS = ("--arbiter", "first_arbiter", "--arbiter", "second_arbiter", "--reviewer", "reviewer")


@dataclass(frozen=True)
class Deal:
    data: Path
    coin: str
    address: str

    def run(self, *arguments: str | Path) -> Ran:
        return tally(self.data, "vault", *arguments)

    def acting(self, party: str) -> tuple[str | Path, ...]:
        return (
            "--as",
            party,
            "--keystore",
            self.data / f"{party}.json",
            "--password-file",
            self.data / "password",
        )

    def signed(self, request: Path, party: str) -> Path:
        out = request.with_suffix(f".{party}.json")
        keystore = ("--keystore", self.data / f"{party}.json", "--password-file", self.data / "password")
        done = tally(self.data, "sign", request, *keystore, "--out", out, "--yes")
        assert done.code == 0, done.err
        return out


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory) -> Deal:
    data = tmp_path_factory.mktemp("vault") / "data"
    agreement = load_agreement(DOCUMENT.read_text("utf-8"), name=DOCUMENT.name)
    keys = {party: SigningKey(bytes([n]) * 32) for n, party in enumerate(agreement.parties, 1)}
    with office_at(data) as office:
        sign_by_all(office, agreement, keys)
        work(office)
        made = token("OddToken")
        coin = office.chain.deploy(made.code, key=office.chain_key).contract
        assert coin is not None
        Contract.open(office.chain, made, coin).write(
            "mint", keys["brand"].address, 10**12, key=office.chain_key
        )
    (data / "password").write_text("a password", "utf-8")
    for party, key in keys.items():
        write_keystore(data / f"{party}.json", key, "a password", work_factor=SCRYPT_LIGHT)
    opened = tally(
        data, "vault", "open", "deposit-vault", "--clause", "8.1", "--token", coin, *SEATS, "--json"
    )
    assert opened.code == 0, opened.err
    return Deal(data, coin, opened.json["vault"])


def test_the_plan_of_a_document_is_read_before_anything_is_made(tmp_path: Path) -> None:
    shown = tally(tmp_path, "vault", "plan", DOCUMENT, "--clause", "8.1", *SEATS)
    assert (shown.code, shown.out) == (0, PLAN)
    assert (
        tally(tmp_path, "vault", "plan", DOCUMENT, "--clause", "8.2", "--json").json["cap_minor"] == 2_000_000
    )
    refused = tally(tmp_path, "vault", "plan", DOCUMENT, "--clause", "9.1")
    assert refused.code == 2
    assert "here those are 8.1, 8.2 [vault.not-compiled]" in refused.err


PLAN = """\
deposit-vault@1 clause 8.1: in the place of brand.deposit, put up by brand
  goes back 91 days after the registry has the agreement ended
  rulings by first_arbiter, second_arbiter, to brand, platform, streamer, capped at 50000.00 CNY
  drawn 11 days later; appeals to reviewer
  not done here: interest on what goes back late is not paid
"""


def test_what_all_parties_sign_is_let_go_and_fetched(deal: Deal, tmp_path: Path) -> None:
    assert deal.run("put-in", deal.address, "500.00", *deal.acting("brand")).code == 0
    request = tmp_path / "release.json"
    prepared = deal.run("prepare-release", deal.address, "--pay", "streamer=300.00", "-o", request)
    assert prepared.out == (
        f"{request}: a VaultRelease for streamer, brand, platform to sign: tallystick sign {request}\n"
    )
    signatures = [deal.signed(request, party) for party in ("platform", "brand", "streamer")]
    short = deal.run("send", deal.address, request, *signatures[:2])
    assert short.code == 2
    assert "deposit_vault: signature missing" in short.err
    assert deal.run("send", deal.address, request, *signatures).out.startswith("sent: transaction 0x")
    shown = deal.run("show", deal.address)
    assert "  held         200.000000 CNY\n" in shown.out
    assert "  owed to streamer             300.000000 CNY\n" in shown.out
    assert deal.run("withdraw", deal.address, *deal.acting("streamer")).code == 0
    told = deal.run("show", deal.address, "--json").json
    assert (told["held"], told["owed"]["streamer"], told["payer"]) == ("200000000", "0", "brand")


def test_who_sends_by_the_operators_key_waits_for_the_chain_worker(
    deal: Deal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.office.chain_worker.turn.WAIT_SECONDS", 0.0)
    request = tmp_path / "release.json"
    assert deal.run("prepare-release", deal.address, "--pay", "streamer=1.00", "-o", request).code == 0
    given = deal.signed(request, "brand")
    acts: list[tuple[str | Path, ...]] = [
        ("release",), ("draw", "0x" + "ab" * 32), ("send", request, given)
    ]  # fmt: skip
    with office_at(deal.data) as office, lease(office):
        for act, *rest in acts:
            ran = deal.run(act, deal.address, *rest)
            assert (ran.code, "[chain.busy]" in ran.err) == (2, True), ran.err
            assert "tallystick chain status" in ran.err


def test_what_a_vault_does_not_do_yet_is_refused_with_its_words(deal: Deal, tmp_path: Path) -> None:
    def words(*arguments: str | Path) -> str:
        ran = deal.run(*arguments)
        assert ran.code == 2, ran.out
        return ran.err

    ruling, out = "0x" + "ab" * 32, tmp_path / "asked.json"
    assert "deposit_vault: nothing to release" in words("release", deal.address)
    assert "deposit_vault: nothing to draw" in words("draw", deal.address, ruling)
    assert "deposit_vault: not open to appeal" in words("appeal", deal.address, ruling, *deal.acting("brand"))
    contest = ("contest", deal.address, "D-1", "1.00")
    assert "deposit_vault: payer contests nothing" in words(*contest, *deal.acting("brand"))
    assert "dispute.unknown" in words("prepare-ruling", deal.address, "D-1", "-o", out)
    assert "64 hexadecimal digits" in words("draw", deal.address, "not a key")
    assert "WHO=AMOUNT" in words("prepare-release", deal.address, "--pay", "streamer", "-o", out)
    assert "vault.unknown" in words("show", "0x" + "11" * 20)


def test_vaults_are_listed_and_what_the_reviewers_sign_is_prepared(deal: Deal, tmp_path: Path) -> None:
    assert deal.run("list").out.startswith(
        f"{deal.address}  deposit-vault@1 clause 8.1  brand.deposit (entry "
    )
    assert deal.run("list", "--json").json[0]["token"] == deal.coin
    out = tmp_path / "appeal.json"
    prepared = deal.run("prepare-appeal", deal.address, "0x" + "ab" * 32, "--overturned", "-o", out)
    assert prepared.out.startswith(f"ruling 0x{'ab' * 32}\n{out}: a VaultAppealDecision for reviewer to sign")
    assert tally(tmp_path, "vault", "list").out == "there are no vaults\n"
