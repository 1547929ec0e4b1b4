# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title Agreement registry
@author Tallystick
@notice Records which version of which agreement all of its parties have signed, from when it applies, and from
        when it no longer does; and which key signs for a party after the one that the agreement names.
        A record is made once, by anyone who brings every signature, and never changed or removed.
@dev Three rules of consent, in the order they are checked:
     1. versions of an agreement count 1, 2, 3, … and each names the commitment of the one before it;
     2. every party of the version signs its EIP-712 digest;
     3. every party of the version before who is no longer a party signs it too: nobody is written
        out of an agreement without having said so. Who is written in signs by rule 2.
     Signatures come in the order of `parties` (strictly ascending addresses), followed by those of the
     leaving parties in their own ascending order, so that there is one signature a signer and one way
     to write the call. The digest binds chain and contract (EIP-712 domain), the version number and the
     previous commitment, so that a signature serves one record on one contract of one chain.
     The agreement key and the commitments are salted digests: the chain shows signers' addresses, version
     numbers and times, and nothing of the terms. An agreement key is unguessable until it is first
     used; who sees it in a pending transaction could take version 1 for himself. The parties then choose
     a new salt: the record of a stranger never verifies against their document.

     A signer is the address that a version names. For him signs his key: the signer's own until it is
     replaced. A key is replaced by itself or by the recovery that it named, and by nobody else: not by
     the other parties, not by whoever deployed this contract. Only the first recovery is named by the
     key alone; to change it takes key and recovery both, so that a thief of either cannot shut the
     other out for good. Every change of a signer's keys is numbered, so that none can be repeated.

     A key is an account without code, which signs by ECDSA, or a wallet contract, which is asked by
     ERC-1271 in a static call with a cap on gas, of whose answer one word is read. An account that has
     delegated its code (EIP-7702) is ruled by its key and signs as a key.
"""


# @dev One signed version. `registered_at` is the block's time and zero where there is no record.
struct VersionRecord:
    commitment: bytes32
    supersedes: bytes32
    effective_from: uint64
    registered_at: uint64
    block_number: uint64
    digest: bytes32


# @dev How an agreement was ended: after which version, from when, on which terms (a salted digest).
struct Termination:
    version: uint256
    ends_at: uint64
    registered_at: uint64
    block_number: uint64
    terms: bytes32
    digest: bytes32


# @dev Who signs for a signer: his key, since when it does not (zero where it does), who may replace it, and how
#      often any of this was changed.
struct SignerKeys:
    key: address
    revoked_at: uint64
    recovery: address
    changes: uint256


# @notice All parties' signatures on a version were accepted.
event VersionRegistered:
    agreement: indexed(bytes32)
    version: indexed(uint256)
    commitment: indexed(bytes32)
    supersedes: bytes32
    effective_from: uint64
    digest: bytes32


# @notice All parties of an agreement's newest version ended it.
event AgreementTerminated:
    agreement: indexed(bytes32)
    version: indexed(uint256)
    commitment: indexed(bytes32)
    ends_at: uint64
    terms: bytes32
    digest: bytes32


# @notice Another key signs for a signer from here on; `changed_by` is the old key or the signer's recovery.
event KeyRotated:
    signer: indexed(address)
    old_key: indexed(address)
    new_key: indexed(address)
    number: uint256
    changed_by: address


# @notice A signer named who may replace and revoke his key; nobody where `recovery` is empty.
event RecoveryNamed:
    signer: indexed(address)
    recovery: indexed(address)
    number: uint256


# @notice A key no longer signs for a signer, and never will again.
event KeyRevoked:
    signer: indexed(address)
    key: indexed(address)
    changed_by: indexed(address)
    number: uint256


# @notice The most parties that one version can have.
MAX_PARTIES: public(constant(uint256)) = 16
# @notice The longest signature of a wallet; a key's has 65 bytes.
MAX_SIGNATURE: public(constant(uint256)) = 1024
# @notice The most gas that a wallet is given to check a signature.
WALLET_GAS: public(constant(uint256)) = 500_000
# @dev Every party may leave and as many others take their place.
MAX_SIGNATURES: constant(uint256) = 2 * MAX_PARTIES

# @dev EIP-712 type hashes and the constant halves of the domain.
DOMAIN_TYPEHASH: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
VERSION_TYPEHASH: constant(bytes32) = keccak256(
    "AgreementVersion(bytes32 agreement,uint256 version,bytes32 commitment,bytes32 supersedes,uint64 effectiveFrom,address[] parties)"
)
TERMINATION_TYPEHASH: constant(bytes32) = keccak256(
    "AgreementTermination(bytes32 agreement,uint256 version,bytes32 commitment,uint64 endsAt,bytes32 terms)"
)
ROTATION_TYPEHASH: constant(bytes32) = keccak256(
    "KeyRotation(address signer,address oldKey,address newKey,uint256 number)"
)
RECOVERY_TYPEHASH: constant(bytes32) = keccak256(
    "KeyRecovery(address signer,address recovery,uint256 number)"
)
REVOCATION_TYPEHASH: constant(bytes32) = keccak256(
    "KeyRevocation(address signer,address key,uint256 number)"
)
DOMAIN_NAME: constant(bytes32) = keccak256("Tallystick")
DOMAIN_VERSION: constant(bytes32) = keccak256("1")

# @dev Half the order of secp256k1: of the two values of s that verify, only the lower is accepted (EIP-2).
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

# @dev What a wallet answers when a signature is its own (ERC-1271): the function's selector, padded.
WALLET_ACCEPTS: constant(bytes32) = 0x1626ba7e00000000000000000000000000000000000000000000000000000000
# @dev The code of an account that has delegated it (EIP-7702): these three bytes and an address.
DELEGATED: constant(uint256) = 15663360  # 0xef0100
DELEGATED_SIZE: constant(uint256) = 23


# @notice The number of the newest version of an agreement, zero where there is none.
latest_version: public(HashMap[bytes32, uint256])

# @dev agreement -> version -> its record, and the parties who signed it.
_records: HashMap[bytes32, HashMap[uint256, VersionRecord]]
_parties: HashMap[bytes32, HashMap[uint256, DynArray[address, MAX_PARTIES]]]
_terminations: HashMap[bytes32, Termination]

# @notice How often a signer's key or recovery was changed: the number of the last change.
key_changes: public(HashMap[address, uint256])
# @notice Who may replace and revoke a signer's key beside the key itself; empty where nobody was named.
recovery_of: public(HashMap[address, address])
# @notice When a key was revoked for a signer, zero where it was not: signer -> key -> block time.
revoked_at: public(HashMap[address, HashMap[address, uint64]])
# @dev signer -> key that replaced the signer's own.
_keys: HashMap[address, address]


@external
def register(
    agreement: bytes32,
    version: uint256,
    commitment: bytes32,
    supersedes: bytes32,
    effective_from: uint64,
    parties: DynArray[address, MAX_PARTIES],
    signatures: DynArray[Bytes[MAX_SIGNATURE], MAX_SIGNATURES],
) -> bytes32:
    """
    @notice Record a version that all its parties, and all who leave with it, have signed.
    @param agreement keccak256(salt, agreement id).
    @param version The next number: one more than `latest_version`.
    @param commitment keccak256(salt, keccak256(canonical document)).
    @param supersedes The commitment of the version before, zero for version 1.
    @param effective_from Seconds since 1970 from which the version applies; the parties may agree on a past time.
    @param parties Addresses of the version's signers, strictly ascending.
    @param signatures r, s, v of 65 bytes each, or what a wallet takes, in the order described for this contract.
    @return The EIP-712 digest that was signed.
    """
    assert agreement != empty(bytes32), "agreement_registry: agreement key is empty"
    assert commitment != empty(bytes32), "agreement_registry: commitment is empty"
    self._check_sequence(agreement, version, supersedes)
    self._check_order(parties)

    digest: bytes32 = self._digest(agreement, version, commitment, supersedes, effective_from, parties)
    signers: DynArray[address, MAX_SIGNATURES] = self._signers(agreement, version, parties)
    assert len(signatures) >= len(signers), "agreement_registry: signature missing"
    assert len(signatures) == len(signers), "agreement_registry: one signature too many"
    keys: DynArray[address, MAX_SIGNATURES] = self._keys_of(signers)
    for i: uint256 in range(len(keys), bound=MAX_SIGNATURES):
        by: address = self._signed_by(keys[i], digest, signatures[i])
        if by != keys[i]:
            assert by not in keys, "agreement_registry: signed by another party"
            before: bytes32 = self._records[agreement][version - 1].digest
            replayed: bool = before != empty(bytes32) and self._recover(before, signatures[i]) == keys[i]
            assert not replayed, "agreement_registry: signed for the version before"
            raise "agreement_registry: not signed by the party"

    self._records[agreement][version] = VersionRecord(
        commitment=commitment,
        supersedes=supersedes,
        effective_from=effective_from,
        registered_at=convert(block.timestamp, uint64),
        block_number=convert(block.number, uint64),
        digest=digest,
    )
    self._parties[agreement][version] = parties
    self.latest_version[agreement] = version
    log VersionRegistered(
        agreement=agreement,
        version=version,
        commitment=commitment,
        supersedes=supersedes,
        effective_from=effective_from,
        digest=digest,
    )
    return digest


@external
def terminate(
    agreement: bytes32,
    version: uint256,
    commitment: bytes32,
    ends_at: uint64,
    terms: bytes32,
    signatures: DynArray[Bytes[MAX_SIGNATURE], MAX_PARTIES],
) -> bytes32:
    """
    @notice Record that all parties of an agreement's newest version have ended it. No version follows.
    @param agreement The agreement key.
    @param version The newest version's number.
    @param commitment The newest version's commitment.
    @param ends_at Seconds since 1970 from which the agreement no longer applies.
    @param terms Salted digest of what was agreed about its end, zero where there is nothing.
    @param signatures One a party, in the order of the version's parties.
    @return The EIP-712 digest that was signed.
    """
    assert version != 0, "agreement_registry: versions count from one"
    self._check_open(agreement)
    assert version == self.latest_version[agreement], "agreement_registry: not the newest version"
    recorded: bytes32 = self._records[agreement][version].commitment
    assert commitment == recorded, "agreement_registry: terminates another commitment"

    struct_hash: bytes32 = keccak256(
        abi_encode(TERMINATION_TYPEHASH, agreement, version, commitment, ends_at, terms)
    )
    digest: bytes32 = self._typed_digest(struct_hash)
    signers: DynArray[address, MAX_SIGNATURES] = []
    for party: address in self._parties[agreement][version]:
        signers.append(party)
    assert len(signatures) >= len(signers), "agreement_registry: signature missing"
    assert len(signatures) == len(signers), "agreement_registry: one signature too many"
    keys: DynArray[address, MAX_SIGNATURES] = self._keys_of(signers)
    for i: uint256 in range(len(keys), bound=MAX_PARTIES):
        by: address = self._signed_by(keys[i], digest, signatures[i])
        if by != keys[i]:
            assert by not in keys, "agreement_registry: signed by another party"
            raise "agreement_registry: not signed by the party"

    self._terminations[agreement] = Termination(
        version=version,
        ends_at=ends_at,
        registered_at=convert(block.timestamp, uint64),
        block_number=convert(block.number, uint64),
        terms=terms,
        digest=digest,
    )
    log AgreementTerminated(
        agreement=agreement,
        version=version,
        commitment=commitment,
        ends_at=ends_at,
        terms=terms,
        digest=digest,
    )
    return digest


@external
def rotate_key(
    signer: address,
    old_key: address,
    new_key: address,
    number: uint256,
    changed_by: address,
    authorization: Bytes[MAX_SIGNATURE],
    acceptance: Bytes[MAX_SIGNATURE],
):
    """
    @notice Let another key sign for a signer, by the old key or the signer's recovery, and the new key.
    @param signer The address that versions name.
    @param old_key The key that signs for him until now; it may be revoked, where the recovery replaces it.
    @param new_key The key that signs for him from here on.
    @param number One more than `key_changes`.
    @param changed_by Whose signature `authorization` is: the old key or the recovery.
    @param authorization His signature of the KeyRotation.
    @param acceptance The new key's signature of the same.
    """
    assert old_key == self._key_of(signer), "agreement_registry: old key does not sign for the signer"
    self._check_change(signer, number, changed_by)
    assert new_key != empty(address), "agreement_registry: new key is empty"
    assert new_key != old_key, "agreement_registry: new key is the old key"
    assert new_key != self.recovery_of[signer], "agreement_registry: new key is the recovery"
    assert self.revoked_at[signer][new_key] == 0, "agreement_registry: new key is revoked"

    struct_hash: bytes32 = keccak256(abi_encode(ROTATION_TYPEHASH, signer, old_key, new_key, number))
    digest: bytes32 = self._typed_digest(struct_hash)
    self._check_changed_by(changed_by, digest, authorization)
    accepted_by: address = self._signed_by(new_key, digest, acceptance)
    assert accepted_by == new_key, "agreement_registry: not accepted by the new key"

    self.key_changes[signer] = number
    self._keys[signer] = new_key
    log KeyRotated(signer=signer, old_key=old_key, new_key=new_key, number=number, changed_by=changed_by)


@external
def name_recovery(
    signer: address,
    recovery: address,
    number: uint256,
    authorization: Bytes[MAX_SIGNATURE],
    consent: Bytes[MAX_SIGNATURE],
):
    """
    @notice Name who may replace and revoke a signer's key. The key names the first; from then on the
            recovery named before must consent.
    @param signer The address that versions name.
    @param recovery Who may; empty for nobody.
    @param number One more than `key_changes`.
    @param authorization The signature of the KeyRecovery by the signer's key.
    @param consent The signature of the same by the recovery named before; empty where there is none.
    """
    key: address = self._key_of(signer)
    self._check_change(signer, number, key)
    assert recovery != key, "agreement_registry: recovery is the key"
    before: address = self.recovery_of[signer]
    assert recovery != before, "agreement_registry: recovery is named already"

    digest: bytes32 = self._typed_digest(
        keccak256(abi_encode(RECOVERY_TYPEHASH, signer, recovery, number))
    )
    self._check_changed_by(key, digest, authorization)
    if before == empty(address):
        assert len(consent) == 0, "agreement_registry: no recovery to consent"
    else:
        assert len(consent) != 0, "agreement_registry: recovery has not consented"
        consented: address = self._signed_by(before, digest, consent)
        assert consented == before, "agreement_registry: recovery has not consented"

    self.key_changes[signer] = number
    self.recovery_of[signer] = recovery
    log RecoveryNamed(signer=signer, recovery=recovery, number=number)


@external
def revoke_key(
    signer: address, key: address, number: uint256, changed_by: address, authorization: Bytes[MAX_SIGNATURE]
):
    """
    @notice Take a lost or stolen key out of use. Only the signer's recovery can then put another in its place.
    @param signer The address that versions name.
    @param key The key that signs for him until now.
    @param number One more than `key_changes`.
    @param changed_by Whose signature `authorization` is: the key or the recovery.
    @param authorization His signature of the KeyRevocation.
    """
    assert key == self._key_of(signer), "agreement_registry: old key does not sign for the signer"
    assert self.revoked_at[signer][key] == 0, "agreement_registry: key is revoked already"
    self._check_change(signer, number, changed_by)
    digest: bytes32 = self._typed_digest(
        keccak256(abi_encode(REVOCATION_TYPEHASH, signer, key, number))
    )
    self._check_changed_by(changed_by, digest, authorization)

    self.key_changes[signer] = number
    self.revoked_at[signer][key] = convert(block.timestamp, uint64)
    log KeyRevoked(signer=signer, key=key, changed_by=changed_by, number=number)


@external
@view
def key_of(signer: address) -> address:
    """
    @notice Read which key signs for a signer; `revoked_at` says whether it still does.
    @param signer The address that versions name.
    @return The key: the signer's own until it is replaced.
    """
    return self._key_of(signer)


@external
@view
def signer_keys(signer: address) -> SignerKeys:
    """
    @notice Read who signs for a signer, and who may change that.
    @param signer The address that versions name.
    @return His keys; where nothing was changed the signer's own, which is not revoked, and no recovery.
    """
    key: address = self._key_of(signer)
    return SignerKeys(
        key=key,
        revoked_at=self.revoked_at[signer][key],
        recovery=self.recovery_of[signer],
        changes=self.key_changes[signer],
    )


@external
@view
def signed_by(key: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE]) -> address:
    """
    @notice Say whose a signature is, as this contract judges it when something is registered.
    @param key Whose it should be: an account without code, or a wallet contract, which is asked.
    @param digest The digest that was signed.
    @param signature The signature.
    @return Whoever signed; the wallet itself where it says so. Anything else is refused with its reason.
    """
    return self._signed_by(key, digest, signature)


@external
@view
def termination(agreement: bytes32) -> Termination:
    """
    @notice Read how an agreement was ended.
    @param agreement The agreement key.
    @return The record; its `registered_at` is zero where it was not ended.
    """
    return self._terminations[agreement]


@external
@view
def version_record(agreement: bytes32, version: uint256) -> VersionRecord:
    """
    @notice Read the record of a version.
    @param agreement The agreement key.
    @param version The version number.
    @return The record; its `registered_at` is zero where there is none.
    """
    return self._records[agreement][version]


@external
@view
def version_parties(agreement: bytes32, version: uint256) -> DynArray[address, MAX_PARTIES]:
    """
    @notice Read who signed a version as its parties.
    @param agreement The agreement key.
    @param version The version number.
    @return Their addresses, ascending; none where there is no record.
    """
    return self._parties[agreement][version]


@external
@view
def required_signers(
    agreement: bytes32, version: uint256, parties: DynArray[address, MAX_PARTIES]
) -> DynArray[address, MAX_SIGNATURES]:
    """
    @notice List whose signatures `register` will ask for, in its order.
    @param agreement The agreement key.
    @param version The version about to be registered.
    @param parties Its parties, strictly ascending.
    @return The parties, then those who leave with this version.
    """
    self._check_order(parties)
    return self._signers(agreement, version, parties)


@external
@view
def digest_to_sign(
    agreement: bytes32,
    version: uint256,
    commitment: bytes32,
    supersedes: bytes32,
    effective_from: uint64,
    parties: DynArray[address, MAX_PARTIES],
) -> bytes32:
    """
    @notice Compute the EIP-712 digest of a version as `register` does.
    @param agreement The agreement key.
    @param version The version number.
    @param commitment The salted digest of the document.
    @param supersedes The commitment of the version before, zero for version 1.
    @param effective_from Seconds since 1970 from which the version applies.
    @param parties Its parties.
    @return The 32 bytes to sign.
    """
    return self._digest(agreement, version, commitment, supersedes, effective_from, parties)


@external
@view
def domain_separator() -> bytes32:
    """
    @notice Read the EIP-712 domain separator of this contract on this chain.
    @return The separator.
    """
    return self._domain_separator()


@internal
@view
def _check_sequence(agreement: bytes32, version: uint256, supersedes: bytes32):
    """
    @dev Versions count from one without a gap, each superseding the commitment before it.
    @param agreement The agreement key.
    @param version The version offered.
    @param supersedes The commitment that it says it supersedes.
    """
    self._check_open(agreement)
    latest: uint256 = self.latest_version[agreement]
    assert version != 0, "agreement_registry: versions count from one"
    assert version > latest, "agreement_registry: version already registered"
    assert version == latest + 1, "agreement_registry: version skips ahead"
    previous: bytes32 = self._records[agreement][latest].commitment
    assert supersedes == previous, "agreement_registry: supersedes another commitment"


@internal
@pure
def _check_order(parties: DynArray[address, MAX_PARTIES]):
    """
    @dev Strictly ascending from above zero: sorted, nobody twice, no empty address.
    @param parties The parties offered.
    """
    assert len(parties) != 0, "agreement_registry: no parties"
    before: uint160 = 0
    for party: address in parties:
        current: uint160 = convert(party, uint160)
        assert current > before, "agreement_registry: parties not strictly ascending"
        before = current


@internal
@view
def _signers(
    agreement: bytes32, version: uint256, parties: DynArray[address, MAX_PARTIES]
) -> DynArray[address, MAX_SIGNATURES]:
    """
    @dev The parties, then the parties of the version before who are not among them.
    @param agreement The agreement key.
    @param version The version whose signers are asked for.
    @param parties Its parties.
    @return All who must sign.
    """
    signers: DynArray[address, MAX_SIGNATURES] = []
    for party: address in parties:
        signers.append(party)
    if version > 1:
        for party: address in self._parties[agreement][version - 1]:
            if party not in parties:
                signers.append(party)
    return signers


@internal
@view
def _domain_separator() -> bytes32:
    """
    @dev Computed from the chain id at the time of the call, so that a chain that splits does not
         carry signatures across.
    @return The EIP-712 domain separator.
    """
    return keccak256(abi_encode(DOMAIN_TYPEHASH, DOMAIN_NAME, DOMAIN_VERSION, chain.id, self))


@internal
@view
def _digest(
    agreement: bytes32,
    version: uint256,
    commitment: bytes32,
    supersedes: bytes32,
    effective_from: uint64,
    parties: DynArray[address, MAX_PARTIES],
) -> bytes32:
    """
    @dev EIP-712: an array's hash is that of its elements padded to 32 bytes and joined; `abi_encode`
         puts two words, the offset and the length, before exactly those bytes.
    @param agreement The agreement key.
    @param version The version number.
    @param commitment The salted digest of the document.
    @param supersedes The commitment of the version before.
    @param effective_from Seconds since 1970 from which the version applies.
    @param parties Its parties.
    @return The digest to sign.
    """
    joined: Bytes[32 * MAX_PARTIES + 64] = slice(abi_encode(parties), 64, 32 * len(parties))
    struct_hash: bytes32 = keccak256(
        abi_encode(
            VERSION_TYPEHASH, agreement, version, commitment, supersedes, effective_from, keccak256(joined)
        )
    )
    return self._typed_digest(struct_hash)


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
def _check_open(agreement: bytes32):
    """
    @dev What all parties have ended takes neither a version nor another end.
    @param agreement The agreement key.
    """
    assert self._terminations[agreement].registered_at == 0, "agreement_registry: agreement is terminated"


@internal
@view
def _check_change(signer: address, number: uint256, changed_by: address):
    """
    @dev Changes of a signer's keys count from one without a gap, and are made by whom he trusts with them.
    @param signer The address that versions name.
    @param number The number of the change.
    @param changed_by Who is said to make it.
    """
    assert signer != empty(address), "agreement_registry: signer is empty"
    assert number > self.key_changes[signer], "agreement_registry: key change already made"
    assert number == self.key_changes[signer] + 1, "agreement_registry: key change skips ahead"
    if changed_by != self.recovery_of[signer]:
        assert changed_by == self._key_of(signer), "agreement_registry: neither key nor recovery of the signer"
        assert self.revoked_at[signer][changed_by] == 0, "agreement_registry: key is revoked"


@internal
@view
def _check_changed_by(changed_by: address, digest: bytes32, authorization: Bytes[MAX_SIGNATURE]):
    """
    @dev Whoever is said to make a change has signed it.
    @param changed_by The key or recovery of the signer.
    @param digest The digest of the change.
    @param authorization His signature.
    """
    authorized: address = self._signed_by(changed_by, digest, authorization)
    assert authorized == changed_by, "agreement_registry: not signed by who makes the change"


@internal
@view
def _key_of(signer: address) -> address:
    """
    @dev The signer's own key, until another is put in its place.
    @param signer The address that versions name.
    @return The key that signs for him.
    """
    key: address = self._keys[signer]
    if key == empty(address):
        return signer
    return key


@internal
@view
def _keys_of(signers: DynArray[address, MAX_SIGNATURES]) -> DynArray[address, MAX_SIGNATURES]:
    """
    @dev Each signer's key, which must not be revoked.
    @param signers Who must sign.
    @return Their keys, in the same order.
    """
    keys: DynArray[address, MAX_SIGNATURES] = []
    for signer: address in signers:
        key: address = self._key_of(signer)
        assert self.revoked_at[signer][key] == 0, "agreement_registry: key of the party is revoked"
        keys.append(key)
    return keys


@internal
@view
def _signed_by(key: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE]) -> address:
    """
    @dev Whose a signature is: of a key whoever it recovers to, of a wallet the wallet itself or a refusal.
    @param key Whose it should be.
    @param digest The digest that was signed.
    @param signature The signature.
    @return Whoever signed.
    """
    if self._is_wallet(key):
        self._ask_wallet(key, digest, signature)
        return key
    return self._recover(digest, signature)


@internal
@view
def _is_wallet(account: address) -> bool:
    """
    @dev Whether an account has code of its own, not only delegated code.
    @param account The account.
    @return Whether it is asked, rather than its signature recovered.
    """
    size: uint256 = account.codesize
    if size == DELEGATED_SIZE:
        return convert(slice(account.code, 0, 3), uint256) != DELEGATED
    return size != 0


@internal
@view
def _ask_wallet(wallet: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE]):
    """
    @dev ERC-1271, mistrusting the wallet: it can change nothing, use no more than its gas, and answer one word.
         A call passes on at most 63/64 of the gas that is left, so that there must be that much first: else
         a wallet would seem to refuse for want of the sender's gas.
    @param wallet The wallet contract.
    @param digest The digest that was signed.
    @param signature Whatever the wallet takes for a signature.
    """
    asked: Bytes[MAX_SIGNATURE + 132] = abi_encode(
        digest, signature, method_id=method_id("isValidSignature(bytes32,bytes)")
    )
    assert msg.gas > WALLET_GAS + WALLET_GAS // 32, "agreement_registry: too little gas to ask the wallet"
    gas_before: uint256 = msg.gas
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        wallet, asked, max_outsize=32, gas=WALLET_GAS, is_static_call=True, revert_on_failure=False
    )
    if not success:
        assert gas_before - msg.gas < WALLET_GAS, "agreement_registry: wallet used up its gas"
        raise "agreement_registry: wallet reverted"
    assert len(answer) == 32, "agreement_registry: wallet gave no answer"
    accepted: bool = convert(answer, bytes32) == WALLET_ACCEPTS
    assert accepted, "agreement_registry: wallet refused the signature"


@internal
@view
def _recover(digest: bytes32, signature: Bytes[MAX_SIGNATURE]) -> address:
    """
    @dev Strict ECDSA recovery: 65 bytes, v 27 or 28, s in the lower half of the order.
    @param digest The digest that was signed.
    @param signature r, s and v.
    @return Whoever signed.
    """
    assert len(signature) == 65, "agreement_registry: signature is not 65 bytes"
    r: uint256 = convert(slice(signature, 0, 32), uint256)
    s: uint256 = convert(slice(signature, 32, 32), uint256)
    v: uint256 = convert(slice(signature, 64, 1), uint256)
    assert v == 27 or v == 28, "agreement_registry: signature v is not 27 or 28"
    assert s <= HALF_ORDER, "agreement_registry: signature s is too high"
    recovered: address = ecrecover(digest, v, r, s)
    assert recovered != empty(address), "agreement_registry: signature recovers nobody"
    return recovered
