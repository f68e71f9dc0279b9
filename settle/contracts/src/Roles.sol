// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title Roles
/// @notice Owner, poster and arbiter. Each is handed over in two steps, so that a mistyped address never gets a role.
/// @dev Poster and arbiter are never the same account: nobody judges his own root.
abstract contract Roles is Ownable2Step, Pausable {
    address public poster;
    address public pendingPoster;
    address public arbiter;
    address public pendingArbiter;

    event PosterProposed(address indexed current, address indexed proposed);
    event PosterChanged(address indexed previous, address indexed current);
    event ArbiterProposed(address indexed current, address indexed proposed);
    event ArbiterChanged(address indexed previous, address indexed current);

    error NotPoster(address caller);
    error NotArbiter(address caller);
    error NotProposed(address caller);
    error SameHolder(address account);
    error ZeroAddress();

    modifier onlyPoster() {
        _checkPoster();
        _;
    }

    modifier onlyArbiter() {
        _checkArbiter();
        _;
    }

    constructor(address owner_, address poster_, address arbiter_) Ownable(owner_) {
        if (poster_ == address(0) || arbiter_ == address(0)) revert ZeroAddress();
        if (poster_ == arbiter_) revert SameHolder(poster_);
        poster = poster_;
        arbiter = arbiter_;
        emit PosterChanged(address(0), poster_);
        emit ArbiterChanged(address(0), arbiter_);
    }

    /// @notice Propose the next poster; address(0) withdraws a proposal.
    function proposePoster(address proposed) external onlyOwner {
        pendingPoster = proposed;
        emit PosterProposed(poster, proposed);
    }

    /// @notice Take the poster's role. A root already posted keeps the stake of the one who posted it.
    function acceptPoster() external {
        if (msg.sender != pendingPoster) revert NotProposed(msg.sender);
        if (msg.sender == arbiter) revert SameHolder(msg.sender);
        emit PosterChanged(poster, msg.sender);
        poster = msg.sender;
        pendingPoster = address(0);
    }

    /// @notice Propose the next arbiter; address(0) withdraws a proposal.
    function proposeArbiter(address proposed) external onlyOwner {
        pendingArbiter = proposed;
        emit ArbiterProposed(arbiter, proposed);
    }

    /// @notice Take the arbiter's role, with any challenge that is open.
    function acceptArbiter() external {
        if (msg.sender != pendingArbiter) revert NotProposed(msg.sender);
        if (msg.sender == poster) revert SameHolder(msg.sender);
        emit ArbiterChanged(arbiter, msg.sender);
        arbiter = msg.sender;
        pendingArbiter = address(0);
    }

    /// @notice Stop anchoring, committing and posting. Funding, challenges, finalising and claims go on.
    function pause() external onlyOwner {
        _pause();
    }

    /// @notice Undo {pause}.
    function unpause() external onlyOwner {
        _unpause();
    }

    /// @notice Give up ownership for good: roles stay as they are and nothing can be swept.
    /// @dev Refused while paused, since nobody could undo the pause.
    function renounceOwnership() public override onlyOwner whenNotPaused {
        super.renounceOwnership();
    }

    function _checkPoster() private view {
        if (msg.sender != poster) revert NotPoster(msg.sender);
    }

    function _checkArbiter() private view {
        if (msg.sender != arbiter) revert NotArbiter(msg.sender);
    }
}
