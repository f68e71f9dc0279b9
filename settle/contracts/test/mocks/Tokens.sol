// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "../../src/TestToken.sol";

/// @notice Keeps one part in a hundred of every transfer.
contract FeeToken is TestToken("Fee token", "FEE", 18) {
    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0)) return super._update(from, to, value);
        super._update(from, address(0xfee), value / 100);
        super._update(from, to, value - value / 100);
    }
}

/// @notice Refuses transfers from or to listed accounts.
contract BlacklistToken is TestToken("Blacklist token", "BLACK", 6) {
    mapping(address account => bool) public listed;

    error Listed(address account);

    function list(address account, bool on) external {
        listed[account] = on;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (listed[from]) revert Listed(from);
        if (listed[to]) revert Listed(to);
        super._update(from, to, value);
    }
}

/// @notice Calls a hook before or after every transfer, as ERC-777 does.
contract CallbackToken is TestToken("Callback token", "CALL", 18) {
    address public target;
    bytes public data;
    bytes public returned;
    bool public succeeded;

    function hook(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target == address(0) || from == address(0)) return;
        (succeeded, returned) = target.call(data);
    }
}

/// @notice Returns nothing from transfer, transferFrom and approve, as USDT does.
contract NoReturnToken {
    mapping(address account => uint256) public balanceOf;
    mapping(address account => mapping(address spender => uint256)) public allowance;

    function mint(address account, uint256 amount) external {
        balanceOf[account] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice Answers false instead of reverting.
contract FalseToken is TestToken("False token", "FALSE", 18) {
    function transfer(address, uint256) public pure override returns (bool) {
        return false;
    }

    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}
