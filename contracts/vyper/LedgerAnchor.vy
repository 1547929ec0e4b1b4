# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title Ledger anchor
@author Tallystick
@notice Keeps the size and Merkle root of append-only logs, so that a log once anchored can neither be cut
        short nor rewritten without anyone who looks here finding out.
@dev A log belongs to the account that publishes it: two publishers may use one key without meeting, and
     nobody can anchor in another's name. An anchored log only grows. Whether a larger root truly extends
     a smaller one is shown by a consistency proof (RFC 6962), which anyone can demand of the publisher.
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
