// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Vault} from "./Vault.sol";

/// @title Bonds
/// @notice Stakes, bonds and rewards: always native currency, always apart from the pool, never pushed.
/// @dev Native currency even on an ERC-20 ledger: no pause, blacklist or fee of a token can then hinder a challenge, and what
/// is held against misbehaviour cannot be mistaken for what is owed to payees. A reward comes from the stake of the poster
/// whose root was dropped: were it taken from the pool, payees would pay for his fault, and he could drain the pool by
/// challenging himself.
abstract contract Bonds is Vault {
    /// @notice Wei a challenger deposits.
    uint256 public immutable bond;
    /// @notice Wei a successful challenger gets; a poster must have staked as much to post.
    uint256 public immutable reward;

    /// @notice Wei staked by an account, including what is locked by its pending root.
    mapping(address account => uint256) public stakeOf;
    /// @notice Wei an account may {withdraw}.
    mapping(address account => uint256) public creditOf;
    /// @notice Sum of {stakeOf}.
    uint256 public totalStake;
    /// @notice Sum of {creditOf}.
    uint256 public totalCredit;

    event Staked(address indexed account, uint256 amount, uint256 stake);
    event Unstaked(address indexed account, uint256 amount, uint256 stake);
    event Credited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, address indexed recipient, uint256 amount);

    error ZeroBond();
    error ZeroAmount();
    error StakeTooLow(uint256 need, uint256 have);
    error StakeLocked(uint256 requested, uint256 free);
    error NothingToWithdraw(address account);

    constructor(uint256 bond_, uint256 reward_) {
        if (bond_ == 0) revert ZeroBond();
        bond = bond_;
        reward = reward_;
    }

    /// @notice Add the value sent to the sender's stake.
    function stake() external payable {
        if (msg.value == 0) revert ZeroAmount();
        uint256 total = stakeOf[msg.sender] + msg.value;
        stakeOf[msg.sender] = total;
        totalStake += msg.value;
        emit Staked(msg.sender, msg.value, total);
    }

    /// @notice Turn free stake into credit. While the sender's root is pending, `reward` stays locked.
    function unstake(uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        uint256 have = stakeOf[msg.sender];
        uint256 locked = _lockedStake(msg.sender);
        uint256 free = have > locked ? have - locked : 0;
        if (amount > free) revert StakeLocked(amount, free);
        _takeStake(msg.sender, amount);
        emit Unstaked(msg.sender, amount, have - amount);
        _credit(msg.sender, amount);
    }

    /// @notice Pay all of the sender's credit (refunded and won bonds, rewards, released stake) to `recipient`.
    function withdraw(address payable recipient) external nonReentrant returns (uint256 amount) {
        amount = creditOf[msg.sender];
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        if (recipient == address(0) || recipient == address(this)) revert BadRecipient(recipient);
        creditOf[msg.sender] = 0;
        totalCredit -= amount;
        emit Withdrawn(msg.sender, recipient, amount);
        Address.sendValue(recipient, amount);
    }

    /// @dev Stake that the account's pending root holds.
    function _lockedStake(address account) internal view virtual returns (uint256);

    function _takeStake(address account, uint256 amount) internal {
        stakeOf[account] -= amount;
        totalStake -= amount;
    }

    function _credit(address account, uint256 amount) internal {
        creditOf[account] += amount;
        totalCredit += amount;
        emit Credited(account, amount);
    }
}
