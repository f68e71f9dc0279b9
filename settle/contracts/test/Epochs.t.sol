// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchors} from "../src/Anchors.sol";
import {Bonds} from "../src/Bonds.sol";
import {Epochs} from "../src/Epochs.sol";
import {Roles} from "../src/Roles.sol";
import {OpenEpoch, State} from "../src/State.sol";
import {Base} from "./Base.sol";

contract EpochsTest is Base {
    bytes32 private constant ROOT = keccak256("root");

    function _wrongState(uint64 epoch, State state) private {
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongState.selector, epoch, state));
    }

    function test_commitStoresItsBlock() public {
        eq(ledger.stateOf(1), State.Open);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Epochs.Committed(1, 0, INPUT, 1000);
        vm.prank(poster);
        ledger.commit(1, INPUT);
        eq(ledger.stateOf(1), State.Committed);
        eq(_open().inputHash, INPUT);
        eq(_open().commitBlock, 1000);
        eq(ledger.seedBlock(), 1001);
    }

    function test_commitRefusals() public {
        vm.expectRevert(abi.encodeWithSelector(Roles.NotPoster.selector, address(this)));
        ledger.commit(1, INPUT);
        vm.startPrank(poster);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongEpoch.selector, 1, 2));
        ledger.commit(2, INPUT);
        _expect(Anchors.ZeroHash.selector);
        ledger.commit(1, bytes32(0));
        ledger.commit(1, INPUT);
        _wrongState(1, State.Committed);
        ledger.commit(1, keccak256("another seed, please"));
    }

    function test_seedBlockNeedsACommit() public {
        _wrongState(1, State.Open);
        ledger.seedBlock();
    }

    function test_commitIsRefusedWhilePendingAndForPastEpochs() public {
        _commit();
        _post(ROOT, 0);
        vm.prank(poster);
        _wrongState(1, State.Posted);
        ledger.commit(1, INPUT);
        _challenge();
        vm.prank(poster);
        _wrongState(1, State.Challenged);
        ledger.commit(1, INPUT);
        _resolve(false);
        _finalise();
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongEpoch.selector, 2, 1));
        ledger.commit(1, INPUT);
    }

    function test_voidCommitIsTheArbitersAndIsCounted() public {
        vm.prank(arbiter);
        _wrongState(1, State.Open);
        ledger.voidCommit(1);
        _commit();
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Roles.NotArbiter.selector, poster));
        ledger.voidCommit(1);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Epochs.CommitVoided(1, 0, INPUT);
        vm.prank(arbiter);
        ledger.voidCommit(1);
        eq(_open().attempt, 1);
        eq(_open().inputHash, bytes32(0));
        _commit();
        _post(ROOT, 0);
        vm.prank(arbiter);
        _wrongState(1, State.Posted);
        ledger.voidCommit(1);
    }

    function test_postOpensTheWindow() public {
        _fund(100);
        _commit();
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Epochs.Posted(1, ROOT, INPUT, EVIDENCE, 60, 7, 1000, NOW + WINDOW);
        vm.prank(poster);
        ledger.post(1, ROOT, INPUT, EVIDENCE, 60, 7);
        (uint64 epoch, OpenEpoch memory o) = ledger.openEpoch();
        eq(epoch, 1);
        eq(o.state, State.Posted);
        eq(o.root, ROOT);
        eq(o.evidenceHash, EVIDENCE);
        eq(o.cumulativeTotal, 60);
        eq(o.leaves, 7);
        eq(o.poster, poster);
        eq(o.windowEnd, NOW + WINDOW);
        eq(ledger.owed(), 60);
        eq(ledger.cumulativeTotal(), 0);
    }

    function test_postRefusals() public {
        _fund(100);
        vm.expectRevert(abi.encodeWithSelector(Roles.NotPoster.selector, address(this)));
        ledger.post(1, ROOT, INPUT, EVIDENCE, 60, 1);
        vm.startPrank(poster);
        _wrongState(1, State.Open);
        ledger.post(1, ROOT, INPUT, EVIDENCE, 60, 1);
        ledger.commit(1, INPUT);
        vm.roll(1002);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongEpoch.selector, 1, 0));
        ledger.post(0, ROOT, INPUT, EVIDENCE, 60, 1);
        vm.expectRevert(abi.encodeWithSelector(Epochs.InputMismatch.selector, INPUT, EVIDENCE));
        ledger.post(1, ROOT, EVIDENCE, EVIDENCE, 60, 1);
        _expect(Anchors.ZeroHash.selector);
        ledger.post(1, bytes32(0), INPUT, EVIDENCE, 60, 1);
        _expect(Anchors.ZeroHash.selector);
        ledger.post(1, ROOT, INPUT, bytes32(0), 60, 1);
        _expect(Epochs.NoLeaves.selector);
        ledger.post(1, ROOT, INPUT, EVIDENCE, 60, 0);
        vm.expectRevert(abi.encodeWithSelector(Epochs.Insolvent.selector, 101, 100));
        ledger.post(1, ROOT, INPUT, EVIDENCE, 101, 1);
        uint256 wraps = uint256(type(uint128).max) + 61;
        vm.expectRevert(abi.encodeWithSelector(Epochs.Insolvent.selector, wraps, 100));
        ledger.post(1, ROOT, INPUT, EVIDENCE, wraps, 1);
        ledger.unstake(1);
        vm.expectRevert(abi.encodeWithSelector(Bonds.StakeTooLow.selector, REWARD, REWARD - 1));
        ledger.post(1, ROOT, INPUT, EVIDENCE, 60, 1);
    }

    function test_postWaitsForTheSeed() public {
        vm.startPrank(poster);
        ledger.commit(1, INPUT);
        for (uint256 i; i < 2; i++) {
            vm.expectRevert(abi.encodeWithSelector(Epochs.SeedNotReady.selector, 1002, 1000 + i));
            ledger.post(1, ROOT, INPUT, EVIDENCE, 0, 1);
            vm.roll(1001 + i);
        }
        ledger.post(1, ROOT, INPUT, EVIDENCE, 0, 1);
    }

    function test_totalNeverFalls() public {
        _fund(_payees(2, 10));
        _distribute();
        _commit();
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Epochs.TotalBelowPrevious.selector, 30, 29));
        ledger.post(2, ROOT, INPUT, EVIDENCE, 29, 1);
        _post(ROOT, 30);
    }

    function test_bondsAndStakesAreNoDeposits() public {
        ledger = _deploy(address(0));
        _fund(100);
        _commit();
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Epochs.Insolvent.selector, 101, 100));
        ledger.post(1, ROOT, INPUT, EVIDENCE, 101, 1);
    }

    function test_pendingRootIsNeverReplaced() public {
        _fund(100);
        _commit();
        _post(ROOT, 60);
        vm.prank(poster);
        _wrongState(1, State.Posted);
        ledger.post(1, keccak256("other"), INPUT, EVIDENCE, 60, 1);
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongEpoch.selector, 1, 2));
        ledger.post(2, keccak256("other"), INPUT, EVIDENCE, 60, 1);
        eq(_open().root, ROOT);
    }

    function test_finaliseByAnyoneAfterTheWindow() public {
        _fund(100);
        _wrongState(1, State.Open);
        ledger.finalise(1);
        _commit();
        _wrongState(1, State.Committed);
        ledger.finalise(1);
        _post(ROOT, 60);
        vm.warp(NOW + WINDOW - 1);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WindowOpen.selector, NOW + WINDOW, NOW + WINDOW - 1));
        ledger.finalise(1);
        vm.warp(NOW + WINDOW);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Epochs.Finalised(1, ROOT, 60);
        vm.prank(anyone);
        ledger.finalise(1);
        eq(ledger.root(), ROOT);
        eq(ledger.cumulativeTotal(), 60);
        eq(ledger.lastFinalised(), 1);
        vm.expectRevert(abi.encodeWithSelector(Epochs.WrongEpoch.selector, 2, 1));
        ledger.finalise(1);
    }

    function test_statesAndScrubbedViews() public {
        _fund(100);
        _commit();
        _post(ROOT, 60);
        _finalise();
        eq(ledger.stateOf(0), State.Finalised);
        eq(ledger.stateOf(1), State.Finalised);
        eq(ledger.stateOf(2), State.Open);
        eq(ledger.stateOf(3), State.Future);
        (uint64 epoch, OpenEpoch memory o) = ledger.openEpoch();
        eq(epoch, 2);
        eq(keccak256(abi.encode(o)), keccak256(abi.encode(_empty())));
        _commit();
        o = _open();
        eq(o.root, bytes32(0));
        eq(o.windowEnd, 0);
        eq(o.inputHash, INPUT);
    }

    function _empty() private pure returns (OpenEpoch memory o) {}

    function testFuzz_totalStaysBetweenPreviousAndDeposits(uint128 deposit, uint128 previous, uint256 total) public {
        deposit = uint128(bound(deposit, 1, type(uint128).max));
        previous = uint128(bound(previous, 0, deposit));
        _fund(deposit);
        _commit();
        _post(ROOT, previous);
        _finalise();
        _commit();
        if (total % 8 != 0) total = bound(total, 0, 2 * uint256(deposit));
        bool ok = total >= previous && total <= deposit;
        vm.prank(poster);
        if (!ok) vm.expectRevert();
        ledger.post(2, ROOT, INPUT, EVIDENCE, total, 1);
        eq(ledger.owed(), ok ? total : previous);
    }
}
