"""Signed transactions: made here from a key, a nonce and fees, the same bytes for every kind of chain.

A chain says which nonce, how much gas and what fees (chain.py); what is signed is known, hash and all, before
it is sent, so that whoever sends can keep it first and send the very same again. Only the fee-market form
is made (EIP-1559 in an EIP-2718 envelope, type 2), without an access list and without value: nothing is paid
through our contracts.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.addresses import address_bytes, address_from_bytes
from contracts.errors import ChainRefused, SignatureRefused
from contracts.hashing import keccak256
from contracts.signing import SigningKey, recover_signer

DYNAMIC_FEE = b"\x02"
"""The envelope's type byte of a fee-market transaction (EIP-1559)."""


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction offers, in wei a unit of gas: at most `most`, of it `tip` to the block's maker."""

    most: int
    tip: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a transaction says beside its call: its chain, its place among its sender's, gas, and fees."""

    chain_id: int
    nonce: int
    gas: int
    fees: Fees


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction ready to be sent: its bytes, its hash (0x hex), its sender and its terms."""

    raw: bytes
    transaction: str
    sender: str
    terms: Terms


def sign_transaction(to: str | None, data: bytes, terms: Terms, *, key: SigningKey) -> SignedTransaction:
    """Sign a call, or a deployment where `to` is None. The same arguments give the same bytes."""
    import rlp  # type: ignore[import-untyped]  # noqa: PLC0415  (what readers of a chain need not pay)

    target = address_bytes(to) if to else b""
    offered = [terms.fees.tip, terms.fees.most, terms.gas]
    fields = [terms.chain_id, terms.nonce, *offered, target, 0, data, []]
    signature = key.sign(keccak256(DYNAMIC_FEE + rlp.encode(fields)))
    r, s, odd = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64] - 27
    raw = DYNAMIC_FEE + rlp.encode([*fields, odd, r, s])
    return SignedTransaction(raw, "0x" + keccak256(raw).hex(), key.address, terms)


def read_transaction(raw: bytes) -> SignedTransaction:
    """Read a signed transaction back from its bytes; raises ChainRefused where they are none of this form."""
    import rlp  # noqa: PLC0415  (as above)
    from rlp.exceptions import RLPException  # type: ignore[import-untyped]  # noqa: PLC0415  (as above)

    if raw[:1] != DYNAMIC_FEE:
        raise ChainRefused("it is no fee-market transaction (EIP-1559, type 2)")
    try:
        fields = rlp.decode(raw[1:])
        chain_id, nonce, tip, most, gas = (int.from_bytes(each) for each in fields[:5])
        odd, r, s = (int.from_bytes(each) for each in fields[9:])
        signature = r.to_bytes(32) + s.to_bytes(32) + bytes([27 + odd])
        signed = DYNAMIC_FEE + rlp.encode(fields[:9])
        sender = recover_signer(keccak256(signed), signature).address
    except (RLPException, SignatureRefused, ValueError, TypeError, OverflowError) as fault:
        raise ChainRefused(f"its bytes are no signed transaction: {fault}") from fault
    terms = Terms(chain_id, nonce, gas, Fees(most, tip))
    return SignedTransaction(raw, "0x" + keccak256(raw).hex(), sender, terms)


def created_address(sender: str, nonce: int) -> str:
    """Return the address of the contract that an account's deployment with this nonce makes (CREATE)."""
    import rlp  # noqa: PLC0415  (as above)

    return address_from_bytes(keccak256(rlp.encode([address_bytes(sender), nonce])))
