# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title Ledger anchor
@author Tallystick
@notice Keeps the size and Merkle root of append-only logs, so that a log once anchored can neither be cut
        short nor rewritten without anyone who looks here finding out.
@dev A log belongs to the account that publishes it: two publishers may use one key without meeting, and
     nobody can anchor in another's name. An anchored log only grows. That an entry stands in an anchored log,
     and that a larger log begins with a smaller one, is shown by proofs of RFC 6962, which are checked here
     as RFC 9162 says. A proof that does not hold is refused with its reason, so that no caller overlooks it.
     Keys are salted digests of the log's name; a root is that of a tree over salted commitments.
"""


# @dev One anchored state of a log. `anchored_at` is the block's time and zero where there is none.
struct Checkpoint:
    size: uint64
    anchored_at: uint64
    block_number: uint64
    root: bytes32


# @notice A log was anchored at a size with a root.
event CheckpointAnchored:
    publisher: indexed(address)
    log_key: indexed(bytes32)
    size: indexed(uint64)
    root: bytes32


# @notice The most hashes that a proof can have: a log's size has 64 bits, and one of its proofs that many steps
#         at most, of which the first can be a hash more.
MAX_PROOF: public(constant(uint256)) = 65

# @notice How many checkpoints a publisher has anchored for a log.
checkpoint_count: public(HashMap[address, HashMap[bytes32, uint256]])

# @dev publisher -> log -> position -> size, and publisher -> log -> size -> checkpoint.
_sizes: HashMap[address, HashMap[bytes32, HashMap[uint256, uint64]]]
_checkpoints: HashMap[address, HashMap[bytes32, HashMap[uint64, Checkpoint]]]


@external
def anchor(log_key: bytes32, size: uint64, root: bytes32):
    """
    @notice Anchor a state of the caller's log that is larger than the one before.
    @param log_key Salted digest of the log's name.
    @param size How many entries the log holds.
    @param root Root of the tree over them.
    """
    assert log_key != empty(bytes32), "ledger_anchor: log key is empty"
    assert root != empty(bytes32), "ledger_anchor: root is empty"
    assert size != 0, "ledger_anchor: log is empty"
    count: uint256 = self.checkpoint_count[msg.sender][log_key]
    if count != 0:
        newest: uint64 = self._sizes[msg.sender][log_key][count - 1]
        assert size >= newest, "ledger_anchor: log does not shrink"
        assert size != newest, "ledger_anchor: size already anchored"

    self._sizes[msg.sender][log_key][count] = size
    self._checkpoints[msg.sender][log_key][size] = Checkpoint(
        size=size,
        anchored_at=convert(block.timestamp, uint64),
        block_number=convert(block.number, uint64),
        root=root,
    )
    self.checkpoint_count[msg.sender][log_key] = count + 1
    log CheckpointAnchored(publisher=msg.sender, log_key=log_key, size=size, root=root)


@external
@view
def latest_checkpoint(publisher: address, log_key: bytes32) -> Checkpoint:
    """
    @notice Read the newest checkpoint of a log.
    @param publisher Whose log it is.
    @param log_key The log's key.
    @return The checkpoint, all zero where nothing is anchored.
    """
    count: uint256 = self.checkpoint_count[publisher][log_key]
    if count == 0:
        return empty(Checkpoint)
    return self._checkpoints[publisher][log_key][self._sizes[publisher][log_key][count - 1]]


@external
@view
def checkpoint_at(publisher: address, log_key: bytes32, position: uint256) -> Checkpoint:
    """
    @notice Read a checkpoint by its position, from zero.
    @param publisher Whose log it is.
    @param log_key The log's key.
    @param position Its position in the order of anchoring.
    @return The checkpoint, all zero where there is none.
    """
    return self._checkpoints[publisher][log_key][self._sizes[publisher][log_key][position]]


@external
@view
def checkpoint_of_size(publisher: address, log_key: bytes32, size: uint64) -> Checkpoint:
    """
    @notice Read the checkpoint that was anchored at a size.
    @param publisher Whose log it is.
    @param log_key The log's key.
    @param size How many entries the log held.
    @return The checkpoint, all zero where that size was not anchored.
    """
    return self._checkpoints[publisher][log_key][size]


@external
@view
def verify_inclusion(
    publisher: address,
    log_key: bytes32,
    size: uint64,
    index: uint64,
    leaf_hash: bytes32,
    proof: DynArray[bytes32, MAX_PROOF],
):
    """
    @notice Hold that an entry stands at a place of a log, as it was anchored at a size.
    @param publisher Whose log it is.
    @param log_key The log's key.
    @param size The anchored size that the proof leads to.
    @param index The entry's place, from zero.
    @param leaf_hash SHA-256(0x00, leaf). It is for the caller to know that it is the hash of a leaf.
    @param proof The audit path, from the leaf upwards.
    """
    root: bytes32 = self._anchored_root(publisher, log_key, size)
    assert self._root_over(index, size, leaf_hash, proof) == root, "ledger_anchor: proof leads to another root"


@external
@view
def verify_consistency(
    publisher: address, log_key: bytes32, first: uint64, second: uint64, proof: DynArray[bytes32, MAX_PROOF]
):
    """
    @notice Hold that a log as anchored at a larger size begins with what was anchored at a smaller one.
    @param publisher Whose log it is.
    @param log_key The log's key.
    @param first The smaller anchored size.
    @param second The larger.
    @param proof The consistency proof.
    """
    first_root: bytes32 = self._anchored_root(publisher, log_key, first)
    second_root: bytes32 = self._anchored_root(publisher, log_key, second)
    self._check_consistency(first, first_root, second, second_root, proof)


@external
@pure
def check_inclusion(
    index: uint64, size: uint64, root: bytes32, leaf_hash: bytes32, proof: DynArray[bytes32, MAX_PROOF]
):
    """
    @notice Hold that a leaf stands in the tree of a root, wherever that root was seen.
    @param index The leaf's place, from zero.
    @param size How many leaves the tree has.
    @param root The tree's root.
    @param leaf_hash SHA-256(0x00, leaf).
    @param proof The audit path, from the leaf upwards.
    """
    assert self._root_over(index, size, leaf_hash, proof) == root, "ledger_anchor: proof leads to another root"


@external
@pure
def check_consistency(
    first: uint64,
    first_root: bytes32,
    second: uint64,
    second_root: bytes32,
    proof: DynArray[bytes32, MAX_PROOF],
):
    """
    @notice Hold that a tree begins with a smaller one, wherever their roots were seen.
    @param first How many leaves the smaller tree has, at least one.
    @param first_root Its root.
    @param second How many leaves the larger tree has.
    @param second_root Its root.
    @param proof The consistency proof.
    """
    self._check_consistency(first, first_root, second, second_root, proof)


@internal
@view
def _anchored_root(publisher: address, log_key: bytes32, size: uint64) -> bytes32:
    """
    @dev The root of a log at an anchored size.
    @param publisher Whose log it is.
    @param log_key The log's key.
    @param size The size.
    @return The root.
    """
    root: bytes32 = self._checkpoints[publisher][log_key][size].root
    assert root != empty(bytes32), "ledger_anchor: size not anchored"
    return root


@internal
@pure
def _node(left: bytes32, right: bytes32) -> bytes32:
    """
    @dev RFC 6962: a node is hashed with a one before it, a leaf with a zero, so that neither passes for the other.
    @param left The hash of its left side.
    @param right The hash of its right side.
    @return Its hash.
    """
    return sha256(concat(0x01, left, right))


@internal
@pure
def _root_over(index: uint64, size: uint64, leaf_hash: bytes32, proof: DynArray[bytes32, MAX_PROOF]) -> bytes32:
    """
    @dev RFC 9162, section 2.1.3.2. `node` and `last` are the places of the path and of the tree's last node at
         the height reached; a node without a sibling moves up unhashed, from 2^63 at most 63 times.
    @param index The leaf's place.
    @param size How many leaves the tree has.
    @param leaf_hash The leaf's hash.
    @param proof The audit path.
    @return The root that it leads to.
    """
    assert index < size, "ledger_anchor: no such place in the log"
    node: uint256 = convert(index, uint256)
    last: uint256 = convert(size, uint256) - 1
    root: bytes32 = leaf_hash
    for sibling: bytes32 in proof:
        assert last != 0, "ledger_anchor: proof is too long"
        if node & 1 == 1 or node == last:
            root = self._node(sibling, root)
            for _: uint256 in range(63):
                if node & 1 == 1 or node == 0:
                    break
                node = node >> 1
                last = last >> 1
        else:
            root = self._node(root, sibling)
        node = node >> 1
        last = last >> 1
    assert last == 0, "ledger_anchor: proof is too short"
    return root


@internal
@pure
def _check_consistency(
    first: uint64,
    first_root: bytes32,
    second: uint64,
    second_root: bytes32,
    proof: DynArray[bytes32, MAX_PROOF],
):
    """
    @dev RFC 9162, section 2.1.4.2. Where the smaller size is a power of two its root is itself a node of the
         larger tree and the proof leaves it out. Every log begins with the empty one: that is no proof of
         anything and is refused. From 2^63 - 1 one moves up 63 times, and having moved once already 62 times.
    @param first How many leaves the smaller tree has.
    @param first_root Its root.
    @param second How many leaves the larger tree has.
    @param second_root Its root.
    @param proof The consistency proof.
    """
    assert first != 0, "ledger_anchor: log is empty"
    assert first <= second, "ledger_anchor: log does not shrink"
    if first == second:
        assert len(proof) == 0, "ledger_anchor: proof is too long"
        assert first_root == second_root, "ledger_anchor: log was rewritten"
        return
    node: uint256 = convert(first, uint256) - 1
    last: uint256 = convert(second, uint256) - 1
    for _: uint256 in range(63):
        if node & 1 == 0:
            break
        node = node >> 1
        last = last >> 1
    # of a power of two nothing is left: then the smaller root begins the path
    old: bytes32 = first_root
    grown: bytes32 = first_root
    begun: bool = node == 0
    for step: bytes32 in proof:
        if not begun:
            old = step
            grown = step
            begun = True
            continue
        assert last != 0, "ledger_anchor: proof is too long"
        if node & 1 == 1 or node == last:
            old = self._node(step, old)
            grown = self._node(step, grown)
            for _: uint256 in range(62):
                if node & 1 == 1 or node == 0:
                    break
                node = node >> 1
                last = last >> 1
        else:
            grown = self._node(grown, step)
        node = node >> 1
        last = last >> 1
    assert last == 0, "ledger_anchor: proof is too short"
    assert old == first_root, "ledger_anchor: proof leads to another root"
    assert grown == second_root, "ledger_anchor: log was rewritten"
