// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Bonds} from "../src/Bonds.sol";
import {Sweeps} from "../src/Sweeps.sol";
import {Vault} from "../src/Vault.sol";
import {Base} from "./Base.sol";
import {Reenterer, Refuser} from "./mocks/Accounts.sol";

/// @notice fund, stake, unstake, withdraw and sweep.
contract FundsTest is Base {
    function test_fundCreditsWhatArrived() public {
        _fund(500);
        token.mint(anyone, 7);
        vm.startPrank(anyone);
        token.approve(address(ledger), 7);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Vault.Funded(anyone, 7, 507);
        eq(ledger.fund(7), 7);
        vm.stopPrank();
        eq(ledger.deposited(), 507);
        eq(ledger.available(), 507);
        eq(token.balanceOf(address(ledger)), 507);
    }

    function test_fundTokenRefusesValueAndNothing() public {
        vm.deal(anyone, 1);
        vm.startPrank(anyone);
        vm.expectRevert(abi.encodeWithSelector(Vault.WrongValue.selector, 0, 1));
        ledger.fund{value: 1}(1);
        vm.expectRevert(abi.encodeWithSelector(Vault.NothingReceived.selector, 0));
        ledger.fund(0);
    }

    function test_fundNativeNeedsTheExactValue() public {
        ledger = _deploy(address(0));
        vm.deal(anyone, 10);
        vm.startPrank(anyone);
        vm.expectRevert(abi.encodeWithSelector(Vault.WrongValue.selector, 3, 2));
        ledger.fund{value: 2}(3);
        vm.expectRevert(abi.encodeWithSelector(Vault.NothingReceived.selector, 0));
        ledger.fund(0);
        eq(ledger.fund{value: 2}(2), 2);
        eq(ledger.deposited(), 2);
    }

    function test_fundRefusesMoreThan128Bits() public {
        token.mint(funder, type(uint256).max);
        vm.startPrank(funder);
        token.approve(address(ledger), type(uint256).max);
        ledger.fund(type(uint128).max);
        uint256 over = uint256(type(uint128).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, over));
        ledger.fund(1);
    }

    function test_plainTransfersAreRefusedOrNoDeposit() public {
        vm.deal(anyone, 1);
        vm.prank(anyone);
        (bool ok,) = address(ledger).call{value: 1}("");
        yes(!ok, "currency without fund was taken");
        token.mint(address(ledger), 50);
        eq(ledger.available(), 0);
        eq(ledger.sweepable(), 50);
    }

    function test_stakeAndUnstake() public {
        eq(ledger.stakeOf(poster), REWARD);
        eq(ledger.totalStake(), REWARD);
        vm.startPrank(poster);
        ledger.stake{value: 3}();
        ledger.unstake(REWARD + 3);
        eq(ledger.stakeOf(poster), 0);
        eq(ledger.totalStake(), 0);
        eq(ledger.creditOf(poster), REWARD + 3);
        uint256 before = poster.balance;
        eq(ledger.withdraw(payable(poster)), REWARD + 3);
        eq(poster.balance, before + REWARD + 3);
        eq(ledger.totalCredit(), 0);
    }

    function test_stakeRefusals() public {
        vm.startPrank(poster);
        _expect(Bonds.ZeroAmount.selector);
        ledger.stake();
        _expect(Bonds.ZeroAmount.selector);
        ledger.unstake(0);
        vm.expectRevert(abi.encodeWithSelector(Bonds.StakeLocked.selector, REWARD + 1, REWARD));
        ledger.unstake(REWARD + 1);
    }

    function test_stakeIsLockedWhileItsRootIsPending() public {
        vm.prank(poster);
        ledger.stake{value: 5}();
        _commit();
        vm.prank(poster);
        ledger.unstake(1);
        _post(INPUT, 0);
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Bonds.StakeLocked.selector, 5, 4));
        ledger.unstake(5);
        _challenge();
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Bonds.StakeLocked.selector, 5, 4));
        ledger.unstake(5);
        _resolve(false);
        _finalise();
        vm.prank(poster);
        ledger.unstake(REWARD + 4);
    }

    function test_handingOverTheRoleDoesNotFreeTheStake() public {
        _commit();
        _post(INPUT, 0);
        vm.prank(owner);
        ledger.proposePoster(anyone);
        vm.prank(anyone);
        ledger.acceptPoster();
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Bonds.StakeLocked.selector, 1, 0));
        ledger.unstake(1);
    }

    function test_withdrawRefusals() public {
        vm.prank(anyone);
        vm.expectRevert(abi.encodeWithSelector(Bonds.NothingToWithdraw.selector, anyone));
        ledger.withdraw(payable(anyone));
        vm.startPrank(poster);
        ledger.unstake(1);
        vm.expectRevert(abi.encodeWithSelector(Vault.BadRecipient.selector, address(0)));
        ledger.withdraw(payable(address(0)));
        vm.expectRevert(abi.encodeWithSelector(Vault.BadRecipient.selector, address(ledger)));
        ledger.withdraw(payable(address(ledger)));
        Refuser refuser = new Refuser();
        _expect(Refuser.Refused.selector);
        ledger.withdraw(payable(address(refuser)));
        eq(ledger.creditOf(poster), 1);
    }

    function test_withdrawCannotBeReentered() public {
        Reenterer thief = new Reenterer();
        vm.deal(address(this), 10);
        thief.forward{value: 10}(address(ledger), abi.encodeCall(ledger.stake, ()));
        thief.forward(address(ledger), abi.encodeCall(ledger.unstake, (10)));
        bytes memory again = abi.encodeCall(ledger.withdraw, (payable(address(thief))));
        thief.hook(address(ledger), again);
        thief.forward(address(ledger), again);
        yes(!thief.succeeded(), "withdraw was entered twice");
        eq(address(thief).balance, 10);
        eq(address(ledger).balance, REWARD);
    }

    function test_sweepOnlyByOwnerAfterExpiry() public {
        _fund(100);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(Sweeps.NotExpired.selector, EXPIRY, NOW));
        ledger.sweep(owner);
        vm.warp(EXPIRY);
        vm.prank(anyone);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, anyone));
        ledger.sweep(anyone);
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(Vault.BadRecipient.selector, address(ledger)));
        ledger.sweep(address(ledger));
        eq(ledger.sweep(owner), 100);
        eq(token.balanceOf(owner), 100);
        eq(ledger.available(), 0);
        _expect(Sweeps.NothingToSweep.selector);
        ledger.sweep(owner);
    }

    function test_sweepLeavesWhatIsFinalisedAndPending() public {
        uint256 first = _payees(2, 10);
        _fund(1000);
        _distribute();
        ledger.claim(payees[0], amounts[0], _proof(0));
        amounts[1] += 100;
        _commit();
        _post(_rootOfPayees(), first + 100);
        vm.warp(EXPIRY);
        vm.prank(owner);
        eq(ledger.sweep(owner), 1000 - 130);
        eq(ledger.owed(), 120);
        ledger.finalise(2);
        ledger.claim(payees[1], amounts[1], _proof(1));
        eq(token.balanceOf(payees[1]), 120);
        eq(token.balanceOf(address(ledger)), 0);
    }

    function test_sweepOfNativeLeavesStakesBondsAndCredits() public {
        ledger = _deploy(address(0));
        _fund(1000);
        vm.prank(poster);
        ledger.stake{value: 50}();
        vm.prank(poster);
        ledger.unstake(20);
        vm.warp(EXPIRY);
        _commit();
        _post(INPUT, 400);
        _challenge();
        // Currency can be forced on any contract, by a block reward for one.
        vm.deal(address(ledger), address(ledger).balance + 9);
        eq(ledger.sweepable(), 609);
        vm.prank(owner);
        ledger.sweep(owner);
        eq(owner.balance, 609);
        eq(address(ledger).balance, 400 + REWARD + 30 + 20 + BOND);
        _resolve(true);
        vm.prank(watcher);
        ledger.withdraw(payable(watcher));
        vm.prank(owner);
        eq(ledger.sweep(owner), 400);
    }

    function test_sweepAfterADropReleasesThePendingPart() public {
        _fund(100);
        vm.warp(EXPIRY);
        _commit();
        _post(INPUT, 100);
        eq(ledger.sweepable(), 0);
        _challenge();
        eq(ledger.sweepable(), 0);
        _resolve(true);
        eq(ledger.sweepable(), 100);
    }
}
