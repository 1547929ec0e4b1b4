"""The trust file: which log keys and which signers the reader has got from where they trust it.

Text, one pin a line, `#` starts a comment: a C2SP verifier key (`name+hash+key`) pins a log key or, by its
type, a witness; `witnesses N` asks for that many of them; `party ID_OR_KEY 0xADDRESS` pins a signer by the
party's id, or by its key in the agreement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from verifier.notes import COSIGNATURE, Note, Vkey, parse_vkey
from verifier.report import Check, Fault, result


@dataclass(frozen=True, slots=True)
class Trust:
    """Pinned log keys, lower-case signer addresses by party, and pinned witnesses with how many must sign."""

    log_keys: tuple[Vkey, ...]
    signers: dict[str, str]
    witnesses: tuple[Vkey, ...] = ()
    witnesses_min: int = 0

    def require_signed(self, note: Note, origin: str, *, cosigners: bool) -> str:
        """Return the labels of the pinned keys that signed, or raise Fault.

        At least one pinned key must have signed, and each that did must hold; another key in the origin's
        name, as while keys overlap, is named and not read. Other names are refused, or, where `cosigners` are
        allowed, left unread.
        """
        pinned = {key.label: key for key in self.log_keys if key.name == origin}
        if not pinned:
            raise unpinned_log(note, origin)
        signed: list[str] = []
        unpinned: list[str] = []
        for signature in note.signatures:
            if cosigners and signature.name != origin:
                continue
            key = pinned.get(signature.label)
            if key is None and signature.name == origin:
                unpinned.append(signature.label)
                continue
            if key is None:
                raise Fault(f"signed by {signature.label}, another name", f"由他名 {signature.label} 签名")
            if not key.verifies(note.text, signature.signature):
                raise Fault(f"the signature of {key.label} is wrong", f"{key.label} 的签名不符")
            signed.append(key.label)
        if not signed and unpinned:
            raise Fault(
                f"signed by {', '.join(unpinned)}, but the trust file pins {', '.join(pinned)}",
                f"由 {', '.join(unpinned)} 签名,而信任文件固定的是 {', '.join(pinned)}",
            )
        if not signed:
            raise Fault(f"not signed by the log '{origin}'", f"没有日志 {origin} 的签名")
        return ", ".join([*signed, *(f"{label} (not pinned, not read)" for label in unpinned)])


def unpinned_log(note: Note, origin: str) -> Fault:
    """Return the fault of a log whose key the reader has not pinned."""
    named = ", ".join(signature.label for signature in note.signatures)
    return Fault(
        f"the keys of log '{origin}' are unpinned (signed by {named}): add its key to the trust file",
        f"日志 {origin} 的密钥未固定(签名者 {named}):请在信任文件中写入其公钥",
        unusable=True,
    )


def read_trust(text: str | None) -> tuple[Trust | None, Check]:
    """Return what a trust file pins, None where there is none that reads, and the check `trust` of it."""
    if text is None:
        en, zh = "no trust file given: keys are unpinned", "未提供信任文件:密钥未固定"
        return None, result("trust", "unusable", en, zh)
    try:
        pinned = parse_trust(text)
    except Fault as fault:
        return None, fault.as_check("trust")
    keys, signers = len(pinned.log_keys), len(pinned.signers)
    en, zh = f"pins {keys} log key(s) and {signers} signer(s)", f"固定 {keys} 个日志公钥、{signers} 个签署方"
    return pinned, result("trust", "holds", en, zh)


def parse_trust(text: str) -> Trust:
    """Read a trust file. Raises Fault (unusable), naming the line, for anything that is no pin."""
    keys: dict[str, Vkey] = {}
    signers: dict[str, str] = {}
    asked: list[int] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            _pin(line.partition("#")[0].split(), keys, signers, asked)
        except Fault as fault:
            raise Fault(
                f"line {number} of the trust file {fault.en}",
                f"信任文件第 {number} 行:{fault.zh}",
                unusable=True,
            ) from fault
    if not keys and not signers:
        raise Fault(
            "the trust file pins nothing: keys are unpinned", "信任文件为空:密钥未固定", unusable=True
        )
    logs = tuple(key for key in keys.values() if key.kind != COSIGNATURE)
    witnesses = tuple(key for key in keys.values() if key.kind == COSIGNATURE)
    wanted = max(asked, default=0)
    if wanted > len({key.public for key in witnesses}):
        raise Fault(
            f"the trust file asks for {wanted} witnesses and pins {len(witnesses)}",
            f"信任文件要求 {wanted} 个见证人,却只固定 {len(witnesses)} 个",
            unusable=True,
        )
    return Trust(logs, signers, witnesses, wanted)


def _pin(words: list[str], keys: dict[str, Vkey], signers: dict[str, str], asked: list[int]) -> None:
    if len(words) == 2 and words[0] == "witnesses" and re.fullmatch("[1-9][0-9]?", words[1]):
        asked.append(int(words[1]))
    elif len(words) == 3 and words[0] == "party":
        _pin_signer(signers, words[1], words[2])
    elif len(words) == 1:
        key = parse_vkey(words[0])
        keys[key.label] = key
    elif words:
        raise Fault("is neither a verifier key nor 'party NAME 0xADDRESS'", "既非日志公钥,也非 party 行")


def _pin_signer(signers: dict[str, str], party: str, address: str) -> None:
    if not re.fullmatch("0x[0-9a-fA-F]{40}", address):
        raise Fault(f"has no address of 20 bytes: {address[:60]}", f"地址格式有误:{address[:60]}")
    name = party.lower() if party.startswith("0x") else party
    if signers.setdefault(name, address.lower()) != address.lower():
        raise Fault(f"pins '{party}' to a second address", f"{party} 被固定为第二个地址")
