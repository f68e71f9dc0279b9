// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Ledger} from "../src/Ledger.sol";
import {OpenEpoch, State} from "../src/State.sol";
import {Base} from "./Base.sol";
import {Handler} from "./Handler.sol";

/// @notice What holds after any sequence of the handler's steps.
abstract contract InvariantTest is Base {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler internal handler;

    function setUp() public override {
        handler = new Handler(_native());
        ledger = handler.subject();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[16] memory steps = [
            Handler.fund.selector,
            Handler.advance.selector,
            Handler.advance.selector,
            Handler.step.selector,
            Handler.step.selector,
            Handler.step.selector,
            Handler.finalise.selector,
            Handler.claim.selector,
            Handler.claimUnpayable.selector,
            Handler.claimWithAnOldProof.selector,
            Handler.stake.selector,
            Handler.unstake.selector,
            Handler.withdraw.selector,
            Handler.handOver.selector,
            Handler.sweep.selector,
            Handler.forbidden.selector
        ];
        bytes4[] memory list = new bytes4[](18);
        for (uint256 i; i < 16; i++) {
            list[i] = steps[i];
        }
        list[16] = Handler.pauseOrResume.selector;
        list[17] = Handler.voidCommit.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), list);
    }

    /// @dev One campaign checks all four, after every step.
    function invariant_ledger() public {
        _claimedAtMostPromisedAtMostDeposited();
        _everyUnitIsAccountedFor();
        _sumsAgree();
        _noPayeeBlocksAnother();
    }

    function _claimedAtMostPromisedAtMostDeposited() private view {
        uint256 promised = ledger.cumulativeTotal();
        yes(ledger.totalClaimed() <= promised, "claimed more than promised");
        yes(promised <= ledger.available(), "promised more than deposited");
        OpenEpoch memory o = _open();
        if (o.state != State.Posted && o.state != State.Challenged) return;
        yes(o.cumulativeTotal >= promised, "pending total below the finalised one");
        yes(o.cumulativeTotal <= ledger.available(), "pending total beyond the deposits");
        yes(ledger.stakeOf(o.poster) >= ledger.reward(), "no stake behind a pending root");
    }

    /// @dev To the unit: deposits, stakes, bonds and credits are all there, and nothing else is.
    function _everyUnitIsAccountedFor() private view {
        uint256 pool = ledger.available() - ledger.totalClaimed();
        uint256 bonds = ledger.totalStake() + ledger.totalCredit() + ledger.bondHeld();
        if (_native()) {
            eq(address(ledger).balance, pool + bonds);
        } else {
            eq(IERC20(ledger.token()).balanceOf(address(ledger)), pool);
            eq(address(ledger).balance, bonds);
        }
    }

    function _sumsAgree() private view {
        uint256 paid;
        uint256 staked;
        uint256 credited;
        for (uint256 i; i < handler.N(); i++) {
            paid += ledger.claimed(handler.payeeAt(i));
            yes(ledger.claimed(handler.payeeAt(i)) <= handler.current(i), "paid beyond the leaf");
        }
        for (uint256 i; i < 4; i++) {
            staked += ledger.stakeOf(handler.stakerAt(i));
            credited += ledger.creditOf(handler.stakerAt(i));
        }
        eq(paid, ledger.totalClaimed());
        eq(staked, ledger.totalStake());
        eq(credited, ledger.totalCredit());
    }

    function _noPayeeBlocksAnother() private {
        uint256 snapshot = vm.snapshotState();
        handler.drain();
        vm.revertToState(snapshot);
    }

    function _native() internal pure virtual returns (bool);
}

contract TokenInvariantTest is InvariantTest {
    function _native() internal pure override returns (bool) {
        return false;
    }
}

contract NativeInvariantTest is InvariantTest {
    function _native() internal pure override returns (bool) {
        return true;
    }
}
