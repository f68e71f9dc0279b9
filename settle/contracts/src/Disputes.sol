// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Epochs} from "./Epochs.sol";
import {Dispute, State} from "./State.sol";

/// @title Disputes
/// @notice challenge, resolve, expire: the only ways a pending root can be dropped.
/// @dev One challenge at a time. The window stands still while one is open; the first rejected challenge of a posting restarts
/// it in full, later ones give back what remained, so a bogus challenge can neither run the window down nor prolong it for
/// ever. All payments are credits.
abstract contract Disputes is Epochs {
    /// @notice Seconds the arbiter has; after them anyone may drop the root.
    uint64 public immutable resolutionPeriod;

    Dispute internal _dispute;

    event Challenged(uint64 indexed epoch, address indexed challenger, bytes32 evidenceHash, uint64 deadline);
    event Resolved(uint64 indexed epoch, bool upheld, address indexed challenger, uint64 windowEnd);
    event Expired(uint64 indexed epoch, address indexed challenger);

    error WindowClosed(uint64 windowEnd, uint256 time);
    error ResolutionOver(uint64 deadline, uint256 time);
    error ResolutionOpen(uint64 deadline, uint256 time);

    constructor(uint64 resolutionPeriod_) {
        _checkPeriod(resolutionPeriod_);
        resolutionPeriod = resolutionPeriod_;
    }

    /// @notice Object to the pending root, with `bond` as value and the hash of one's own evidence.
    function challenge(uint64 epoch, bytes32 evidenceHash) external payable {
        _expect(epoch, State.Posted);
        if (block.timestamp >= _open.windowEnd) revert WindowClosed(_open.windowEnd, block.timestamp);
        if (msg.value != bond) revert WrongValue(bond, msg.value);
        if (evidenceHash == bytes32(0)) revert ZeroHash();
        _open.state = State.Challenged;
        _dispute = Dispute(msg.sender, uint64(block.timestamp), evidenceHash);
        emit Challenged(epoch, msg.sender, evidenceHash, _deadline());
    }

    /// @notice Decide the open challenge. Upheld: the root is dropped, challenger gets bond and reward. Rejected: the poster
    /// gets the bond, the window goes on.
    function resolve(uint64 epoch, bool upheld) external onlyArbiter {
        _expect(epoch, State.Challenged);
        if (block.timestamp >= _deadline()) revert ResolutionOver(_deadline(), block.timestamp);
        address challenger = _dispute.challenger;
        if (upheld) _uphold(epoch, challenger);
        else _reject();
        emit Resolved(epoch, upheld, challenger, upheld ? 0 : _open.windowEnd);
    }

    /// @notice Drop a root whose challenge nobody resolved in time; the bond goes back. Anyone may call.
    function expire(uint64 epoch) external {
        _expect(epoch, State.Challenged);
        if (block.timestamp < _deadline()) revert ResolutionOpen(_deadline(), block.timestamp);
        address challenger = _dispute.challenger;
        _drop(epoch);
        emit Expired(epoch, challenger);
        _credit(challenger, bond);
    }

    /// @notice The open challenge and the time until which the arbiter may resolve it; zero when there is none.
    function dispute() external view returns (Dispute memory open, uint64 deadline) {
        if (_open.state == State.Challenged) return (_dispute, _deadline());
    }

    /// @notice Wei of the open challenge.
    function bondHeld() public view returns (uint256) {
        return _open.state == State.Challenged ? bond : 0;
    }

    function _uphold(uint64 epoch, address challenger) private {
        _takeStake(_open.poster, reward);
        _drop(epoch);
        _credit(challenger, bond + reward);
    }

    function _reject() private {
        uint64 time = uint64(block.timestamp);
        _open.windowEnd = _open.restarted ? _open.windowEnd + time - _dispute.openedAt : time + window;
        _open.restarted = true;
        _open.state = State.Posted;
        _credit(_open.poster, bond);
    }

    function _deadline() private view returns (uint64) {
        return _dispute.openedAt + resolutionPeriod;
    }
}
