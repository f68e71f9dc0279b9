// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20, SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Vault
/// @notice The pool that payees are paid from, in one ERC-20 or in the native currency.
/// @dev A deposit is what arrived, not what was asked for: a token that takes a fee can never make the ledger promise money it
/// does not hold. Currency forced onto the ledger, and tokens sent without {fund}, are no deposit.
abstract contract Vault is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @notice ERC-20 that is paid out; address(0) for the native currency.
    address public immutable token;
    /// @notice Everything ever credited by {fund}.
    uint128 public deposited;
    /// @notice Part of {deposited} that was swept after expiry.
    uint128 public swept;

    event Funded(address indexed from, uint256 credited, uint256 deposited);

    error NotAContract(address token);
    error WrongValue(uint256 want, uint256 got);
    error NothingReceived(uint256 asked);
    error BadRecipient(address recipient);

    constructor(address token_) {
        if (token_ != address(0) && token_.code.length == 0) revert NotAContract(token_);
        token = token_;
    }

    /// @notice Add to the pool. Native ledger: `amount` must equal the value sent. ERC-20 ledger: no value, and an allowance.
    /// @return credited what arrived
    function fund(uint256 amount) external payable nonReentrant returns (uint256 credited) {
        credited = token == address(0) ? _takeNative(amount) : _takeToken(amount);
        if (credited == 0) revert NothingReceived(amount);
        uint256 total = deposited + credited;
        deposited = total.toUint128();
        emit Funded(msg.sender, credited, total);
    }

    /// @notice Upper bound of what may be promised to payees: deposits less what was swept. Stakes and bonds never count.
    function available() public view returns (uint256) {
        return deposited - swept;
    }

    function _takeNative(uint256 amount) private returns (uint256) {
        if (msg.value != amount) revert WrongValue(amount, msg.value);
        return amount;
    }

    function _takeToken(uint256 amount) private returns (uint256) {
        if (msg.value != 0) revert WrongValue(0, msg.value);
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        return IERC20(token).balanceOf(address(this)) - before;
    }

    /// @dev The last act of every caller, after all state is written. The ledger itself is refused: that money would be lost.
    function _pay(address recipient, uint256 amount) internal {
        if (recipient == address(0) || recipient == address(this)) revert BadRecipient(recipient);
        if (token == address(0)) Address.sendValue(payable(recipient), amount);
        else IERC20(token).safeTransfer(recipient, amount);
    }
}
