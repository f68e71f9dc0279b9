// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Disputes} from "./Disputes.sol";

/// @title Sweeps
/// @notice After expiry the owner may take what nobody is owed: undistributed deposits and stray currency. What payees have
/// been promised stays for them for ever.
abstract contract Sweeps is Disputes {
    /// @notice UNIX time from which {sweep} works.
    uint64 public immutable expiry;

    event Swept(address indexed recipient, uint256 amount, uint256 swept);

    error BadExpiry(uint64 expiry, uint256 time);
    error NotExpired(uint64 expiry, uint256 time);
    error NothingToSweep();

    constructor(uint64 expiry_) {
        if (expiry_ <= block.timestamp) revert BadExpiry(expiry_, block.timestamp);
        expiry = expiry_;
    }

    /// @notice Pay {sweepable} to `recipient`.
    function sweep(address recipient) external onlyOwner nonReentrant returns (uint256 amount) {
        if (block.timestamp < expiry) revert NotExpired(expiry, block.timestamp);
        amount = sweepable();
        if (amount == 0) revert NothingToSweep();
        // Cannot truncate: deposited is a uint128 and never less than what was promised.
        // forge-lint: disable-next-line(unsafe-typecast)
        swept = uint128(deposited - _promised());
        emit Swept(recipient, amount, swept);
        _pay(recipient, amount);
    }

    /// @notice What the ledger holds beyond what it owes to payees, stakers, challengers and holders of credit.
    function sweepable() public view returns (uint256) {
        (uint256 held, uint256 kept) = token == address(0)
            ? (address(this).balance, owed() + totalStake + totalCredit + bondHeld())
            : (IERC20(token).balanceOf(address(this)), owed());
        return held > kept ? held - kept : 0;
    }
}
