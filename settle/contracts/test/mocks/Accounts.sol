// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Ledger} from "../../src/Ledger.sol";

/// @notice Takes no currency.
contract Refuser {
    error Refused();

    receive() external payable {
        revert Refused();
    }

    function forward(address target, bytes calldata data) external payable returns (bytes memory) {
        (bool ok, bytes memory returned) = target.call{value: msg.value}(data);
        require(ok, "call failed");
        return returned;
    }
}

/// @notice On receipt of currency, calls back.
contract Reenterer {
    address public target;
    bytes public data;
    bool public succeeded;
    bytes public returned;

    function hook(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
    }

    function forward(address to, bytes calldata what) external payable {
        (bool ok,) = to.call{value: msg.value}(what);
        require(ok, "call failed");
    }

    receive() external payable {
        if (target != address(0)) (succeeded, returned) = target.call(data);
    }
}

/// @notice A contract wallet with one key (ERC-1271).
contract Wallet {
    address private immutable KEY;

    constructor(address key) {
        KEY = key;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        return
            failure == ECDSA.RecoverError.NoError && signer == KEY ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}
