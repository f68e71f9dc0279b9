// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Claims} from "../src/Claims.sol";
import {Ledger} from "../src/Ledger.sol";
import {Vault} from "../src/Vault.sol";
import {Base} from "./Base.sol";
import {Wallet} from "./mocks/Accounts.sol";

contract ClaimsTest is Base {
    uint256 private constant KEY = 0xa11ce;

    function setUp() public override {
        super.setUp();
        _payees(5, 10);
        payees[4] = vm.addr(KEY);
        _fund(1000);
        _distribute();
    }

    function _sign(address account, address recipient, uint256 amount, uint256 nonce, uint256 deadline)
        private
        view
        returns (bytes memory)
    {
        bytes32 digest = ledger.hashClaimTo(account, recipient, amount, nonce, deadline);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        return abi.encodePacked(r, s, v);
    }

    function _invalidProof(address account, uint256 amount) private {
        vm.expectRevert(abi.encodeWithSelector(Claims.InvalidProof.selector, account, amount));
    }

    function test_claimPaysTheAccountWhoeverCalls() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Claims.Claimed(payees[2], payees[2], 30, 30);
        vm.prank(anyone);
        eq(ledger.claim(payees[2], 30, _proof(2)), 30);
        eq(token.balanceOf(payees[2]), 30);
        eq(token.balanceOf(anyone), 0);
        eq(ledger.claimed(payees[2]), 30);
        eq(ledger.totalClaimed(), 30);
        eq(ledger.owed(), 120);
    }

    function test_claimTwicePaysOnce() public {
        bytes32[] memory proof = _proof(0);
        ledger.claim(payees[0], 10, proof);
        vm.expectRevert(abi.encodeWithSelector(Claims.NothingToClaim.selector, payees[0], 10, 10));
        ledger.claim(payees[0], 10, proof);
    }

    function test_claimNeedsTheProof() public {
        bytes32[] memory proof = _proof(0);
        _invalidProof(payees[0], 11);
        ledger.claim(payees[0], 11, proof);
        _invalidProof(payees[1], 10);
        ledger.claim(payees[1], 10, proof);
        _invalidProof(payees[0], 10);
        ledger.claim(payees[0], 10, _proof(1));
    }

    function test_proofsAreWorthlessOnAnotherLedgerAndChain() public {
        bytes32[] memory proof = _proof(0);
        bytes32 root = ledger.root();
        address first = address(ledger);
        vm.chainId(77);
        _invalidProof(payees[0], 10);
        ledger.claim(payees[0], 10, proof);
        vm.chainId(31337);
        ledger = _deploy(address(token));
        _fund(1000);
        _commit();
        _post(root, 150);
        _finalise();
        yes(first != address(ledger), "same ledger");
        _invalidProof(payees[0], 10);
        ledger.claim(payees[0], 10, proof);
    }

    function test_nothingCanBeClaimedBeforeTheFirstEpoch() public {
        ledger = _deploy(address(token));
        _invalidProof(payees[0], 10);
        ledger.claim(payees[0], 10, new bytes32[](0));
    }

    function test_missedEpochsAreMadeUpFor() public {
        ledger.claim(payees[0], 10, _proof(0));
        for (uint256 i; i < 3; i++) {
            amounts[0] += 5;
            amounts[1] += 7;
            _distribute();
        }
        eq(ledger.claim(payees[0], 25, _proof(0)), 15);
        eq(ledger.claim(payees[1], 41, _proof(1)), 41);
    }

    function test_oldProofsAreHarmless() public {
        bytes32[] memory old = _proof(0);
        amounts[0] = 12;
        _distribute();
        _invalidProof(payees[0], 10);
        ledger.claim(payees[0], 10, old);
        eq(ledger.claim(payees[0], 12, _proof(0)), 12);
        _invalidProof(payees[0], 10);
        ledger.claim(payees[0], 10, old);
    }

    function test_aLoweredLeafPaysNothingAndBlocksNobody() public {
        ledger.claim(payees[1], 20, _proof(1));
        amounts[1] = 5;
        amounts[2] = 45;
        _distribute();
        bytes32[] memory proof = _proof(1);
        vm.expectRevert(abi.encodeWithSelector(Claims.NothingToClaim.selector, payees[1], 5, 20));
        ledger.claim(payees[1], 5, proof);
        eq(ledger.claim(payees[2], 45, _proof(2)), 45);
    }

    function test_aTreeBeyondItsTotalCannotDrainThePool() public {
        amounts[0] = 900;
        _commit();
        _post(_rootOfPayees(), 150);
        _finalise();
        bytes32[] memory proof = _proof(0);
        vm.expectRevert(abi.encodeWithSelector(Claims.TotalExceeded.selector, 900, 150));
        ledger.claim(payees[0], 900, proof);
        eq(ledger.claim(payees[1], 20, _proof(1)), 20);
    }

    function test_claimForTheLedgerItselfIsRefused() public {
        payees[0] = address(ledger);
        _distribute();
        bytes32[] memory proof = _proof(0);
        vm.expectRevert(abi.encodeWithSelector(Vault.BadRecipient.selector, address(ledger)));
        ledger.claim(address(ledger), 10, proof);
    }

    function test_claimToPaysTheSignedRecipient() public {
        address account = payees[4];
        bytes memory signature = _sign(account, watcher, 50, 0, NOW * 2);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Claims.Claimed(account, watcher, 50, 50);
        vm.prank(anyone);
        eq(ledger.claimTo(account, watcher, 50, _proof(4), NOW * 2, signature), 50);
        eq(token.balanceOf(watcher), 50);
        eq(ledger.nonces(account), 1);
    }

    function test_claimToRefusesEveryChangeOfWhatWasSigned() public {
        address account = payees[4];
        bytes32[] memory proof = _proof(4);
        uint256 deadline = NOW * 2;
        bytes memory signature = _sign(account, watcher, 50, 0, deadline);
        bytes memory refused = abi.encodeWithSelector(Claims.InvalidSignature.selector, account);
        vm.expectRevert(refused);
        ledger.claimTo(account, anyone, 50, proof, deadline, signature);
        vm.expectRevert(refused);
        ledger.claimTo(account, watcher, 49, proof, deadline, signature);
        vm.expectRevert(refused);
        ledger.claimTo(account, watcher, 50, proof, deadline + 1, signature);
        vm.expectRevert(refused);
        ledger.claimTo(account, watcher, 50, proof, deadline, "");
        vm.expectRevert(abi.encodeWithSelector(Claims.InvalidSignature.selector, payees[3]));
        ledger.claimTo(payees[3], watcher, 50, proof, deadline, signature);
        Ledger other = _deploy(address(token));
        vm.expectRevert(refused);
        other.claimTo(account, watcher, 50, proof, deadline, signature);
        vm.chainId(77);
        vm.expectRevert(refused);
        ledger.claimTo(account, watcher, 50, proof, deadline, signature);
    }

    function test_claimToRefusesTheMalleatedSignature() public {
        address account = payees[4];
        bytes32[] memory proof = _proof(4);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, ledger.hashClaimTo(account, watcher, 50, 0, NOW * 2));
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes memory malleated = abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? 28 : 27);
        vm.expectRevert(abi.encodeWithSelector(Claims.InvalidSignature.selector, account));
        ledger.claimTo(account, watcher, 50, proof, NOW * 2, malleated);
    }

    function test_claimToRefusesAfterTheDeadline() public {
        bytes32[] memory proof = _proof(4);
        uint256 deadline = block.timestamp;
        bytes memory signature = _sign(payees[4], watcher, 50, 0, deadline);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(Claims.DeadlinePassed.selector, deadline, deadline + 1));
        ledger.claimTo(payees[4], watcher, 50, proof, deadline, signature);
        vm.warp(deadline);
        ledger.claimTo(payees[4], watcher, 50, proof, deadline, signature);
    }

    function test_aCancelledAuthorisationIsWorthless() public {
        address account = payees[4];
        bytes32[] memory proof = _proof(4);
        bytes memory signature = _sign(account, watcher, 50, 0, NOW * 2);
        vm.prank(account);
        eq(ledger.cancelAuthorisation(), 0);
        vm.expectRevert(abi.encodeWithSelector(Claims.InvalidSignature.selector, account));
        ledger.claimTo(account, watcher, 50, proof, NOW * 2, signature);
        ledger.claimTo(account, watcher, 50, proof, NOW * 2, _sign(account, watcher, 50, 1, NOW * 2));
    }

    function test_aFailedClaimToUsesNoNonce() public {
        bytes memory signature = _sign(payees[4], watcher, 51, 0, NOW * 2);
        bytes32[] memory proof = _proof(4);
        _invalidProof(payees[4], 51);
        ledger.claimTo(payees[4], watcher, 51, proof, NOW * 2, signature);
        eq(ledger.nonces(payees[4]), 0);
    }

    function test_theAccountItselfNeedsNoSignature() public {
        bytes32[] memory proof = _proof(1);
        vm.prank(payees[1]);
        eq(ledger.claimTo(payees[1], watcher, 20, proof, NOW * 2, ""), 20);
        eq(token.balanceOf(watcher), 20);
        eq(ledger.nonces(payees[1]), 0);
    }

    function test_contractWalletsSignByERC1271() public {
        payees[0] = address(new Wallet(vm.addr(KEY)));
        _distribute();
        bytes32[] memory proof = _proof(0);
        bytes memory signature = _sign(payees[0], watcher, 10, 0, NOW * 2);
        vm.expectRevert(abi.encodeWithSelector(Claims.InvalidSignature.selector, payees[0]));
        ledger.claimTo(payees[0], anyone, 10, proof, NOW * 2, signature);
        eq(ledger.claimTo(payees[0], watcher, 10, proof, NOW * 2, signature), 10);
    }

    function test_claimToRefusesTheZeroRecipient() public {
        bytes32[] memory proof = _proof(1);
        vm.startPrank(payees[1]);
        vm.expectRevert(abi.encodeWithSelector(Vault.BadRecipient.selector, address(0)));
        ledger.claimTo(payees[1], address(0), 20, proof, NOW * 2, "");
    }

    function testFuzz_everyPayeeOfEveryTreeIsPaidExactly(uint8 count, uint64 unit, uint256 order) public {
        uint256 n = bound(count, 1, 24);
        uint256 total = _payees(n, bound(unit, 11, type(uint64).max));
        _fund(total);
        ledger = _deploy(address(token));
        _fund(total);
        _distribute();
        for (uint256 i; i < n; i++) {
            uint256 pick = (i + order % n) % n;
            eq(ledger.claim(payees[pick], amounts[pick], _proof(pick)), amounts[pick]);
        }
        eq(ledger.owed(), 0);
        eq(token.balanceOf(address(ledger)), 0);
    }

    function testFuzz_noOtherAmountOrAccountVerifies(address account, uint256 amount, uint8 pick) public {
        uint256 i = pick % 5;
        vm.assume(account != payees[i] || amount != amounts[i]);
        bytes32[] memory proof = _proof(i);
        _invalidProof(account, amount);
        ledger.claim(account, amount, proof);
    }
}
