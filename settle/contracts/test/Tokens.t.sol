// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Epochs} from "../src/Epochs.sol";
import {TestToken} from "../src/TestToken.sol";
import {Base} from "./Base.sol";
import {Reenterer, Refuser} from "./mocks/Accounts.sol";
import {BlacklistToken, CallbackToken, FalseToken, FeeToken, NoReturnToken} from "./mocks/Tokens.sol";

/// @notice Tokens and payees that misbehave: they hurt themselves and nobody else.
contract TokensTest is Base {
    function _use(address asset) private {
        ledger = _deploy(asset);
    }

    function test_feeOnTransferIsCreditedAsReceived() public {
        FeeToken fee = new FeeToken();
        _use(address(fee));
        _fund(1000);
        eq(ledger.deposited(), 990);
        _commit();
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Epochs.Insolvent.selector, 1000, 990));
        ledger.post(1, INPUT, INPUT, EVIDENCE, 1000, 1);
        _payees(2, 330);
        _post(_rootOfPayees(), 990);
        _finalise();
        ledger.claim(payees[0], 330, _proof(0));
        ledger.claim(payees[1], 660, _proof(1));
        eq(fee.balanceOf(address(ledger)), 0);
        eq(fee.balanceOf(payees[1]), 654);
    }

    function test_tokensWithoutReturnValueWork() public {
        NoReturnToken silent = new NoReturnToken();
        _use(address(silent));
        _fund(_payees(2, 10));
        _distribute();
        ledger.claim(payees[1], 20, _proof(1));
        eq(silent.balanceOf(payees[1]), 20);
        vm.warp(EXPIRY);
        silent.mint(address(ledger), 4);
        vm.prank(owner);
        eq(ledger.sweep(owner), 4);
    }

    function test_tokensThatReturnFalseAreRefused() public {
        FalseToken liar = new FalseToken();
        _use(address(liar));
        liar.mint(anyone, 10);
        vm.startPrank(anyone);
        liar.approve(address(ledger), 10);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(liar)));
        ledger.fund(10);
    }

    function test_aBlacklistedPayeeHindersOnlyHimself() public {
        BlacklistToken black = new BlacklistToken();
        _use(address(black));
        _fund(_payees(3, 10));
        _distribute();
        black.list(payees[1], true);
        bytes32[] memory proof = _proof(1);
        vm.expectRevert(abi.encodeWithSelector(BlacklistToken.Listed.selector, payees[1]));
        ledger.claim(payees[1], 20, proof);
        eq(ledger.claimed(payees[1]), 0);
        ledger.claim(payees[0], 10, _proof(0));
        ledger.claim(payees[2], 30, _proof(2));
        vm.prank(payees[1]);
        ledger.claimTo(payees[1], anyone, 20, proof, EXPIRY, "");
        eq(black.balanceOf(anyone), 20);
    }

    function test_aBlacklistedLedgerCanStillBeDisputed() public {
        BlacklistToken black = new BlacklistToken();
        _use(address(black));
        _fund(100);
        _commit();
        _post(INPUT, 100);
        black.list(address(ledger), true);
        _challenge();
        _resolve(true);
        vm.prank(watcher);
        eq(ledger.withdraw(payable(watcher)), BOND + REWARD);
    }

    /// @dev Whatever a token calls back into from inside `fund`, it is refused by the guard or counts nothing twice.
    function test_callbackCannotReenterFund() public {
        CallbackToken call = new CallbackToken();
        _use(address(call));
        call.hook(address(ledger), abi.encodeCall(ledger.fund, (50)));
        call.mint(address(call), 50);
        vm.prank(address(call));
        call.approve(address(ledger), 50);
        _fund(100);
        _guarded(call);
        eq(ledger.deposited(), 100);
        eq(call.balanceOf(address(ledger)), 100);
    }

    function test_callbackCannotReenterClaim() public {
        CallbackToken call = new CallbackToken();
        _use(address(call));
        _fund(_payees(2, 10));
        _distribute();
        bytes memory again = abi.encodeCall(ledger.claim, (payees[0], 10, _proof(0)));
        call.hook(address(ledger), again);
        ledger.claim(payees[0], 10, _proof(0));
        _guarded(call);
        call.hook(address(ledger), abi.encodeCall(ledger.claim, (payees[0], 10, _proof(0))));
        ledger.claim(payees[1], 20, _proof(1));
        _guarded(call);
        eq(call.balanceOf(payees[0]), 10);
    }

    function test_callbackDuringFundCannotClaimOrSweep() public {
        CallbackToken call = new CallbackToken();
        _use(address(call));
        _fund(_payees(1, 100));
        _distribute();
        call.hook(address(ledger), abi.encodeCall(ledger.claim, (payees[0], 100, _proof(0))));
        _fund(100);
        _guarded(call);
        vm.prank(owner);
        ledger.transferOwnership(address(call));
        vm.prank(address(call));
        ledger.acceptOwnership();
        vm.warp(EXPIRY);
        call.hook(address(ledger), abi.encodeCall(ledger.sweep, (anyone)));
        _fund(100);
        _guarded(call);
        eq(ledger.deposited(), 300);
        eq(call.balanceOf(address(ledger)), 300);
    }

    function test_nativePayeesThatRefuseHinderOnlyThemselves() public {
        _use(address(0));
        Refuser refuser = new Refuser();
        _fund(_payees(3, 10));
        payees[0] = address(refuser);
        _distribute();
        bytes32[] memory proof = _proof(0);
        _expect(Refuser.Refused.selector);
        ledger.claim(payees[0], 10, proof);
        ledger.claim(payees[1], 20, _proof(1));
        ledger.claim(payees[2], 30, _proof(2));
        refuser.forward(
            address(ledger), abi.encodeCall(ledger.claimTo, (address(refuser), anyone, 10, proof, uint256(EXPIRY), ""))
        );
        eq(anyone.balance, 10);
    }

    function test_nativePayeesCannotReenter() public {
        _use(address(0));
        Reenterer thief = new Reenterer();
        _fund(_payees(3, 10));
        payees[0] = address(thief);
        _distribute();
        thief.hook(address(ledger), abi.encodeCall(ledger.claim, (payees[1], 20, _proof(1))));
        ledger.claim(address(thief), 10, _proof(0));
        yes(!thief.succeeded(), "claim was entered twice");
        eq(bytes32(thief.returned()), bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        eq(address(thief).balance, 10);
    }

    function _guarded(CallbackToken call) private view {
        yes(!call.succeeded(), "the callback went through");
        eq(bytes32(call.returned()), bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
    }
}
