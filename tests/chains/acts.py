"""Things to do with the four contracts, good and bad, drawn from dice: for chains that must agree on each.

Most are refused by the contract, which is as good to compare. Not a test of what the contracts do.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.artifacts import load_artifact
from contracts.contract import call_data
from contracts.hashing import keccak256
from contracts.key_changes import KeyRecovery, KeyRevocation, KeyRotation
from contracts.signing import CURVE_ORDER, SigningKey
from contracts.split_plan import compile_split
from contracts.splitter import line_cells
from contracts.termination import AgreementTermination
from contracts.typed_data import AgreementVersion
from contracts.vault_terms import VaultAppealDecision, VaultRelease, VaultRuling, VaultTerms, ascending
from tests.chains.twins import Twins
from tests.splitter_lines import everything, random_lines
from tests.vyper.tokens import token

KEYS = tuple(SigningKey(bytes([n]) * 32) for n in range(1, 7))
ARBITERS = tuple(SigningKey(bytes([n]) * 32) for n in range(11, 14))
DAY = 86_400
ZERO = bytes(32)
REGISTRY, ANCHOR, SPLITTER, VAULT = (
    load_artifact(name)
    for name in ("AgreementRegistry", "LedgerAnchor", "CommissionSplitter", "DepositVault")
)


def by_address(keys: tuple[SigningKey, ...]) -> tuple[SigningKey, ...]:
    """Return keys in the order in which contracts want their signatures."""
    return tuple(sorted(keys, key=lambda key: int(key.address, 16)))


@dataclass
class Acts:
    """The contracts on both chains, and what is remembered so that some of what is tried is right."""

    twins: Twins
    dice: random.Random
    registry: str
    anchor: str
    splitter: str
    versions: dict[int, AgreementVersion] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    token: str = ""
    vault: str = ""
    terms: VaultTerms | None = None
    releases: int = 0

    @classmethod
    def begin(cls, twins: Twins, seed: int) -> Acts:
        """Deploy registry, anchor and splitter."""
        registry, anchor, splitter = (twins.deploy(each, KEYS[0]) for each in (REGISTRY, ANCHOR, SPLITTER))
        return cls(twins, random.Random(seed), registry, anchor, splitter)

    def found_vault(self) -> None:
        """Register an agreement between three and deploy a vault of it, over a token of the tests."""
        version = self.register(100, wrong=False, parties=KEYS[:3])
        odd = token("OddToken")
        self.token = self.twins.deploy(odd, KEYS[0])
        self.terms = VaultTerms(
            token=self.token, registry=self.registry, agreement=version.agreement, version=1,
            payer=KEYS[0].address, payees=ascending({KEYS[0].address, KEYS[1].address}),
            arbiters=ascending({each.address for each in ARBITERS}), quorum=2,
            reviewers=(KEYS[5].address,), review_quorum=1, cap=5_000, hold_seconds=30 * DAY, after_end=False,
            appeal_seconds=10 * DAY, review_seconds=20 * DAY, contest_seconds=15 * DAY,
        )  # fmt: skip
        self.vault = self.twins.deploy(VAULT, KEYS[0], self.terms.encoded())
        for key in KEYS[:2]:
            self.twins.do(odd, self.token, "mint", (key.address, 10**6), KEYS[0])
            self.twins.do(odd, self.token, "approve", (self.vault, 10**6), key)

    def register(
        self, number: int, *, wrong: bool, parties: tuple[SigningKey, ...] | None = None
    ) -> AgreementVersion:
        """Register the next version of one of some agreements, with a fault where it is to be `wrong`."""
        dice = self.dice
        before = self.versions.get(number)
        chosen = parties or tuple(dice.sample(KEYS, dice.randint(1, 3)))
        version = AgreementVersion(
            agreement=keccak256(b"agreement %d" % number),
            version=before.version + 1 if before else 1,
            commitment=keccak256(dice.randbytes(8)),
            supersedes=before.commitment if before else ZERO,
            effective_from=dice.randint(0, 2**33),
            parties=ascending({key.address for key in chosen}),
        )
        leaving = tuple(
            key for key in KEYS if before and key.address in set(before.parties) - set(version.parties)
        )
        digest = version.digest(self.twins.domain(self.registry))
        signatures = [key.sign(digest) for key in (*by_address(chosen), *by_address(leaving))]
        fields = list(version.fields().values())
        if wrong:
            self._spoil(signatures, fields)
        done = self.twins.do(REGISTRY, self.registry, "register", (*fields, signatures), dice.choice(KEYS))
        if done.succeeded:
            self.versions[number] = version
        return version

    def _spoil(self, signatures: list[bytes], fields: list[object]) -> None:
        dice, place = self.dice, self.dice.randrange(len(signatures))
        one = signatures[place]
        twin = one[:32] + (CURVE_ORDER - int.from_bytes(one[32:64])).to_bytes(32) + bytes([55 - one[64]])
        spoils: list[Callable[[], object]] = [
            lambda: signatures.__setitem__(place, one[:-1]),
            lambda: signatures.__setitem__(place, twin),
            lambda: signatures.__setitem__(place, dice.randbytes(65)),
            lambda: signatures.__setitem__(place, bytes(65)),
            lambda: signatures.pop(place),
            lambda: signatures.append(one),
            lambda: signatures.reverse() if len(signatures) > 1 else signatures.clear(),
            lambda: fields.__setitem__(1, dice.choice((0, 1, 2, 9, 2**256 - 1))),
            lambda: fields.__setitem__(2, dice.choice((ZERO, dice.randbytes(32)))),
            lambda: fields.__setitem__(3, dice.randbytes(32)),
            lambda: fields.__setitem__(5, []),
            lambda: fields.__setitem__(5, [key.address for key in KEYS]),
        ]
        dice.choice(spoils)()

    def terminate(self, number: int) -> None:
        """End an agreement, by all of its parties or without one of them."""
        version = self.versions.get(number)
        if version is None:
            return
        dice = self.dice
        named = dice.choice((version.version, version.version, version.version + 1))
        end = AgreementTermination(
            version.agreement,
            named,
            version.commitment,
            dice.randint(0, 2**33),
            dice.choice((ZERO, b"\x07" * 32)),
        )
        digest = end.digest(self.twins.domain(self.registry))
        signers = by_address(tuple(key for key in KEYS if key.address in version.parties))
        signatures = [key.sign(digest) for key in signers][dice.choice((0, 0, 0, 1)) :]
        call = (*end.fields().values(), signatures)
        self.twins.do(REGISTRY, self.registry, "terminate", call, dice.choice(KEYS))

    def change_keys(self) -> None:
        """Rotate, name a recovery for, or revoke the key of a signer of no agreement, rightly or not."""
        dice, domain = self.dice, self.twins.domain(self.registry)
        signer, other = dice.sample(ARBITERS, 2)
        number = self.changes.get(signer.address, 0) + dice.choice((1, 1, 1, 2))
        by, kind = dice.choice((signer, other)), dice.randrange(3)
        if kind == 0:
            rotation = KeyRotation(signer.address, signer.address, other.address, number)
            digest = rotation.digest(domain)
            call = (*rotation.fields().values(), by.address, by.sign(digest), other.sign(digest))
            name = "rotate_key"
        elif kind == 1:
            recovery = KeyRecovery(signer.address, other.address, number)
            digest = recovery.digest(domain)
            call = (*recovery.fields().values(), by.sign(digest), dice.choice((b"", other.sign(digest))))
            name = "name_recovery"
        else:
            revocation = KeyRevocation(signer.address, signer.address, number)
            call = (*revocation.fields().values(), by.address, by.sign(revocation.digest(domain)))
            name = "revoke_key"
        done = self.twins.do(REGISTRY, self.registry, name, call, KEYS[0])
        if done.succeeded:
            self.changes[signer.address] = number

    def anchor_one(self, publisher: int, log: int, size: int, root: int) -> None:
        """Anchor a checkpoint, and read what stands."""
        key, log_key = KEYS[publisher], log.to_bytes(32)
        self.twins.do(ANCHOR, self.anchor, "anchor", (log_key, size, root.to_bytes(32)), key)
        self.twins.call(self.anchor, _read("latest_checkpoint", key.address, log_key), sender=key.address)
        asked = _read("checkpoint_of_size", key.address, log_key, size)
        self.twins.call(self.anchor, asked, sender=key.address)

    def split(self, lines: int) -> None:
        """Ask the splitter in a transaction about order lines of a document with every construct."""
        agreement = everything()
        plan = compile_split(agreement)
        drawn = random_lines(agreement, seed=self.dice.randrange(10**6), count=lines)
        cells = [cell for line in drawn for cell in line_cells(plan, line)]
        if not self.dice.randrange(4):
            cells[self.dice.randrange(len(cells))] = self.dice.choice((-1, 2**255 - 1, -(2**255)))
        self.twins.do(SPLITTER, self.splitter, "split_lines", (plan.argument, cells, 2), KEYS[0])

    def use_vault(self) -> None:
        """Do one thing with the vault, or with the token beneath it, or let time pass."""
        dice = self.dice
        acts: list[Callable[[], object]] = [
            self._put_in, self._put_in, self._rule, self._rule, self._appeal, self._draw, self._draw,
            self._release_by_all, self._withdraw, self._withdraw, self._misbehave,
            lambda: self._vault("release", ()),
            self._contest,
            lambda: self.twins.clock.pass_by(dice.choice((1, DAY, 12 * DAY, 31 * DAY))),
        ]  # fmt: skip
        dice.choice(acts)()

    def _vault(self, name: str, arguments: tuple[object, ...], key: SigningKey | None = None) -> bool:
        sender = key or self.dice.choice(KEYS[:3])
        return self.twins.do(VAULT, self.vault, name, arguments, sender).succeeded

    def _key(self) -> bytes:
        return bytes([self.dice.randint(0, 5)]) * 32

    def _terms(self) -> VaultTerms:
        assert self.terms is not None, "the vault stands"
        return self.terms

    def _contest(self) -> None:
        party = self.dice.choice(KEYS[:3])
        self._vault("contest", (party.address, self._key(), self.dice.randint(0, 900)), party)

    def _put_in(self) -> None:
        key, terms = self.dice.choice(KEYS[:3]), self._terms().digest()
        self._vault("put_in", (key.address, self.dice.choice((0, 1, 700, 10**7)), terms), key)

    def _rule(self) -> None:
        key, contest, payee = self._key(), self.dice.choice((ZERO, self._key())), self.dice.choice(KEYS[:3])
        message = VaultRuling(key, contest, payee.address, self.dice.randint(0, 900))
        digest = message.digest(self.twins.domain(self.vault))
        seats = {each.address: each for each in ARBITERS}
        given = [
            seats[each].sign(digest) if self.dice.randrange(5) else b"" for each in self._terms().arbiters
        ]
        self._vault("rule", (key, contest, payee.address, message.amount, given))

    def _appeal(self) -> None:
        key = self._key()
        party = self.dice.choice(KEYS[:3])
        self._vault("appeal", (party.address, key), party)
        stands = bool(self.dice.randrange(2))
        digest = VaultAppealDecision(key, stands).digest(self.twins.domain(self.vault))
        if self.dice.randrange(2):
            self._vault("decide_appeal", (key, stands, [KEYS[5].sign(digest)]))

    def _draw(self) -> None:
        self._vault("draw", (self._key(),))

    def _release_by_all(self) -> None:
        payees, amounts = [KEYS[1].address], [self.dice.randint(0, 300)]
        message = VaultRelease(self.releases, tuple(payees), tuple(amounts))
        digest = message.digest(self.twins.domain(self.vault))
        signatures = [key.sign(digest) for key in by_address(KEYS[:3])][self.dice.choice((0, 0, 0, 1)) :]
        self.releases += self._vault("release_by_all", (payees, amounts, signatures))

    def _withdraw(self) -> None:
        payee = self.dice.choice(KEYS[:2])
        self._vault("withdraw", (payee.address, payee.address), payee)

    def _misbehave(self) -> None:
        dice = self.dice
        habits = dice.choice(
            ((0, 0, True, False), (0, 0, True, False), (3, 0, True, False), (0, 0, False, False))
        )
        self.twins.do(token("OddToken"), self.token, "misbehave", habits, KEYS[0])
        if not dice.randrange(3):
            self.twins.do(token("OddToken"), self.token, "rebase", (dice.choice((97, 103)),), KEYS[0])


def _read(name: str, *arguments: object) -> bytes:
    return call_data(ANCHOR, name, *arguments)
