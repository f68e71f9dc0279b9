// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaf} from "../src/Leaf.sol";
import {Base} from "./Base.sol";

/// @notice Gas of the paths people pay for, each within a stated bound: of the whole transaction, every call being isolated in
/// one of its own, so with the 21,000, the calldata and cold storage.
/// forge-config: default.isolate = true
contract GasTest is Base {
    function setUp() public override {
        super.setUp();
        _fund(1_000_000);
        // The first epoch writes fresh slots; the second one is the steady price.
        _payees(2, 10);
        _distribute();
    }

    function _within(string memory what, uint256 limit) private view {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        yes(used <= limit, string.concat(what, " burns ", vm.toString(used)));
    }

    function test_commit() public {
        vm.prank(poster);
        ledger.commit(2, INPUT);
        _within("commit", 45_000);
    }

    function test_post() public {
        _commit();
        vm.prank(poster);
        ledger.post(2, keccak256("root"), INPUT, EVIDENCE, 100, 100_000);
        _within("post", 62_000);
    }

    function test_challenge() public {
        _commit();
        _post(INPUT, 100);
        _challenge();
        _within("challenge", 80_000);
    }

    function test_finalise() public {
        _commit();
        _post(INPUT, 100);
        _finalise();
        _within("finalise", 50_000);
    }

    function test_claimOfAThousand() public {
        _claimWithProof(10, 98_000);
    }

    function test_claimOfAHundredThousand() public {
        _claimWithProof(17, 104_000);
    }

    function test_deploy() public view {
        yes(address(ledger).code.length <= 20_000, "code grows towards the limit of 24,576 bytes");
    }

    /// @dev A tree of 2^depth leaves known only by one path.
    function _claimWithProof(uint256 depth, uint256 limit) private {
        bytes32[] memory proof = new bytes32[](depth);
        bytes32 node = Leaf.hash(block.chainid, address(ledger), anyone, 100);
        for (uint256 i; i < depth; i++) {
            proof[i] = keccak256(abi.encode(i));
            node = node < proof[i] ? keccak256(abi.encode(node, proof[i])) : keccak256(abi.encode(proof[i], node));
        }
        _commit();
        _post(node, 150);
        _finalise();
        ledger.claim(anyone, 100, proof);
        _within("claim", limit);
    }
}
