// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchors} from "../src/Anchors.sol";
import {Disputes} from "../src/Disputes.sol";
import {Epochs} from "../src/Epochs.sol";
import {Roles} from "../src/Roles.sol";
import {Dispute, State} from "../src/State.sol";
import {Vault} from "../src/Vault.sol";
import {Base} from "./Base.sol";
import {Refuser} from "./mocks/Accounts.sol";

contract DisputesTest is Base {
    bytes32 private constant ROOT = keccak256("root");

    function setUp() public override {
        super.setUp();
        _fund(100);
        _commit();
        _post(ROOT, 60);
    }

    function test_challengeStopsTheWindow() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Disputes.Challenged(1, watcher, EVIDENCE, NOW + RESOLUTION);
        _challenge();
        eq(ledger.stateOf(1), State.Challenged);
        eq(ledger.bondHeld(), BOND);
        (Dispute memory d, uint64 deadline) = ledger.dispute();
        eq(d.challenger, watcher);
        eq(d.openedAt, NOW);
        eq(d.evidenceHash, EVIDENCE);
        eq(deadline, NOW + RESOLUTION);
        vm.warp(NOW + WINDOW);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongState.selector, 1, State.Challenged));
        ledger.finalise(1);
    }

    function test_challengeRefusals() public {
        vm.startPrank(watcher);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongEpoch.selector, 1, 2));
        ledger.challenge{value: BOND}(2, EVIDENCE);
        vm.expectRevert(abi.encodeWithSelector(Vault.WrongValue.selector, BOND, BOND - 1));
        ledger.challenge{value: BOND - 1}(1, EVIDENCE);
        vm.expectRevert(abi.encodeWithSelector(Vault.WrongValue.selector, BOND, BOND + 1));
        ledger.challenge{value: BOND + 1}(1, EVIDENCE);
        _expect(Anchors.ZeroHash.selector);
        ledger.challenge{value: BOND}(1, bytes32(0));
        vm.warp(NOW + WINDOW);
        vm.expectRevert(abi.encodeWithSelector(Disputes.WindowClosed.selector, NOW + WINDOW, NOW + WINDOW));
        ledger.challenge{value: BOND}(1, EVIDENCE);
        vm.warp(NOW);
        ledger.challenge{value: BOND}(1, EVIDENCE);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongState.selector, 1, State.Challenged));
        ledger.challenge{value: BOND}(1, EVIDENCE);
    }

    function test_resolveRefusals() public {
        vm.prank(arbiter);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongState.selector, 1, State.Posted));
        ledger.resolve(1, true);
        _challenge();
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Roles.NotArbiter.selector, poster));
        ledger.resolve(1, false);
        vm.warp(NOW + RESOLUTION);
        vm.prank(arbiter);
        vm.expectRevert(abi.encodeWithSelector(Disputes.ResolutionOver.selector, NOW + RESOLUTION, NOW + RESOLUTION));
        ledger.resolve(1, false);
    }

    function test_upheldDropsTheRootAndRewards() public {
        _challenge();
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Epochs.Dropped(1, ROOT, 0);
        _resolve(true);
        eq(ledger.stateOf(1), State.Open);
        eq(_open().attempt, 1);
        eq(_open().root, bytes32(0));
        eq(ledger.creditOf(watcher), BOND + REWARD);
        eq(ledger.stakeOf(poster), 0);
        eq(ledger.bondHeld(), 0);
        eq(ledger.owed(), 0);
        (Dispute memory d,) = ledger.dispute();
        eq(d.challenger, address(0));
        eq(ledger.available(), 100);
        uint256 before = watcher.balance;
        vm.prank(watcher);
        ledger.withdraw(payable(watcher));
        eq(watcher.balance, before + BOND + REWARD);
    }

    function test_droppedEpochIsCommittedAndPostedAgain() public {
        _challenge();
        _resolve(true);
        vm.prank(poster);
        ledger.stake{value: REWARD}();
        _commit();
        _post(keccak256("right"), 50);
        _finalise();
        eq(ledger.root(), keccak256("right"));
        eq(_open().attempt, 0);
    }

    function test_rejectedGivesTheBondToThePosterAndRestartsOnce() public {
        vm.warp(NOW + WINDOW - 10);
        _challenge();
        vm.warp(NOW + WINDOW + 90);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Disputes.Resolved(1, false, watcher, NOW + WINDOW + 90 + WINDOW);
        _resolve(false);
        eq(ledger.creditOf(poster), BOND);
        uint64 end = _open().windowEnd;
        eq(end, NOW + WINDOW + 90 + WINDOW);
        // The second time the window only stands still.
        vm.warp(end - 7);
        _challenge();
        vm.warp(end + 1000);
        _resolve(false);
        eq(_open().windowEnd, end + 1007);
        eq(ledger.creditOf(poster), 2 * BOND);
        _finalise();
        eq(ledger.root(), ROOT);
    }

    function test_bondGoesToWhoeverPosted() public {
        _challenge();
        vm.prank(owner);
        ledger.proposePoster(anyone);
        vm.prank(anyone);
        ledger.acceptPoster();
        _resolve(false);
        eq(ledger.creditOf(poster), BOND);
        eq(ledger.creditOf(anyone), 0);
    }

    function test_rewardComesFromWhoeverPosted() public {
        vm.deal(anyone, REWARD);
        vm.prank(anyone);
        ledger.stake{value: REWARD}();
        _challenge();
        vm.prank(owner);
        ledger.proposePoster(anyone);
        vm.prank(anyone);
        ledger.acceptPoster();
        _resolve(true);
        eq(ledger.stakeOf(anyone), REWARD);
        eq(ledger.stakeOf(poster), 0);
    }

    function test_unresolvedIsDroppedByAnyone() public {
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongState.selector, 1, State.Posted));
        ledger.expire(1);
        _challenge();
        vm.warp(NOW + RESOLUTION - 1);
        vm.expectRevert(
            abi.encodeWithSelector(Disputes.ResolutionOpen.selector, NOW + RESOLUTION, NOW + RESOLUTION - 1)
        );
        ledger.expire(1);
        vm.warp(NOW + RESOLUTION);
        vm.prank(anyone);
        ledger.expire(1);
        eq(ledger.stateOf(1), State.Open);
        eq(ledger.creditOf(watcher), BOND);
        eq(ledger.stakeOf(poster), REWARD);
        _commit();
    }

    function test_aRefusingChallengerBlocksNobody() public {
        Refuser refuser = new Refuser();
        vm.deal(address(this), BOND);
        refuser.forward{value: BOND}(address(ledger), abi.encodeCall(ledger.challenge, (1, EVIDENCE)));
        _resolve(true);
        eq(ledger.creditOf(address(refuser)), BOND + REWARD);
        vm.prank(address(refuser));
        ledger.withdraw(payable(anyone));
        eq(anyone.balance, BOND + REWARD);
    }

    function test_claimsOfTheLastEpochGoOnDuringADispute() public {
        _finalise();
        uint256 total = 60;
        _payees(1, 60);
        eq(amounts[0], total);
        _commit();
        _post(_rootOfPayees(), total);
        _finalise();
        _commit();
        _post(keccak256("disputed"), 100);
        _challenge();
        ledger.claim(payees[0], 60, _proof(0));
        eq(token.balanceOf(payees[0]), 60);
    }

    function testFuzz_windowIsNeverShortened(uint64 openAt, uint64 resolveAfter, uint64 openAgain, uint64 resolveAgain)
        public
    {
        uint256 t = NOW + bound(openAt, 0, WINDOW - 1);
        vm.warp(t);
        _challenge();
        t += bound(resolveAfter, 0, RESOLUTION - 1);
        vm.warp(t);
        _resolve(false);
        eq(_open().windowEnd, t + WINDOW);
        uint256 left = bound(openAgain, 1, WINDOW);
        t += WINDOW - left;
        vm.warp(t);
        _challenge();
        t += bound(resolveAgain, 0, RESOLUTION - 1);
        vm.warp(t);
        _resolve(false);
        eq(_open().windowEnd, t + left);
    }
}
