// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Roles} from "./Roles.sol";

/// @title Anchors
/// @notice Anybody's timestamp on a content root, made before there is anything to dispute about.
abstract contract Anchors is Roles {
    /// @param time block timestamp, so that a reader of logs needs no headers
    event Anchored(bytes32 indexed contentRoot, address indexed sender, uint64 time);

    error ZeroHash();

    /// @notice Record that the sender knew `contentRoot` at this time. Who anchored first is read from the logs.
    function anchor(bytes32 contentRoot) external whenNotPaused {
        if (contentRoot == bytes32(0)) revert ZeroHash();
        emit Anchored(contentRoot, msg.sender, uint64(block.timestamp));
    }
}
