"""The chain as operators see it, and the API going on whatever the chain does."""

from __future__ import annotations

import dataclasses
import re
from typing import NoReturn

import pytest
from litestar.routes import HTTPRoute

from api.office.agreements import held, version_to_sign
from api.office.chain_worker.work import work
from api.office.sealing import sealed_checkpoint
from contracts.errors import FundsMissing
from contracts.signing import SigningKey
from tests.integration.api.conftest import Door
from tests.world import EXAMPLES, PARTIES, STATEMENTS

HTML = {"accept": "text/html"}


class Hanging:
    """A chain that must not be asked: whatever is wanted of it would wait for ever."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"a request asked the chain for its {name}")

    def close(self) -> None:
        """Be closed with the office."""


@pytest.fixture
def hanging(door: Door) -> Door:
    for name in ("chain", "registry", "anchor"):
        door.office.__dict__[name] = Hanging()
    return door


def concrete(door: Door, path: str) -> str:
    named = {
        "agreement": "head-streamer", "statement": STATEMENTS["mcn"], "dispute": door.world.d01,
        "case": door.world.d01, "code": "internal", "version": "1", "ref": "head-streamer@1",
    }  # fmt: skip
    return re.sub(r"\{(\w+):?\w*\}", lambda m: named.get(m[1], "1"), path)


def test_every_page_and_answer_is_given_while_the_chain_hangs(hanging: Door) -> None:
    asked = 0
    for route in hanging.app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            if "GET" not in handler.http_methods:
                continue
            answer = hanging.client.get(concrete(hanging, route.path), headers=hanging.as_("platform"))
            assert answer.status_code < 500, (route.path, answer.text[:300])
            asked += 1
    assert asked > 150


def test_a_version_is_signed_settled_and_sealed_while_the_chain_hangs(hanging: Door) -> None:
    def post(who: str, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
        answer = hanging.client.post(f"/v1/{path}", json=body, headers=hanging.as_(who))
        assert answer.status_code == 201, answer.text
        found: dict[str, object] = answer.json()
        return found

    keys = {party: SigningKey.generate() for party in PARTIES}
    text = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
    document = text.replace("agreement: head-streamer", "agreement: second-season")
    signers = {party: key.address for party, key in keys.items()}
    post("platform", "agreements", {"document": document, "signers": signers})
    version = version_to_sign(hanging.office, held(hanging.office, "second-season@1"))
    for party, key in keys.items():
        signature = "0x" + key.sign(version.digest(hanging.office.domain)).hex()
        post(party, "agreements/second-season/1/signatures", {"party": party, "signature": signature})
    assert held(hanging.office, "second-season@1").is_signed
    post("platform", "settlements", {"agreement": "head-streamer", "until": "2026-03-20"})
    assert post("operator", "checkpoints")["anchors"] == []
    waiting = hanging.client.get("/v1/chain", headers=hanging.as_("operator")).json()
    assert waiting["standing"] == "working"
    assert {(one["what"], one["state"]) for one in waiting["tasks"]} == {
        ("register", "to_send"),
        ("anchor", "to_send"),
    }


@pytest.mark.parametrize("who", ["operator", "auditor"])
def test_operators_and_auditors_see_how_the_chain_is_getting_on(door: Door, who: str) -> None:
    shown = door.client.get("/v1/chain", headers=door.as_(who)).json()
    assert (shown["standing"], shown["tasks"], shown["fault"]) == ("idle", [], None)
    assert shown["registry"] == door.office.domain.contract
    assert shown["anchored"] > 0
    assert shown["seen"]["kind"] == "embedded"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_block_that_the_log_sealed_last_is_shown(door: Door, lang: str) -> None:
    sealed_checkpoint(door.office)
    sealed = door.client.get("/v1/chain", headers=door.as_("operator")).json()["sealed"]
    assert sealed["block_hash"] == door.office.chain.block(sealed["block"]).block_hash
    text = door.client.get(f"/chain?lang={lang}", headers=HTML | door.as_("operator")).text
    assert {"en": "Sealed in the record up to", "zh": "已封存至"}[lang] in text


@pytest.mark.parametrize("who", ["platform", "mcn", "arbiter", "outsider"])
def test_nobody_else_does(door: Door, who: str) -> None:
    for path in ("/v1/chain", "/chain"):
        assert door.client.get(path, headers=door.as_(who)).status_code == 403
    assert 'href="/chain"' not in door.client.get("/log", headers=HTML | door.as_(who)).text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_what_holds_it_up(door: Door, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calm = door.client.get(f"/chain?lang={lang}", headers=HTML | door.as_("operator"))
    assert calm.status_code == 200
    assert {"en": "Nothing waits.", "zh": "没有待办事项"}[lang] in calm.text
    door.client.post("/v1/checkpoints", headers=door.as_("operator"))

    def refuse(*_: object, **__: object) -> NoReturn:
        raise FundsMissing("it holds 0 wei", where="0xabc")

    monkeypatch.setattr(type(door.office.chain), "prepare", refuse)
    assert work(door.office).fault is not None
    text = door.client.get("/chain", headers=HTML | door.as_("operator")).text
    assert "chain.funds" in text
    assert {"en": "account that sends to the chain cannot pay", "zh": "上链发送账户余额不足"}[lang] in text
    assert {"en": "held up", "zh": "受阻"}[lang] in text
    assert {"en": "Anchor the log at", "zh": "锚定日志前"}[lang] in text
    assert 'href="/chain"' in text


def test_a_chain_without_contracts_is_said_and_keeps_no_page_from_showing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = dataclasses.replace(door.office.settings.chain, url="http://127.0.0.1:9", chain_id=5)
    monkeypatch.setattr(door.office, "settings", dataclasses.replace(door.office.settings, chain=chain))
    shown = door.client.get("/v1/chain", headers=door.as_("operator")).json()
    assert (shown["standing"], shown["registry"], shown["chain_id"]) == ("held_up", None, 5)
    assert shown["fault"]["code"] == "chain.contract-unknown"
    assert door.client.get("/chain", headers=HTML | door.as_("operator")).status_code == 200
    refused = door.client.get("/v1/agreements/head-streamer/1/signing-request", headers=door.as_("mcn"))
    assert refused.json()["code"] == "chain.contract-unknown"
