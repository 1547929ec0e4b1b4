# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title Deposit vault (experimental)
@author Tallystick
@notice Holds a deposit or reserve of one clause of one agreement in one token, and lets it go in three ways:
        back to its payer when its time is over; to anybody, when all parties have signed so; to a payee whom
        the terms name, by a ruling of their arbiters, no more than their cap, and not before the time to
        appeal is over. Whoever it is let go to is credited, and fetches it.
        Experimental: nobody but its authors has examined it. The usual way to hold a deposit is the ledger.
@dev Nothing here can be changed, paused or upgraded, and whoever deploys it gains no power over it. Who the
     parties are is read from the agreement registry, which also says whose key signs for a party and whose
     a signature is, so that keys that were replaced or revoked there are so here.

     What is held is what the token says that this contract has, less what is credited: a fee that the token
     takes, a balance that it changes, a gift are then no special cases. Where it has less than is credited,
     those credited bear that in proportion, so that this contract never owes more than it has.
     A token may call back, answer nothing or false, or refuse: every function that changes anything or tells
     a balance is locked against being entered again, credits are struck before they are paid, and one payee
     whom a token refuses keeps nobody else from theirs.

     The chain shows the token, amounts, addresses and times; of the agreement salted digests, and of a ruling
     and of what is contested a key of 32 bytes, which those who make them salt.
"""


# @dev What is asked of the token (ERC-20), and of the agreement registry.
interface Token:
    def balanceOf(owner: address) -> uint256: view
    def transfer(to: address, amount: uint256) -> bool: nonpayable
    def transferFrom(owner: address, to: address, amount: uint256) -> bool: nonpayable


interface Registry:
    def version_parties(agreement: bytes32, version: uint256) -> DynArray[address, 16]: view
    def termination(agreement: bytes32) -> Termination: view
    def key_of(signer: address) -> address: view
    def revoked_at(signer: address, key: address) -> uint64: view
    def signed_by(key: address, digest: bytes32, signature: Bytes[1024]) -> address: view


# @dev How an agreement was ended, as the registry records it.
struct Termination:
    version: uint256
    ends_at: uint64
    registered_at: uint64
    block_number: uint64
    terms: bytes32
    digest: bytes32


# @dev All that this vault goes by, as it is compiled from the signed document. Times are in seconds.
#      `hold_seconds`: how long what is put in stays. `after_end`: not before the registry has the agreement
#      ended, and `hold_seconds` after that. `cap`: the most that rulings award together. Lists ascend.
struct Terms:
    token: address
    registry: address
    agreement: bytes32
    version: uint256
    payer: address
    payees: DynArray[address, 16]
    arbiters: DynArray[address, 9]
    quorum: uint256
    reviewers: DynArray[address, 9]
    review_quorum: uint256
    cap: uint256
    hold_seconds: uint64
    after_end: bool
    appeal_seconds: uint64
    review_seconds: uint64
    contest_seconds: uint64


# @dev What was put in together and may go back from `unlocks_at`.
struct Lot:
    amount: uint256
    unlocks_at: uint64


# @dev What a payee claims before anybody has ruled: held until `until`. `ruled`: a ruling answers it.
struct Contest:
    by: address
    amount: uint256
    until: uint64
    ruled: bool
    awarded: uint256


# @notice Where a ruling is. It may be drawn from its time on where it is FILED, APPEALED or UPHELD.
flag Stage:
    FILED
    APPEALED
    UPHELD
    OVERTURNED
    DRAWN


# @dev An award of the arbiters: to whom, how much, from when it can be drawn.
struct Ruling:
    stage: Stage
    payee: address
    amount: uint256
    drawable_from: uint64
    contest: bytes32


# @notice So much came in; where it is locked, until when.
event PutIn:
    party: indexed(address)
    amount: uint256
    unlocks_at: uint64


# @notice A payee claims so much of what is held, until the arbiters rule or the time is over.
event Contested:
    contest: indexed(bytes32)
    party: indexed(address)
    amount: uint256
    until: uint64


# @notice The arbiters award so much.
event RulingFiled:
    ruling: indexed(bytes32)
    contest: indexed(bytes32)
    payee: indexed(address)
    amount: uint256
    drawable_from: uint64


# @notice A party took a ruling to the reviewers.
event RulingAppealed:
    ruling: indexed(bytes32)
    party: indexed(address)
    drawable_from: uint64


# @notice The reviewers upheld or overturned a ruling.
event AppealDecided:
    ruling: indexed(bytes32)
    stands: bool


# @notice What a ruling awards was credited.
event RulingDrawn:
    ruling: indexed(bytes32)
    payee: indexed(address)
    amount: uint256


# @notice What is no longer locked or claimed was credited to the payer.
event ReleasedByTime:
    payer: indexed(address)
    amount: uint256


# @notice All parties had so much credited.
event ReleasedByAll:
    number: indexed(uint256)
    payee: indexed(address)
    amount: uint256


# @notice A payee fetched what was credited.
event Withdrawn:
    payee: indexed(address)
    to: indexed(address)
    amount: uint256


# @notice No time in the terms is longer: ten years.
MAX_SECONDS: public(constant(uint64)) = 315_360_000
# @dev How many lots one call looks through; the rest waits for the next.
LOTS_AT_ONCE: constant(uint256) = 64
MAX_PARTIES: constant(uint256) = 16
MAX_ARBITERS: constant(uint256) = 9
MAX_SIGNATURE: constant(uint256) = 1024

# @dev EIP-712 type hashes and the constant halves of the domain.
DOMAIN_TYPEHASH: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
RELEASE_TYPEHASH: constant(bytes32) = keccak256(
    "VaultRelease(uint256 number,address[] payees,uint256[] amounts)"
)
RULING_TYPEHASH: constant(bytes32) = keccak256(
    "VaultRuling(bytes32 ruling,bytes32 contest,address payee,uint256 amount)"
)
APPEAL_TYPEHASH: constant(bytes32) = keccak256("VaultAppealDecision(bytes32 ruling,bool stands)")
DOMAIN_NAME: constant(bytes32) = keccak256("Tallystick")
DOMAIN_VERSION: constant(bytes32) = keccak256("1")


# @notice The digest of the terms, which who puts something in has to name: keccak256(abi_encode(terms)).
terms_digest: public(bytes32)
# @notice How many releases all parties have signed; the next one has this number.
releases: public(uint256)
# @notice What rulings have awarded together, overturned ones left out. It never exceeds the cap.
awarded: public(uint256)
# @notice What rulings have awarded that is not drawn yet.
reserved: public(uint256)
# @notice What is credited and not fetched, together.
credited: public(uint256)

_terms: Terms
_parties: DynArray[address, MAX_PARTIES]
_credits: HashMap[address, uint256]
_rulings: HashMap[bytes32, Ruling]
_contests: HashMap[bytes32, Contest]
# @dev payee -> what he contested last.
_last_contest: HashMap[address, bytes32]
# @dev Lots in the order of their times, the first that is still locked, and how many there ever were.
_lots: HashMap[uint256, Lot]
_first_lot: uint256
_lot_count: uint256
_locked: uint256


@deploy
def __init__(terms: Terms):
    """
    @notice Make a vault for one clause of a registered version.
    @param terms All that the vault goes by.
    """
    parties: DynArray[address, MAX_PARTIES] = staticcall Registry(terms.registry).version_parties(
        terms.agreement, terms.version
    )
    assert len(parties) != 0, "deposit_vault: version is not registered"
    assert terms.token.is_contract, "deposit_vault: token is no contract"
    assert terms.payer in parties, "deposit_vault: payer is not a party"
    self._check_ascending(terms.payees)
    for payee: address in terms.payees:
        assert payee in parties, "deposit_vault: payee is not a party"
    self._check_seats(terms.arbiters, terms.quorum, terms.payees, terms.payer)
    self._check_seats(terms.reviewers, terms.review_quorum, terms.payees, terms.payer)
    for arbiter: address in terms.arbiters:
        assert arbiter not in terms.reviewers, "deposit_vault: arbiter reviews himself"
    longest: uint64 = max(
        max(terms.hold_seconds, terms.appeal_seconds), max(terms.review_seconds, terms.contest_seconds)
    )
    assert longest <= MAX_SECONDS, "deposit_vault: time is too long"
    self._terms = terms
    self._parties = parties
    self.terms_digest = keccak256(abi_encode(terms))


@external
@nonreentrant
def put_in(party: address, amount: uint256, terms: bytes32) -> uint256:
    """
    @notice Put tokens in, which the caller has allowed this contract to take.
    @param party The party that the caller acts for.
    @param amount How much to take; what arrives counts.
    @param terms The digest of the terms that the caller goes by.
    @return What arrived.
    """
    self._check_acts(party)
    assert terms == self.terms_digest, "deposit_vault: other terms"
    before: uint256 = self._balance()
    taken: bool = extcall Token(self._terms.token).transferFrom(
        msg.sender, self, amount, default_return_value=True
    )
    assert taken, "deposit_vault: token refused"
    after: uint256 = self._balance()
    assert after > before, "deposit_vault: nothing came in"

    unlocks_at: uint64 = 0
    if not self._terms.after_end:
        unlocks_at = self._now() + self._terms.hold_seconds
        self._lock(after - before, unlocks_at)
    log PutIn(party=party, amount=after - before, unlocks_at=unlocks_at)
    return after - before


@external
@nonreentrant
def contest(party: address, key: bytes32, amount: uint256):
    """
    @notice Claim part of what is held, so that it does not go back to the payer before the arbiters rule.
            Who contested something that nobody ruled on can contest nothing else.
    @param party The payee that the caller acts for.
    @param key What the claim is known by, salted.
    @param amount How much.
    """
    self._check_acts(party)
    assert party in self._terms.payees, "deposit_vault: not a payee"
    assert party != self._terms.payer, "deposit_vault: payer contests nothing"
    assert len(self._terms.arbiters) != 0, "deposit_vault: no arbiters"
    assert key != empty(bytes32), "deposit_vault: key is empty"
    assert self._contests[key].by == empty(address), "deposit_vault: contested already"
    assert amount != 0, "deposit_vault: amount is zero"
    assert amount <= self._terms.cap - self.awarded, "deposit_vault: more than rulings may award"
    last: bytes32 = self._last_contest[party]
    if last != empty(bytes32):
        assert self._contests[last].ruled, "deposit_vault: last contest was not ruled on"
        assert self._contests[last].until <= self._now(), "deposit_vault: last contest is pending"

    until: uint64 = self._now() + self._terms.contest_seconds
    self._contests[key] = Contest(by=party, amount=amount, until=until, ruled=False, awarded=0)
    self._last_contest[party] = key
    log Contested(contest=key, party=party, amount=amount, until=until)


@external
@nonreentrant
def rule(
    key: bytes32,
    contest: bytes32,
    payee: address,
    amount: uint256,
    signatures: DynArray[Bytes[MAX_SIGNATURE], MAX_ARBITERS],
):
    """
    @notice File an award that enough arbiters have signed. It is drawn once no appeal can come.
    @param key What the ruling is known by, salted; each ruling once.
    @param contest What was contested and is hereby ruled on; empty where it answers none.
    @param payee Who gets it: one of the terms' payees.
    @param amount How much; zero to reject what was contested.
    @param signatures One an arbiter in the terms' order, empty of those who did not sign.
    """
    assert key != empty(bytes32), "deposit_vault: key is empty"
    assert self._rulings[key].stage == empty(Stage), "deposit_vault: ruled already"
    assert payee in self._terms.payees, "deposit_vault: not a payee"
    assert amount <= self._terms.cap - self.awarded, "deposit_vault: more than rulings may award"
    assert amount <= self._free(), "deposit_vault: more than is held"
    digest: bytes32 = self._typed_digest(
        keccak256(abi_encode(RULING_TYPEHASH, key, contest, payee, amount))
    )
    self._check_quorum(self._terms.arbiters, self._terms.quorum, digest, signatures)

    drawable_from: uint64 = self._now() + self._terms.appeal_seconds
    if contest == empty(bytes32):
        assert amount != 0, "deposit_vault: amount is zero"
    else:
        assert self._contests[contest].by != empty(address), "deposit_vault: nothing was contested"
        assert not self._contests[contest].ruled, "deposit_vault: contest is ruled on"
        self._contests[contest].ruled = True
        self._contests[contest].awarded = amount
        self._contests[contest].until = drawable_from
    self.awarded += amount
    self.reserved += amount
    self._rulings[key] = Ruling(
        stage=Stage.FILED, payee=payee, amount=amount, drawable_from=drawable_from, contest=contest
    )
    log RulingFiled(ruling=key, contest=contest, payee=payee, amount=amount, drawable_from=drawable_from)


@external
@nonreentrant
def appeal(party: address, key: bytes32):
    """
    @notice Take a ruling to the reviewers before it can be drawn. Where they are silent, it stands.
    @param party The party that the caller acts for.
    @param key The ruling.
    """
    self._check_acts(party)
    assert len(self._terms.reviewers) != 0, "deposit_vault: no reviewers"
    assert self._rulings[key].stage == Stage.FILED, "deposit_vault: not open to appeal"
    assert self._now() < self._rulings[key].drawable_from, "deposit_vault: time to appeal is over"
    # who was awarded something may appeal too: that shortens nobody's time
    until: uint64 = max(self._now() + self._terms.review_seconds, self._rulings[key].drawable_from)
    self._rulings[key].stage = Stage.APPEALED
    self._postpone(key, until)
    log RulingAppealed(ruling=key, party=party, drawable_from=until)


@external
@nonreentrant
def decide_appeal(key: bytes32, stands: bool, signatures: DynArray[Bytes[MAX_SIGNATURE], MAX_ARBITERS]):
    """
    @notice Uphold or overturn a ruling that cannot be drawn yet, appealed or not, as they have signed.
    @param key The ruling.
    @param stands Whether it is upheld.
    @param signatures One a reviewer in the terms' order, empty of those who did not sign.
    """
    ruling: Ruling = self._rulings[key]
    assert ruling.stage in (Stage.FILED | Stage.APPEALED), "deposit_vault: nothing to decide"
    assert self._now() < ruling.drawable_from, "deposit_vault: ruling stands already"
    digest: bytes32 = self._typed_digest(keccak256(abi_encode(APPEAL_TYPEHASH, key, stands)))
    self._check_quorum(self._terms.reviewers, self._terms.review_quorum, digest, signatures)

    if stands:
        self._rulings[key].stage = Stage.UPHELD
        self._postpone(key, self._now())
    else:
        self._rulings[key].stage = Stage.OVERTURNED
        self.awarded -= ruling.amount
        self.reserved -= ruling.amount
        if ruling.contest != empty(bytes32):
            self._contests[ruling.contest].ruled = False
            self._contests[ruling.contest].awarded = 0
            self._contests[ruling.contest].until = self._now() + self._terms.contest_seconds
    log AppealDecided(ruling=key, stands=stands)


@external
@nonreentrant
def draw(key: bytes32) -> uint256:
    """
    @notice Credit what a ruling awards, once it can no longer be appealed. Anybody may ask for it.
    @param key The ruling.
    @return What was credited: less than awarded only where the token has taken it away meanwhile.
    """
    ruling: Ruling = self._rulings[key]
    drawable: bool = ruling.stage in (Stage.FILED | Stage.APPEALED | Stage.UPHELD)
    assert drawable, "deposit_vault: nothing to draw"
    assert self._now() >= ruling.drawable_from, "deposit_vault: ruling can be appealed"
    amount: uint256 = min(ruling.amount, self._held())
    self._rulings[key].stage = Stage.DRAWN
    self.reserved -= ruling.amount
    self._credit(ruling.payee, amount)
    log RulingDrawn(ruling=key, payee=ruling.payee, amount=amount)
    return amount


@external
@nonreentrant
def release() -> uint256:
    """
    @notice Credit the payer with what is neither locked nor awarded nor contested. Anybody may ask for it.
            One call looks through so many lots: where more came due, it is asked for again.
    @return What was credited: nothing where all that this call took out of the locked had left before.
    """
    unlocked: bool = self._unlock()
    amount: uint256 = self._releasable()
    assert unlocked or amount != 0, "deposit_vault: nothing to release"
    if amount != 0:
        self._credit(self._terms.payer, amount)
        log ReleasedByTime(payer=self._terms.payer, amount=amount)
    return amount


@external
@nonreentrant
def release_by_all(
    payees: DynArray[address, MAX_PARTIES],
    amounts: DynArray[uint256, MAX_PARTIES],
    signatures: DynArray[Bytes[MAX_SIGNATURE], MAX_PARTIES],
):
    """
    @notice Credit whomever all parties have signed for, out of what no ruling awards.
    @param payees Who gets something; the parties may choose anybody.
    @param amounts How much each gets.
    @param signatures One a party who consents, in the order of `consenting`.
    """
    assert len(payees) != 0, "deposit_vault: no payees"
    assert len(payees) == len(amounts), "deposit_vault: not one amount a payee"
    number: uint256 = self.releases
    digest: bytes32 = self._release_digest(number, payees, amounts)
    signers: DynArray[address, MAX_PARTIES] = self._consenting()
    assert len(signatures) >= len(signers), "deposit_vault: signature missing"
    assert len(signatures) == len(signers), "deposit_vault: one signature too many"
    for i: uint256 in range(len(signers), bound=MAX_PARTIES):
        self._check_signed(signers[i], digest, signatures[i])

    self.releases = number + 1
    for i: uint256 in range(len(payees), bound=MAX_PARTIES):
        assert payees[i] != empty(address), "deposit_vault: payee is empty"
        assert payees[i] != self, "deposit_vault: payee is the vault"
        assert amounts[i] <= self._free(), "deposit_vault: more than is free"
        self._credit(payees[i], amounts[i])
        log ReleasedByAll(number=number, payee=payees[i], amount=amounts[i])


@external
@nonreentrant
def withdraw(payee: address, to: address) -> uint256:
    """
    @notice Fetch what is credited. Where the token has taken some away, all who are credited bear it alike.
    @param payee Whose credit it is; the caller holds his key.
    @param to Where it goes: another account, where the token refuses his own.
    @return What was sent.
    """
    self._check_key(payee)
    credit: uint256 = self._credits[payee]
    assert credit != 0, "deposit_vault: nothing is credited"
    before: uint256 = self._balance()
    amount: uint256 = self._payable(credit, before)
    self._credits[payee] = 0
    self.credited -= credit
    sent: bool = extcall Token(self._terms.token).transfer(to, amount, default_return_value=True)
    assert sent, "deposit_vault: token refused"
    assert self._balance() + amount >= before, "deposit_vault: token took more"
    log Withdrawn(payee=payee, to=to, amount=amount)
    return amount


@external
@view
@nonreentrant
def held() -> uint256:
    """
    @notice Read what is in the vault and credited to nobody.
    @return The amount.
    """
    return self._held()


@external
@view
@nonreentrant
def releasable() -> uint256:
    """
    @notice Read what `release` would credit now, lots that came due unseen left out.
    @return The amount.
    """
    return self._releasable()


@external
@view
@nonreentrant
def owed(payee: address) -> uint256:
    """
    @notice Read what a payee would fetch now.
    @param payee Whose credit is asked for.
    @return The amount.
    """
    return self._payable(self._credits[payee], self._balance())


@external
@view
def terms() -> Terms:
    """
    @notice Read all that this vault goes by.
    @return The terms.
    """
    return self._terms


@external
@view
def consenting() -> DynArray[address, MAX_PARTIES]:
    """
    @notice List whose signatures `release_by_all` asks for: the parties, but those who decide.
    @return Their addresses, in the order of signatures.
    """
    return self._consenting()


@external
@view
def ruling(key: bytes32) -> Ruling:
    """
    @notice Read a ruling.
    @param key The ruling's key.
    @return The ruling; its stage is zero where there is none.
    """
    return self._rulings[key]


@external
@view
def contested(key: bytes32) -> Contest:
    """
    @notice Read what was contested.
    @param key What it is known by.
    @return The contest; `by` is empty where there is none.
    """
    return self._contests[key]


@external
@view
def domain_separator() -> bytes32:
    """
    @notice Read the EIP-712 domain separator of this contract on this chain.
    @return The separator.
    """
    return self._domain_separator()


@internal
@pure
def _check_ascending(accounts: DynArray[address, MAX_PARTIES]):
    """
    @dev Strictly ascending from above zero: sorted, nobody twice, no empty address.
    @param accounts The accounts.
    """
    before: uint160 = 0
    for each: address in accounts:
        current: uint160 = convert(each, uint160)
        assert current > before, "deposit_vault: accounts not strictly ascending"
        before = current


@internal
@pure
def _check_seats(
    seats: DynArray[address, MAX_ARBITERS],
    quorum: uint256,
    payees: DynArray[address, MAX_PARTIES],
    payer: address,
):
    """
    @dev Those who decide are different people who get nothing by it, and enough of them must agree.
    @param seats Who decides.
    @param quorum How many of them must sign.
    @param payees Whom they may award something to.
    @param payer Whose money it is.
    """
    accounts: DynArray[address, MAX_PARTIES] = []
    for each: address in seats:
        assert each not in payees and each != payer, "deposit_vault: decides for himself"
        accounts.append(each)
    self._check_ascending(accounts)
    if len(seats) == 0:
        assert quorum == 0, "deposit_vault: quorum of nobody"
    else:
        assert quorum != 0 and quorum <= len(seats), "deposit_vault: quorum out of range"


@internal
@view
def _now() -> uint64:
    """
    @dev The block's time.
    @return Seconds since 1970.
    """
    return convert(block.timestamp, uint64)


@internal
@view
def _balance() -> uint256:
    """
    @dev What the token says that this contract has.
    @return The balance.
    """
    return staticcall Token(self._terms.token).balanceOf(self)


@internal
@view
def _held() -> uint256:
    """
    @dev What is here and credited to nobody; nothing where less is here than is credited.
    @return The amount.
    """
    balance: uint256 = self._balance()
    return balance - min(balance, self.credited)


@internal
@view
def _free() -> uint256:
    """
    @dev What is held and no ruling awards.
    @return The amount.
    """
    held: uint256 = self._held()
    return held - min(held, self.reserved)


@internal
@view
def _releasable() -> uint256:
    """
    @dev What is neither locked nor awarded nor contested. What is locked may serve what is awarded.
    @return The amount.
    """
    held: uint256 = self._held()
    if self._terms.after_end and not self._has_ended():
        return 0
    claimed: uint256 = self.reserved
    for payee: address in self._terms.payees:
        last: Contest = self._contests[self._last_contest[payee]]
        if self._now() < last.until and last.amount > last.awarded:
            claimed += last.amount - last.awarded
    return held - min(held, max(self._locked, claimed))


@internal
@view
def _has_ended() -> bool:
    """
    @dev Whether the registry has the agreement ended, for as long as the terms say.
    @return Whether what is held may go back.
    """
    end: Termination = staticcall Registry(self._terms.registry).termination(self._terms.agreement)
    if end.registered_at == 0:
        return False
    return block.timestamp >= convert(end.ends_at, uint256) + convert(self._terms.hold_seconds, uint256)


@internal
@view
def _payable(credit: uint256, balance: uint256) -> uint256:
    """
    @dev A credit, or its part of what is here where that is less than all credits.
    @param credit What is credited.
    @param balance What this contract has.
    @return What it is worth now.
    """
    if balance >= self.credited:
        return credit
    return credit * balance // self.credited


@internal
def _credit(payee: address, amount: uint256):
    """
    @dev Owe somebody what was held.
    @param payee To whom.
    @param amount How much.
    """
    self._credits[payee] += amount
    self.credited += amount


@internal
def _lock(amount: uint256, unlocks_at: uint64):
    """
    @dev Times of lots never fall, since the time to hold is the same for all.
    @param amount What came in.
    @param unlocks_at From when it may go back.
    """
    count: uint256 = self._lot_count
    if count != self._first_lot and self._lots[count - 1].unlocks_at == unlocks_at:
        self._lots[count - 1].amount += amount
    else:
        self._lots[count] = Lot(amount=amount, unlocks_at=unlocks_at)
        self._lot_count = count + 1
    self._locked += amount


@internal
def _unlock() -> bool:
    """
    @dev Take out of the locked what has come due, as far as one call goes.
    @return Whether there was any.
    """
    before: uint256 = self._first_lot
    for _: uint256 in range(LOTS_AT_ONCE):
        first: uint256 = self._first_lot
        if first == self._lot_count or self._lots[first].unlocks_at > self._now():
            break
        self._locked -= self._lots[first].amount
        self._first_lot = first + 1
    return self._first_lot != before


@internal
def _postpone(key: bytes32, until: uint64):
    """
    @dev Set when a ruling can be drawn; what was contested and it does not award stays until then.
    @param key The ruling.
    @param until From when.
    """
    self._rulings[key].drawable_from = until
    answered: bytes32 = self._rulings[key].contest
    if answered != empty(bytes32):
        self._contests[answered].until = until


@internal
@view
def _consenting() -> DynArray[address, MAX_PARTIES]:
    """
    @dev The parties, but those who decide.
    @return Who must sign a release.
    """
    found: DynArray[address, MAX_PARTIES] = []
    for party: address in self._parties:
        if party not in self._terms.arbiters and party not in self._terms.reviewers:
            found.append(party)
    return found


@internal
@view
def _check_acts(party: address):
    """
    @dev The caller holds the key of a party.
    @param party The party that he says he acts for.
    """
    assert party in self._parties, "deposit_vault: not a party"
    self._check_key(party)


@internal
@view
def _check_key(signer: address):
    """
    @dev The caller is the key that the registry has for a signer.
    @param signer The signer.
    """
    assert self._key_of(signer) == msg.sender, "deposit_vault: not the key"


@internal
@view
def _key_of(signer: address) -> address:
    """
    @dev The key that signs for somebody, by the registry.
    @param signer Who.
    @return The key, which is not revoked.
    """
    registry: Registry = Registry(self._terms.registry)
    key: address = staticcall registry.key_of(signer)
    revoked_at: uint64 = staticcall registry.revoked_at(signer, key)
    assert revoked_at == 0, "deposit_vault: key is revoked"
    return key


@internal
@view
def _check_signed(signer: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE]):
    """
    @dev Somebody's key has signed, by the registry's judgement; it refuses what is malformed with its reason.
    @param signer Who should have signed.
    @param digest What.
    @param signature The signature.
    """
    key: address = self._key_of(signer)
    by: address = staticcall Registry(self._terms.registry).signed_by(key, digest, signature)
    assert by == key, "deposit_vault: not signed by the party"


@internal
@view
def _check_quorum(
    seats: DynArray[address, MAX_ARBITERS],
    quorum: uint256,
    digest: bytes32,
    signatures: DynArray[Bytes[MAX_SIGNATURE], MAX_ARBITERS],
):
    """
    @dev Enough of those who decide have signed, and every signature that is there is good.
    @param seats Who decides.
    @param quorum How many must have signed.
    @param digest What.
    @param signatures One a seat, empty where there is none.
    """
    assert len(seats) != 0, "deposit_vault: nobody decides"
    assert len(signatures) == len(seats), "deposit_vault: not one signature a seat"
    signed: uint256 = 0
    for i: uint256 in range(len(seats), bound=MAX_ARBITERS):
        if len(signatures[i]) != 0:
            self._check_signed(seats[i], digest, signatures[i])
            signed += 1
    assert signed >= quorum, "deposit_vault: too few have signed"


@internal
@view
def _domain_separator() -> bytes32:
    """
    @dev Computed from the chain id at the time of the call, as in the registry.
    @return The EIP-712 domain separator.
    """
    return keccak256(abi_encode(DOMAIN_TYPEHASH, DOMAIN_NAME, DOMAIN_VERSION, chain.id, self))


@internal
@view
def _typed_digest(struct_hash: bytes32) -> bytes32:
    """
    @dev EIP-712: what is signed of a message.
    @param struct_hash The message's own hash.
    @return The digest to sign.
    """
    return keccak256(concat(0x1901, self._domain_separator(), struct_hash))


@internal
@view
def _release_digest(
    number: uint256,
    payees: DynArray[address, MAX_PARTIES],
    amounts: DynArray[uint256, MAX_PARTIES],
) -> bytes32:
    """
    @dev EIP-712: an array's hash is that of its elements as words, which stand behind two words of the encoding.
    @param number The release's number.
    @param payees Who gets something.
    @param amounts How much.
    @return The digest to sign.
    """
    payee_words: Bytes[32 * MAX_PARTIES + 64] = slice(abi_encode(payees), 64, 32 * len(payees))
    amount_words: Bytes[32 * MAX_PARTIES + 64] = slice(abi_encode(amounts), 64, 32 * len(amounts))
    return self._typed_digest(
        keccak256(
            abi_encode(RELEASE_TYPEHASH, number, keccak256(payee_words), keccak256(amount_words))
        )
    )
