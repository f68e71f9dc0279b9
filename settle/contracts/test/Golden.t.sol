// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Claims} from "../src/Claims.sol";
import {Leaf} from "../src/Leaf.sol";
import {Ledger} from "../src/Ledger.sol";
import {Base} from "./Base.sol";

/// @notice The contract agrees with the vectors that scripts/golden.mjs made in JavaScript.
contract GoldenTest is Base {
    function test_leavesAndProofsOfEveryTree() public {
        string memory json = vm.readFile("../testdata/merkle.json");
        Ledger placed = _placed(vm.parseJsonAddress(json, ".ledger"), vm.parseJsonUint(json, ".chainId"));
        eq(Leaf.DOMAIN, vm.parseJsonBytes32(json, ".domain"));
        uint256 proofs;
        for (uint256 t; t < 7; t++) {
            string memory tree = string.concat(".trees[", vm.toString(t), "]");
            bytes32 root = vm.parseJsonBytes32(json, string.concat(tree, ".root"));
            uint256 leaves = vm.parseJsonUint(json, string.concat(tree, ".name"));
            // Every leaf of the small trees; of the largest, those whose proof is given.
            for (uint256 i; i < leaves; i = leaves > 33 && i == 1 ? 499 : leaves > 33 && i == 499 ? 998 : i + 1) {
                _check(placed, json, string.concat(tree, ".payees[", vm.toString(i), "]"), root);
                proofs++;
            }
        }
        eq(proofs, 1 + 2 + 3 + 5 + 12 + 33 + 5);
    }

    function test_claimToDigestAndSignature() public {
        string memory json = vm.readFile("../testdata/eip712.json");
        string memory c = ".cases[0]";
        Ledger placed = _placed(
            vm.parseJsonAddress(json, string.concat(c, ".domain.verifyingContract")),
            vm.parseJsonUint(json, string.concat(c, ".domain.chainId"))
        );
        eq(placed.CLAIM_TO_TYPEHASH(), vm.parseJsonBytes32(json, string.concat(c, ".typeHash")));
        address account = vm.parseJsonAddress(json, string.concat(c, ".message.account"));
        bytes32 digest = placed.hashClaimTo(
            account,
            vm.parseJsonAddress(json, string.concat(c, ".message.recipient")),
            vm.parseJsonUint(json, string.concat(c, ".message.cumulativeAmount")),
            vm.parseJsonUint(json, string.concat(c, ".message.nonce")),
            vm.parseJsonUint(json, string.concat(c, ".message.deadline"))
        );
        eq(digest, vm.parseJsonBytes32(json, string.concat(c, ".digest")));
        bytes memory signature = vm.parseJsonBytes(json, string.concat(c, ".signature"));
        yes(SignatureChecker.isValidSignatureNow(account, digest, signature), "signature does not verify");
    }

    function _check(Ledger placed, string memory json, string memory payee, bytes32 root) private view {
        bytes32 leaf = placed.leafOf(
            vm.parseJsonAddress(json, string.concat(payee, ".account")),
            vm.parseJsonUint(json, string.concat(payee, ".cumulativeAmount"))
        );
        eq(leaf, vm.parseJsonBytes32(json, string.concat(payee, ".leaf")));
        bytes32[] memory proof = vm.parseJsonBytes32Array(json, string.concat(payee, ".proof"));
        yes(MerkleProof.verify(proof, root, leaf), payee);
    }

    /// @dev The ledger's code at the address and on the chain that the vectors name.
    function _placed(address where, uint256 chain) private returns (Ledger) {
        vm.chainId(chain);
        vm.etch(where, address(ledger).code);
        return Ledger(where);
    }
}
