"""Whatever is sent and however keys change, no version stands without the signature of each who must sign.

The machine keeps its own account of whose key counts.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.hashing import ZERO_DIGEST, keccak256
from contracts.key_changes import KeyRecovery, KeyRevocation, KeyRotation
from contracts.signing import SigningKey
from contracts.termination import AgreementTermination
from contracts.typed_data import AgreementVersion, Domain
from tests.vyper.evm import MORE, boa, deploy, fresh_chain, refusal
from tests.vyper.vault_world import addresses

KEYS = tuple(SigningKey(bytes([n]) * 32) for n in range(1, 13))
SIGNERS, SPARE, RECOVERIES = KEYS[:3], KEYS[3:9], KEYS[9:]
HOLDER = {key.address: key for key in KEYS}
AGREEMENT = keccak256(b"agreement")
signers = st.sampled_from(SIGNERS)


@dataclass
class Keys:
    """Who signs for a signer, as the machine has it."""

    key: str
    number: int = 0
    recovery: str | None = None
    revoked: set[str] = field(default_factory=set)


class SignedVersions(RuleBasedStateMachine):
    """One agreement, three signers with spare keys and recoveries, and everything that may be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.leaving = ExitStack()
        self.leaving.enter_context(fresh_chain())
        self.versions: list[AgreementVersion] = []
        self.ended = False
        self.keys = {each.address: Keys(each.address) for each in SIGNERS}

    def teardown(self) -> None:
        self.leaving.close()

    @initialize()
    def begin(self) -> None:
        self.registry: Any = deploy("AgreementRegistry")
        self.domain = Domain(int(boa.env.evm.patch.chain_id), self.registry.address)

    def who_must(self, parties: tuple[str, ...]) -> list[str]:
        before = self.versions[-1].parties if self.versions else ()
        return [*parties, *(each for each in before if each not in parties)]

    @rule(
        parties=st.sets(signers, min_size=1),
        skip=st.sampled_from([0, 0, 0, 0, -1, 1]),
        superseding=st.sampled_from([True, True, True, False]),
        unsigned=st.sampled_from([None, None, None, 0, 1]),
        forged=st.sampled_from([None, None, None, 0, 1]),
    )
    def offer(
        self,
        *,
        parties: set[SigningKey],
        skip: int,
        superseding: bool,
        unsigned: int | None,
        forged: int | None,
    ) -> None:
        number = len(self.versions) + 1 + skip
        if number < 1:
            return
        last = self.versions[-1].commitment if self.versions else ZERO_DIGEST
        supersedes = last if superseding else keccak256(b"another")
        if (number == 1) != (supersedes == ZERO_DIGEST):
            return  # no such message can be made
        commitment = keccak256(f"{number} {sorted(each.address for each in parties)}".encode())
        version = AgreementVersion(AGREEMENT, number, commitment, supersedes, 0, addresses(*parties))
        must = self.who_must(version.parties)
        digest = version.digest(self.domain)
        signatures = [HOLDER[self.keys[each].key].sign(digest) for each in must]
        good = number == len(self.versions) + 1 and supersedes == last and not self.ended
        good = good and all(self.keys[each].key not in self.keys[each].revoked for each in must)
        if unsigned is not None and unsigned < len(must):
            del signatures[unsigned]
            good = False
        elif forged is not None and forged < len(must):
            stranger = next(each for each in SPARE if each.address not in {self.keys[e].key for e in must})
            signatures[forged] = stranger.sign(digest)
            good = False
        call = (*version.fields().values(), signatures)
        if good:
            assert self.registry.register(*call) == digest
            self.versions.append(version)
        else:
            assert refusal(self.registry.register, *call).startswith("agreement_registry: ")

    @precondition(lambda self: self.versions)
    @rule(missing=st.sampled_from([False, False, True]))
    def end(self, *, missing: bool) -> None:
        last = self.versions[-1]
        end = AgreementTermination(AGREEMENT, last.version, last.commitment, 1, ZERO_DIGEST)
        digest = end.digest(self.domain)
        signatures = [HOLDER[self.keys[each].key].sign(digest) for each in last.parties]
        usable = all(self.keys[each].key not in self.keys[each].revoked for each in last.parties)
        call = (*end.fields().values(), signatures[1:] if missing else signatures)
        if missing or self.ended or not usable:
            assert refusal(self.registry.terminate, *call).startswith("agreement_registry: ")
        else:
            self.registry.terminate(*call)
            self.ended = True

    def changer(self, keys: Keys, by: str) -> tuple[str, bool]:
        """Return who is said to change a signer's keys, and whether he may."""
        if by == "recovery":
            return keys.recovery or RECOVERIES[-1].address, keys.recovery is not None
        if by == "stranger":
            return SPARE[-1].address, SPARE[-1].address == keys.key and keys.key not in keys.revoked
        return keys.key, keys.key not in keys.revoked

    @rule(signer=signers, to=st.sampled_from(SPARE), by=st.sampled_from(["key", "recovery", "stranger"]))
    def rotate(self, signer: SigningKey, to: SigningKey, by: str) -> None:
        keys = self.keys[signer.address]
        changed_by, may = self.changer(keys, by)
        if keys.key == to.address:
            return
        rotation = KeyRotation(signer.address, keys.key, to.address, keys.number + 1)
        digest = rotation.digest(self.domain)
        call = (*rotation.fields().values(), changed_by, HOLDER[changed_by].sign(digest), to.sign(digest))
        if may and to.address not in keys.revoked:
            self.registry.rotate_key(*call)
            keys.key, keys.number = to.address, keys.number + 1
        else:
            assert refusal(self.registry.rotate_key, *call).startswith("agreement_registry: ")

    @rule(signer=signers, recovery=st.sampled_from(RECOVERIES), consents=st.booleans())
    def name_recovery(self, signer: SigningKey, recovery: SigningKey, *, consents: bool) -> None:
        keys = self.keys[signer.address]
        message = KeyRecovery(signer.address, recovery.address, keys.number + 1)
        digest = message.digest(self.domain)
        consent = HOLDER[keys.recovery].sign(digest) if keys.recovery and consents else b""
        call = (*message.fields().values(), HOLDER[keys.key].sign(digest), consent)
        fits = keys.recovery is None or (consents and keys.recovery != recovery.address)
        if fits and keys.key not in keys.revoked:
            self.registry.name_recovery(*call)
            keys.recovery, keys.number = recovery.address, keys.number + 1
        else:
            assert refusal(self.registry.name_recovery, *call).startswith("agreement_registry: ")

    @rule(signer=signers, by=st.sampled_from(["key", "recovery", "stranger"]))
    def revoke(self, signer: SigningKey, by: str) -> None:
        keys = self.keys[signer.address]
        changed_by, may = self.changer(keys, by)
        revocation = KeyRevocation(signer.address, keys.key, keys.number + 1)
        call = (*revocation.fields().values(), changed_by)
        signature = HOLDER[changed_by].sign(revocation.digest(self.domain))
        if may and keys.key not in keys.revoked:
            self.registry.revoke_key(*call, signature)
            keys.revoked.add(keys.key)
            keys.number += 1
        else:
            assert refusal(self.registry.revoke_key, *call, signature).startswith("agreement_registry: ")

    @invariant()
    def only_what_all_signed_stands_and_it_stands_unchanged(self) -> None:
        assert self.registry.latest_version(AGREEMENT) == len(self.versions)
        if not self.versions:
            return
        last = self.versions[-1]
        record = self.registry.version_record(AGREEMENT, last.version)
        assert (record.commitment, record.digest) == (last.commitment, last.digest(self.domain))
        read = [each.lower() for each in self.registry.version_parties(AGREEMENT, last.version)]
        assert read == [each.lower() for each in last.parties]
        for signer, keys in self.keys.items():
            assert self.registry.key_of(signer).lower() == keys.key.lower()


TestSignedVersions = SignedVersions.TestCase
TestSignedVersions.settings = settings(max_examples=5 * MORE, stateful_step_count=20)
