# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title Agreement registry
@author Tallystick
@notice Records which version of which agreement all of its parties have signed, and from when it applies.
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
"""


# @dev One signed version. `registered_at` is the block's time and zero where there is no record.
struct VersionRecord:
    commitment: bytes32
    supersedes: bytes32
    effective_from: uint64
    registered_at: uint64
    block_number: uint64
    digest: bytes32


# @notice All parties' signatures on a version were accepted.
event VersionRegistered:
    agreement: indexed(bytes32)
    version: indexed(uint256)
    commitment: indexed(bytes32)
    supersedes: bytes32
    effective_from: uint64
    digest: bytes32


# @notice The most parties that one version can have.
MAX_PARTIES: public(constant(uint256)) = 16
# @dev Every party may leave and as many others take their place.
MAX_SIGNATURES: constant(uint256) = 2 * MAX_PARTIES

# @dev EIP-712 type hashes and the constant halves of the domain.
DOMAIN_TYPEHASH: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
VERSION_TYPEHASH: constant(bytes32) = keccak256(
    "AgreementVersion(bytes32 agreement,uint256 version,bytes32 commitment,bytes32 supersedes,uint64 effectiveFrom,address[] parties)"
)
DOMAIN_NAME: constant(bytes32) = keccak256("Tallystick")
DOMAIN_VERSION: constant(bytes32) = keccak256("1")

# @dev Half the order of secp256k1: of the two values of s that verify, only the lower is accepted (EIP-2).
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168


# @notice The number of the newest version of an agreement, zero where there is none.
latest_version: public(HashMap[bytes32, uint256])

# @dev agreement -> version -> its record, and the parties who signed it.
_records: HashMap[bytes32, HashMap[uint256, VersionRecord]]
_parties: HashMap[bytes32, HashMap[uint256, DynArray[address, MAX_PARTIES]]]


@external
def register(
    agreement: bytes32,
    version: uint256,
    commitment: bytes32,
    supersedes: bytes32,
    effective_from: uint64,
    parties: DynArray[address, MAX_PARTIES],
    signatures: DynArray[Bytes[65], MAX_SIGNATURES],
) -> bytes32:
    """
    @notice Record a version that all its parties, and all who leave with it, have signed.
    @param agreement keccak256(salt, agreement id).
    @param version The next number: one more than `latest_version`.
    @param commitment keccak256(salt, keccak256(canonical document)).
    @param supersedes The commitment of the version before, zero for version 1.
    @param effective_from Seconds since 1970 from which the version applies; the parties may agree on a past time.
    @param parties Addresses of the version's signers, strictly ascending.
    @param signatures r, s, v of 65 bytes each, in the order described for this contract.
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
    for i: uint256 in range(len(signers), bound=MAX_SIGNATURES):
        recovered: address = self._recover(digest, signatures[i])
        if recovered != signers[i]:
            assert recovered not in signers, "agreement_registry: signed by another party"
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
    return keccak256(concat(0x1901, self._domain_separator(), struct_hash))


@internal
@view
def _recover(digest: bytes32, signature: Bytes[65]) -> address:
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
