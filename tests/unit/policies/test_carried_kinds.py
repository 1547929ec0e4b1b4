"""A price promise and a share mean what they meant when code read them, before their kinds had files.

The golden file holds what each clause below expanded to then, and the digest of its canonical form. It is
never written again: documents were signed under it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from policies.agreement import Agreement
from policies.loading import agreement_from_canonical, load_agreement

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "carried-kinds.json"
SIGNED = {
    "head-streamer": ROOT / "examples" / "agreements" / "head-streamer.yaml",
    "agreement-v1": ROOT / "tests" / "golden" / "agreement-v1.yaml",
    "D01": ROOT / "examples" / "disputes" / "D01" / "agreement.yaml",
    "D05": ROOT / "examples" / "disputes" / "D05" / "agreement.yaml",
}

HOST = """\
language: 1
agreement: carried
version: 1
title: {zh: 沿用的条款, en: Clauses carried over}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: alliance
jurisdiction: CN
parties:
  platform: {role: platform, name: {zh: 平台, en: the platform}}
  brand: {role: merchant, name: {zh: 品牌方, en: the brand}}
  mcn: {role: mcn, name: {zh: 机构, en: the agency}}
payees:
  consumers: {name: {zh: 买家, en: the buyers}}
facts:
  paid: {type: money, of: order, text: {zh: 实付, en: amount paid}}
  live.price: {type: money, of: order, text: {zh: 直播价, en: price in the live room}}
  live.sku: {type: count, of: case, text: {zh: 直播间商品, en: item in the live room}}
  later.sku: {type: count, of: case, text: {zh: 其后商品, en: later item}}
  later.channel: {type: enum, options: [brand_store, brand_live, c1], of: case, text: {zh: 渠道, en: channel}}
  later.on: {type: date, of: case, text: {zh: 日期, en: day}}
  seen.item: {type: text, of: case, text: {zh: 所见商品, en: item seen}}
  our.item: {type: text, of: case, text: {zh: 本方商品, en: our item}}
  seen.where: {type: text, of: case, text: {zh: 所见渠道, en: where seen}}
  seen.day: {type: date, of: case, text: {zh: 所见日, en: day seen}}
  cheaper: {type: bool, of: case, text: {zh: 更便宜, en: cheaper}}
  gifts: {type: bool, of: case, text: {zh: 含赠品, en: with gifts}}
  seen.price: {type: money, of: case, text: {zh: 所见价, en: price seen}}
clauses:
  - id: "1.1"
    kind: commission
    text: {zh: 分佣。, en: The split.}
    whole: paid
    base: paid
    funding: [{from: consumers.payment, kind: order_payment, amount: paid, at: sale}]
    waterfall:
      - {leg: mcn_share, to: mcn.balance, amount: 10% * base, text: {zh: 机构, en: agency}}
      - {leg: rest, to: brand.balance, rest: true, text: {zh: 其余, en: rest}}
    rounding: {mode: half_up, at: line}
"""
WORDS = {"zh": "约定。", "en": "Agreed."}
SCOPE = {"channels": ["brand_store", "brand_live"], "until": "2026-11-11"}
OTHER = {
    "channels": ["c1"], "until": "2027-01-31", "promised_sku": "our.item", "observed_sku": "seen.item",
    "observed_channel": "seen.where", "observed_on": "seen.day",
}  # fmt: skip
FINE = {"id": "9.2", "kind": "fine", "from": "brand.balance", "to": "mcn.balance", "amount": "500.00"}
NOTED = {"id": "noted", "text": {"zh": "记录在案", "en": "It is noted"}}
PRICE = {"id": "9.1", "kind": "price_parity", "text": WORDS, "scope": SCOPE, "breach": {"when": "cheaper"}}
SHARE = {"id": "6.2", "kind": "share", "text": WORDS, "leg": "mcn_share", "from": "escrow",
         "to": "mcn.balance"}  # fmt: skip
CLAUSES: dict[str, dict[str, Any]] = {
    "price: nobody named, nothing follows": PRICE,
    "price: a comparison": {
        **PRICE, "breach": {"when": "seen.price < 10.00 or gifts"}, "holder": "brand", "toward": "mcn",
        "remedies": [FINE], "law": ["民法典585"],
    },
    "price: other facts": {**PRICE, "scope": OTHER, "remedies": [FINE], "effects": [NOTED]},
    "price: on days": {
        **PRICE, "valid_from": "2026-02-01", "valid_until": "2026-10-01", "remedies": [FINE],
    },
    "price: from a day, under a condition": {
        **PRICE, "scope": OTHER, "valid_from": "2026-02-01", "when": "gifts or seen.price > 1.00",
    },
    "price: until a day, with review and burden of proof": {
        **PRICE, "valid_until": "2026-10-01", "when": "gifts", "review_when": "seen.price > 9.00",
        "review_reason": WORDS, "presume": {"cheaper": "false"}, "needs_proof": ["cheaper"],
        "not_enforced": WORDS,
    },
    "price: each order": {
        **PRICE, "remedies": [{**{key: FINE[key] for key in ("kind", "from")}, "to": "consumers",
                               "each": "live.price", "for": "orders where paid > 0"}],
    },
    "price: many channels": {
        **PRICE, "scope": {**OTHER, "channels": [f"c{i}" for i in range(30)]},
    },
    "share: as is": SHARE,
    "share: with holder, condition and days": {
        **SHARE, "holder": "mcn", "toward": "platform", "when": "gifts", "valid_from": "2026-02-01",
        "valid_until": "2026-10-01", "law": ["民法典509"],
    },
    "share: with consequences of its own": {
        **SHARE, "remedies": [FINE], "effects": [NOTED], "figures": {"twice": {"value": "seen.price * 2"}},
    },
}  # fmt: skip


def agreement(name: str) -> Agreement:
    return load_agreement(f"{HOST}  - {json.dumps(CLAUSES[name], ensure_ascii=False)}\n", name=name)


_AROUND_A_NAME = re.compile(r"\(([a-z_.]+)\)")
"""Brackets around a single name, which mean nothing."""


def meaning(under: Agreement) -> dict[str, Any]:
    """Return what clauses of both kinds expand to, and the digest of the document that is signed."""
    clauses = [one for one in under.document.clauses if one.kind in {"price_parity", "share"}]
    expanded = {
        one.id: one.core().model_dump(mode="json", by_alias=True, exclude_none=True) for one in clauses
    }
    for core in expanded.values():
        core["when"] = _AROUND_A_NAME.sub(r"\1", core.get("when", ""))
    return {"core": expanded, "sha256": under.sha256}


def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", CLAUSES)
def test_a_clause_expands_and_is_signed_as_ever(name: str) -> None:
    under = agreement(name)
    assert meaning(under) == golden()[name]
    assert agreement_from_canonical(under.canonical, name=name) == under


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_document_expands_and_is_signed_as_ever(name: str) -> None:
    assert meaning(load_agreement(SIGNED[name].read_text(encoding="utf-8"), name=name)) == golden()[name]
