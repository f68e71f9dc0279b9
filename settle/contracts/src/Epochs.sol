// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchors} from "./Anchors.sol";
import {Bonds} from "./Bonds.sol";
import {OpenEpoch, State} from "./State.sol";

/// @title Epochs
/// @notice commit, post, finalise: one epoch at a time, in order, each with one root over cumulative amounts.
/// @dev The commit comes before the seed exists, so a poster cannot try seeds. A second commit for the same epoch is possible
/// only after its root was dropped or its commit voided, which takes a dispute or the arbiter, and is counted in `attempt`.
/// Slots of the open epoch are overwritten, never cleared: that keeps the price of an epoch steady.
abstract contract Epochs is Anchors, Bonds {
    uint64 private constant MAX_PERIOD = 365 days;

    /// @notice Seconds a posted root stays open to challenge.
    uint64 public immutable window;

    /// @notice Root that claims are proved against; zero before the first epoch.
    bytes32 public root;
    /// @notice Everything owed to all payees by {root}, claimed or not.
    uint128 public cumulativeTotal;
    /// @notice Everything ever paid to payees.
    uint128 public totalClaimed;
    /// @notice Last finalised epoch; the first epoch is 1.
    uint64 public lastFinalised;

    OpenEpoch internal _open;

    event Committed(uint64 indexed epoch, uint32 attempt, bytes32 inputHash, uint64 commitBlock);
    event CommitVoided(uint64 indexed epoch, uint32 attempt, bytes32 inputHash);
    event Posted(
        uint64 indexed epoch,
        bytes32 indexed root,
        bytes32 inputHash,
        bytes32 evidenceHash,
        uint256 cumulativeTotal,
        uint32 leaves,
        uint64 commitBlock,
        uint64 windowEnd
    );
    event Dropped(uint64 indexed epoch, bytes32 indexed root, uint32 attempt);
    event Finalised(uint64 indexed epoch, bytes32 indexed root, uint256 cumulativeTotal);

    error BadPeriod(uint64 period);
    error WrongEpoch(uint64 want, uint64 got);
    error WrongState(uint64 epoch, State state);
    error InputMismatch(bytes32 committed, bytes32 posted);
    error SeedNotReady(uint64 readyAt, uint256 blockNumber);
    error TotalBelowPrevious(uint256 previous, uint256 posted);
    error Insolvent(uint256 posted, uint256 available);
    error NoLeaves();
    error WindowOpen(uint64 windowEnd, uint256 time);

    constructor(uint64 window_) {
        _checkPeriod(window_);
        window = window_;
    }

    /// @notice Fix the inputs of the next epoch. The seed is keccak256(inputHash ‖ blockhash(commitBlock + 1)).
    function commit(uint64 epoch, bytes32 inputHash) external onlyPoster whenNotPaused {
        _expect(epoch, State.Open);
        if (inputHash == bytes32(0)) revert ZeroHash();
        _open.inputHash = inputHash;
        _open.commitBlock = uint64(block.number);
        _open.state = State.Committed;
        emit Committed(epoch, _open.attempt, inputHash, uint64(block.number));
    }

    /// @notice Give up a commit that cannot be posted, so that the epoch can be committed again.
    /// @dev The arbiter's, not the poster's: a poster who could void would try seeds.
    function voidCommit(uint64 epoch) external onlyArbiter {
        _expect(epoch, State.Committed);
        emit CommitVoided(epoch, _open.attempt, _open.inputHash);
        _reopen();
    }

    /// @notice Post the root of the committed epoch and open its window.
    /// @param newTotal everything owed to all payees so far: not less than before, not more than was deposited
    /// @param leaves number of payees, for readers
    function post(
        uint64 epoch,
        bytes32 newRoot,
        bytes32 inputHash,
        bytes32 evidenceHash,
        uint256 newTotal,
        uint32 leaves
    ) external onlyPoster whenNotPaused {
        _expect(epoch, State.Committed);
        _checkSeed(inputHash);
        _checkTotal(newTotal);
        if (newRoot == bytes32(0) || evidenceHash == bytes32(0)) revert ZeroHash();
        if (leaves == 0) revert NoLeaves();
        if (stakeOf[msg.sender] < reward) revert StakeTooLow(reward, stakeOf[msg.sender]);
        uint64 end = uint64(block.timestamp) + window;
        _open.root = newRoot;
        _open.evidenceHash = evidenceHash;
        // Cannot truncate: newTotal is at most available(), which is a uint128.
        // forge-lint: disable-next-line(unsafe-typecast)
        _open.cumulativeTotal = uint128(newTotal);
        _open.windowEnd = end;
        _open.poster = msg.sender;
        _open.leaves = leaves;
        _open.state = State.Posted;
        _open.restarted = false;
        emit Posted(epoch, newRoot, inputHash, evidenceHash, newTotal, leaves, _open.commitBlock, end);
    }

    /// @notice Make the pending root the one that is claimed against, once its window has passed. Anyone may call.
    function finalise(uint64 epoch) external {
        _expect(epoch, State.Posted);
        if (block.timestamp < _open.windowEnd) revert WindowOpen(_open.windowEnd, block.timestamp);
        root = _open.root;
        cumulativeTotal = _open.cumulativeTotal;
        lastFinalised = epoch;
        _open.state = State.Open;
        _open.attempt = 0;
        emit Finalised(epoch, root, cumulativeTotal);
    }

    /// @notice Where `epoch` stands. Epoch 0 reads as Finalised: nothing can happen to it.
    function stateOf(uint64 epoch) public view returns (State) {
        if (epoch <= lastFinalised) return State.Finalised;
        return epoch == lastFinalised + 1 ? _open.state : State.Future;
    }

    /// @notice The epoch in turn and all that is known of it.
    function openEpoch() external view returns (uint64 epoch, OpenEpoch memory open) {
        OpenEpoch storage o = _open;
        epoch = lastFinalised + 1;
        open.attempt = o.attempt;
        open.state = o.state;
        if (o.state == State.Open) return (epoch, open);
        open.inputHash = o.inputHash;
        open.commitBlock = o.commitBlock;
        if (o.state == State.Committed) return (epoch, open);
        open = o;
    }

    /// @notice Block whose hash makes the seed of the epoch in turn. A post is accepted from the block after it.
    function seedBlock() external view returns (uint64) {
        if (_open.state == State.Open) revert WrongState(lastFinalised + 1, State.Open);
        return _open.commitBlock + 1;
    }

    /// @notice What payees have been promised and not been paid; a pending root counts in full.
    function owed() public view returns (uint256) {
        return _promised() - totalClaimed;
    }

    function _lockedStake(address account) internal view override returns (uint256) {
        return _isPending() && _open.poster == account ? reward : 0;
    }

    function _promised() internal view returns (uint256) {
        return _isPending() ? _open.cumulativeTotal : cumulativeTotal;
    }

    function _isPending() internal view returns (bool) {
        return _open.state == State.Posted || _open.state == State.Challenged;
    }

    function _expect(uint64 epoch, State want) internal view {
        if (epoch != lastFinalised + 1) revert WrongEpoch(lastFinalised + 1, epoch);
        if (_open.state != want) revert WrongState(epoch, _open.state);
    }

    function _drop(uint64 epoch) internal {
        emit Dropped(epoch, _open.root, _open.attempt);
        _reopen();
    }

    function _checkPeriod(uint64 period) internal pure {
        if (period == 0 || period > MAX_PERIOD) revert BadPeriod(period);
    }

    function _reopen() private {
        _open.state = State.Open;
        _open.attempt += 1;
    }

    /// @dev The hash of block commitBlock + 1 exists from block commitBlock + 2 on.
    function _checkSeed(bytes32 inputHash) private view {
        if (inputHash != _open.inputHash) revert InputMismatch(_open.inputHash, inputHash);
        uint64 readyAt = _open.commitBlock + 2;
        if (block.number < readyAt) revert SeedNotReady(readyAt, block.number);
    }

    function _checkTotal(uint256 total) private view {
        if (total < cumulativeTotal) revert TotalBelowPrevious(cumulativeTotal, total);
        if (total > available()) revert Insolvent(total, available());
    }
}
