"""Makes evidence bundles for the tests without one line of the verifier: the second implementation.

Typed data is signed by eth-account, keccak is eth-hash's, canonical JSON is rfc8785's, and the tree is the
recursive definition of RFC 6962. What a test wants wrong it changes before `parts`, or before `seal`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak

from verifier import verify

PARTIES = ("brand", "mcn", "streamer")
REGISTRY = "0x00000000000000000000000000000000000000aA"


def canonical(value: Any) -> str:
    return rfc8785.dumps(value).decode()


SETTLEMENT = {
    "dispute": "string",
    "agreement": "string",
    "number": "uint256",
    "payments": "string",
    "terms": "bytes32",
}


def split_at(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return sha256(b"\x00" + leaves[0]).digest() if leaves else sha256().digest()
    k = split_at(len(leaves))
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    if len(leaves) < 2:
        return []
    k = split_at(len(leaves))
    if index < k:
        return [*path(leaves[:k], index), root(leaves[k:])]
    return [*path(leaves[k:], index - k), root(leaves[:k])]


def group(
    name: str, content: Any, readers: Sequence[str] = ("auditor",), postings: Sequence[Any] = ()
) -> str:
    told = {"content": content, "name": name, "postings": list(postings), "readers": sorted(readers)}
    return canonical(told)


def signature_by(party: str, account: Any, typed: Any) -> dict[str, str]:
    return {
        "address": account.address,
        "party": party,
        "public_key": "0x" + account._key_obj.public_key.to_bytes().hex(),
        "signature": "0x" + account.sign_message(typed).signature.hex().removeprefix("0x"),
    }


class LogKey:
    def __init__(self, seed: str, origin: str = "log.example") -> None:
        self.origin = origin
        self.private = Ed25519PrivateKey.from_private_bytes(sha256(seed.encode()).digest())
        self.public = b"\x01" + self.private.public_key().public_bytes_raw()
        self.hash = sha256(origin.encode() + b"\n" + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.origin}+{self.hash.hex()}+{base64.b64encode(self.public).decode()}"

    def line(self, text: str) -> str:
        blob = self.hash + self.private.sign(text.encode())
        return f"— {self.origin} {base64.b64encode(blob).decode()}\n"

    def note(self, text: str) -> str:
        return f"{text}\n{self.line(text)}"


class Maker:
    """A small deal: three parties, a log of ten entries, `orders` lines for the streamer, decision, query."""

    def __init__(self, seed: str = "honest", orders: int = 2) -> None:
        self.log = LogKey(seed)
        self.accounts = {key: Account.from_key(sha256(f"{seed}/{key}".encode()).digest()) for key in PARTIES}
        self.agreement: dict[str, Any] = {
            "agreement": "autumn-beauty",
            "currency": "CNY",
            "language": 1,
            "parties": {key: {"id": f"{key}-co", "signer": self.accounts[key].address} for key in PARTIES},
            "text": "佣金以实付为基数 – “commission”\n",
            "version": 1,
        }
        self.salt = sha256(b"salt").digest()
        self.supersedes = bytes(32)
        self.lines: list[dict[str, Any]] = [
            {
                "amount_minor": 3893 - 2 * n,
                "clause": "6.1",
                "entries": [1, 2] if n == 0 else [],
                "kind": "earned",
                "leg": "streamer_share",
                "line": "1",
                "order": f"A{n:07}",
            }
            for n in range(orders)
        ]
        self.statement: dict[str, Any] = {}
        self.decision: dict[str, Any] = {"amount_minor": 0, "outcome": "rejected"}
        self.posted_by_decision: list[dict[str, Any]] = []
        self.signed_entry: dict[str, Any] = {}
        self.cited_order = "A0000000"
        self.row: dict[str, Any] = {}
        self.posted: dict[str, Any] = {}
        self.found: dict[str, Any] = {}
        self.leaver: Any = None
        self.registered: dict[str, Any] | None = None
        self.sealed: dict[str, Any] | None = None
        self.anchor: dict[str, Any] = {"chain": {"chain_id": 1337, "kind": "embedded"}}

    @property
    def trust(self) -> str:
        pins = [f"party {key}-co {self.accounts[key].address}" for key in PARTIES]
        return "\n".join(["# pinned by hand", self.log.vkey, *pins, ""])

    def signing(self) -> dict[str, Any]:
        data = canonical(self.agreement).encode()
        signers = sorted(account.address for account in self.accounts.values())
        message = {
            "agreement": keccak(self.salt + self.agreement["agreement"].encode()),
            "version": self.agreement["version"],
            "commitment": keccak(self.salt + keccak(data)),
            "supersedes": self.supersedes,
            "effectiveFrom": 1_790_000_000,
            "parties": sorted(signers, key=str.lower),
        }
        domain = {"name": "Tallystick", "version": "1", "chainId": 1337, "verifyingContract": REGISTRY}
        kinds = ("bytes32", "uint256", "bytes32", "bytes32", "uint64", "address[]")
        fields = [{"name": name, "type": kind} for name, kind in zip(message, kinds, strict=True)]
        typed = encode_typed_data(domain, {"AgreementVersion": fields}, message)
        left = [signature_by("", self.leaver, typed)] if self.leaver else []
        return {
            "chain_id": 1337,
            "commitment_salt": "0x" + self.salt.hex(),
            "effective_from": 1_790_000_000,
            "registry": REGISTRY,
            "leaving": left,
            "signatures": [signature_by(key, one, typed) for key, one in sorted(self.accounts.items())],
            "supersedes": "0x" + self.supersedes.hex(),
        }

    def settle(self, *signers: str, **changed: Any) -> None:
        """Have two parties settle by consent; `changed` is what they sign otherwise than is decided."""
        payments = [
            {"source": "brand.balance", "target": "streamer.balance", "amount": "1_200.50"},
            {"source": "brand.deposit", "target": "consumers", "amount": "3"},
        ]
        domain = {"name": "Tallystick", "version": "1", "chainId": 1337, "verifyingContract": REGISTRY}
        signed: dict[str, Any] = {"payments": payments, "words": "so be it"} | changed.pop("terms", {})
        told = [f"{one['source']} -> {one['target']} {one['amount']} CNY" for one in signed["payments"]]
        message: dict[str, Any] = {"dispute": "D-1", "agreement": "autumn-beauty@1", "number": 2}
        message |= {
            "payments": "\n".join(told),
            "terms": sha256(canonical(signed).encode()).digest(),
        } | changed
        fields = [{"name": name, "type": kind} for name, kind in SETTLEMENT.items()]
        typed = encode_typed_data(domain, {"DisputeSettlement": fields}, message)
        signatures = [
            {"side": side, **signature_by("", self.accounts[key], typed)}
            for side, key in zip(("claimant", "respondent"), signers or ("streamer", "brand"), strict=True)
        ]
        self.decision = {
            "agreement": "autumn-beauty@1", "currency": "CNY", "dispute": "D-1", "outcome": "agreed",
            "settlement": {
                "chain_id": 1337, "offer": 2, "payments": payments, "registry": REGISTRY,
                "signatures": signatures, "words": "so be it",
            },
        }  # fmt: skip
        moved = [("brand-co.balance", -120_050), ("streamer-co.balance", 120_050), ("brand-co.deposit", -300),
                 ("consumers.balance", 300)]  # fmt: skip
        self.posted_by_decision = [
            {"account": account, "agreement": "autumn-beauty", "amount_minor": amount, "currency": "CNY"}
            for account, amount in moved
        ]

    def statement_group(self, texts: Sequence[str]) -> str:
        total: int = sum(line["amount_minor"] for line in self.lines)
        row = {"clause": "6.1", "kind": "earned", "leg": "streamer_share"}
        content = {
            "adjustments": [{"amount_minor": -93, "reason": "slot fee"}],
            "closing_minor": 100 + total - 93,
            "currency": "CNY",
            "lines": {"count": len(texts), "root": root([text.encode() for text in texts]).hex()},
            "opening_minor": 100,
            "party": "streamer-co",
            "totals": [{**row, "amount_minor": total, "lines": len(texts)}] if texts else [],
        }
        return group("statement", content | self.statement, ["streamer-co"])

    def asked_rows(self) -> list[dict[str, Any]]:
        """A row of each kind that an answer can have, copied by hand from the entries below."""
        times = {"occurred_at": "2026-09-01T10:00:00Z", "recorded_at": "2026-09-01T10:00:01.000000Z"}
        facts = {"line": "1", "order": self.cited_order, "paid": "299.00"}
        header = {"agreement": "autumn-beauty@1", "asserter": "brand-co", "source": "orders"}
        shown = {"content": facts, "name": "order", "position": 0, "postings": []}
        told = [
            {**times, "event": event, "facts": facts, "position": 0, "seq": seq, "source": "orders"}
            for seq, event in ((1, "sale"), (2, "receipt"))
        ]
        order = {
            "agreement": "autumn-beauty@1",
            "line": "1",
            "order": self.cited_order,
            "seq": 1,
            "told": told,
        }
        entry = {**header, **times, "groups": [shown], "id": "e2", "kind": "receipt.confirmed", "seq": 2}
        posting = {
            "account": "mcn-co.balance", "agreement": "autumn-beauty", "amount_minor": -5, "clause": "7.2",
            "currency": "CNY", "kind": "fee",
        }  # fmt: skip
        posted = {**times, "entry_kind": "data.shared", "n": 0, "position": 0, "posting": posting, "seq": 3}
        return [order, entry, posted]

    def asked(self) -> tuple[str, str, str]:
        """What a query asked, what it found, and its rows, as parts."""
        order, entry, posted = self.asked_rows()
        rows = [order | self.row, entry, posted | self.posted]
        texts = [canonical(row) for row in rows]
        answer = "".join(f"{text}\n" for text in texts)
        question = {"question": {"of": "entries"}, "query": "Q-1", "root": "ab" * 32, "size": 9}
        marks = [{"entries": [row["seq"]], "mark": sha256(text.encode()).hexdigest()[:16]}
                 for row, text in zip(rows, texts, strict=True)]  # fmt: skip
        found = {"digest": sha256(answer.encode()).hexdigest(), "query": "Q-1", "rows": marks}
        return group("case", question), group("query", found | self.found), answer

    def entries(self, statement: str, decision: str) -> list[tuple[str, list[str]]]:
        signed = {"sha256": sha256(canonical(self.agreement).encode()).hexdigest(), "version": 1}
        concerns = group("concerns", {"parties": ["brand-co", "streamer-co"]})
        order = group("order", {"line": "1", "order": self.cited_order, "paid": "299.00"})
        asked, found, _ = self.asked()
        fee = canonical({**json.loads(group("fee", {})), "postings": [self.asked_rows()[2]["posting"]]})
        return [
            ("agreement.signed", [group("agreement", signed | self.signed_entry), concerns]),
            ("sale.recorded", [order, group("buyer", {"buyer": "b-77"}), concerns]),
            ("receipt.confirmed", [order, concerns]),
            ("data.shared", [fee, concerns]),
            ("statement.issued", [statement, concerns]),
            ("dispute.decided", [decision, concerns]),
            *[("sale.recorded", [order, concerns])] * 3,
            ("dispute.query_saved", [asked, found, concerns]),
            *self.registration(signed),
            *self.seal_of_chain(),
        ]

    def registration(self, signed: dict[str, Any]) -> list[tuple[str, list[str]]]:
        if self.registered is None:
            return []
        where = {"block": 7, "chain_id": 1337, "chain_kind": "rpc", "registry": REGISTRY}
        told = signed | where | {"transaction": "0x" + "ab" * 32} | self.registered
        concerns = group("concerns", {"parties": ["brand-co", "streamer-co"]})
        return [("agreement.registered", [group("registration", told), concerns])]

    def seal_of_chain(self) -> list[tuple[str, list[str]]]:
        if self.sealed is None:
            return []
        told = {"block": 9, "chain_id": 1337, "hash": "0x" + "cd" * 32, "kind": "embedded"} | self.sealed
        return [("chain.sealed", [group("seal", told), group("concerns", {"parties": []})])]

    def parts(self) -> dict[str, str]:
        lines = [canonical(line) for line in self.lines]
        statement = self.statement_group(lines)
        decision = group("decision", self.decision, postings=self.posted_by_decision)
        records, leaves = [], []
        for seq, (kind, groups) in enumerate(self.entries(statement, decision)):
            salts = [sha256(f"{seq}/{n}".encode()).digest() for n in range(len(groups))]
            pairs = zip(salts, groups, strict=True)
            hashes = [sha256(b"tallystick/commitment/v1\x00" + s + g.encode()).hexdigest() for s, g in pairs]
            leaf: dict[str, Any] = {
                "agreement": "autumn-beauty@1",
                "format": "tallystick/leaf/v1",
                "groups": hashes,
            }
            leaf |= {"kind": kind, "seq": seq, "source": "orders", "id": f"e{seq}", "asserter": "brand-co"}
            leaf |= {"occurred_at": "2026-09-01T10:00:00Z", "recorded_at": "2026-09-01T10:00:01.000000Z"}
            leaves.append(canonical(leaf).encode())
            shown: list[dict[str, Any]] = [
                {"opened": text, "position": n, "salt": salts[n].hex()} for n, text in enumerate(groups)
            ]
            shown[-1] = {"position": len(groups) - 1, "withheld": True}
            if seq == 1:
                shown[1] = {"by_seq": 8, "erased": True, "position": 1}
            records.append({"groups": shown, "leaf": leaves[-1].decode(), "seq": seq})
        for seq, record in enumerate(records):
            record["proof"] = [base64.b64encode(node).decode() for node in path(leaves, seq)]
        anchor = {"block": 7, "contract": REGISTRY, "root": root(leaves).hex(), "size": len(leaves)}
        top = base64.b64encode(root(leaves)).decode()
        asked, found, answer = self.asked()
        return {
            "agreement.json": canonical(self.agreement),
            "anchor.json": canonical(anchor | {"transaction": "0x" + "ab" * 32} | self.anchor),
            "checkpoint.txt": self.log.note(f"{self.log.origin}\n{len(leaves)}\n{top}\n"),
            "answer.ndjson": answer,
            "decision.json": decision,
            "entries.json": canonical([records[seq] for seq in (0, 1, 2, 3, 4, 5, *range(9, len(records)))]),
            "found.json": found,
            "lines.ndjson": "".join(f"{line}\n" for line in lines),
            "query.json": asked,
            "signing.json": canonical(self.signing()),
            "statement.json": statement,
        }

    def seal(self, parts: dict[str, str]) -> bytes:
        rows = [
            f"{sha256(text.encode()).hexdigest()} {len(text.encode())} {name}\n"
            for name, text in sorted(parts.items())
        ]
        manifest = self.log.note("".join(["tallystick/bundle/v1\n", f"{self.log.origin}\n", *rows]))
        return pack(manifest, parts)

    def bundle(self) -> bytes:
        return self.seal(self.parts())


def pack(manifest: str, parts: dict[str, str]) -> bytes:
    return (
        canonical({"format": "tallystick/bundle/v1", "manifest": manifest, "parts": parts}) + "\n"
    ).encode()


def edited(text: str, /, **changes: Any) -> str:
    """Return a JSON object's canonical text with members changed."""
    return canonical(json.loads(text) | changes)


def failing(maker: Maker, parts: dict[str, str] | None = None) -> set[tuple[str, str | None]]:
    """Return (check, part) of what fails in a bundle that the log's own key has sealed."""
    report = verify(maker.seal(maker.parts() if parts is None else parts), maker.trust)
    assert report.exit_code == 1
    return {(check.name, check.part) for check in report.checks if check.ok is False}
