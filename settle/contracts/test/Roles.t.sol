// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {Anchors} from "../src/Anchors.sol";
import {Bonds} from "../src/Bonds.sol";
import {Config} from "../src/Config.sol";
import {Epochs} from "../src/Epochs.sol";
import {Ledger} from "../src/Ledger.sol";
import {Roles} from "../src/Roles.sol";
import {Sweeps} from "../src/Sweeps.sol";
import {Vault} from "../src/Vault.sol";
import {State} from "../src/State.sol";
import {Base} from "./Base.sol";

contract RolesTest is Base {
    function _refused(Config memory config, bytes memory reason) private {
        vm.expectRevert(reason);
        new Ledger(config);
    }

    function test_constructorSetsEverything() public view {
        eq(ledger.token(), address(token));
        eq(ledger.owner(), owner);
        eq(ledger.poster(), poster);
        eq(ledger.arbiter(), arbiter);
        eq(ledger.window(), WINDOW);
        eq(ledger.resolutionPeriod(), RESOLUTION);
        eq(ledger.expiry(), EXPIRY);
        eq(ledger.bond(), BOND);
        eq(ledger.reward(), REWARD);
        eq(ledger.lastFinalised(), 0);
        eq(ledger.root(), bytes32(0));
    }

    function test_constructorRefusesBadConfig() public {
        Config memory c = _config(address(token));
        c.owner = address(0);
        _refused(c, abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        c = _config(address(token));
        c.poster = address(0);
        _refused(c, abi.encodeWithSelector(Roles.ZeroAddress.selector));
        c = _config(address(token));
        c.arbiter = address(0);
        _refused(c, abi.encodeWithSelector(Roles.ZeroAddress.selector));
        c = _config(address(token));
        c.arbiter = poster;
        _refused(c, abi.encodeWithSelector(Roles.SameHolder.selector, poster));
        _refused(_config(anyone), abi.encodeWithSelector(Vault.NotAContract.selector, anyone));
    }

    function test_constructorRefusesBadTerms() public {
        Config memory c = _config(address(token));
        c.bond = 0;
        _refused(c, abi.encodeWithSelector(Bonds.ZeroBond.selector));
        c = _config(address(token));
        c.window = 0;
        _refused(c, abi.encodeWithSelector(Epochs.BadPeriod.selector, 0));
        c.window = 365 days + 1;
        _refused(c, abi.encodeWithSelector(Epochs.BadPeriod.selector, 365 days + 1));
        c = _config(address(token));
        c.resolutionPeriod = 0;
        _refused(c, abi.encodeWithSelector(Epochs.BadPeriod.selector, 0));
        c = _config(address(token));
        c.expiry = NOW;
        _refused(c, abi.encodeWithSelector(Sweeps.BadExpiry.selector, NOW, NOW));
    }

    function test_posterIsHandedOverInTwoSteps() public {
        vm.prank(owner);
        ledger.proposePoster(anyone);
        eq(ledger.poster(), poster);
        vm.prank(watcher);
        vm.expectRevert(abi.encodeWithSelector(Roles.NotProposed.selector, watcher));
        ledger.acceptPoster();
        vm.prank(anyone);
        ledger.acceptPoster();
        eq(ledger.poster(), anyone);
        eq(ledger.pendingPoster(), address(0));
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Roles.NotPoster.selector, poster));
        ledger.commit(1, INPUT);
    }

    function test_arbiterIsHandedOverInTwoSteps() public {
        vm.prank(owner);
        ledger.proposeArbiter(anyone);
        eq(ledger.arbiter(), arbiter);
        vm.prank(watcher);
        vm.expectRevert(abi.encodeWithSelector(Roles.NotProposed.selector, watcher));
        ledger.acceptArbiter();
        vm.prank(anyone);
        ledger.acceptArbiter();
        eq(ledger.arbiter(), anyone);
        eq(ledger.pendingArbiter(), address(0));
    }

    function test_onlyOwnerProposesAndPauses() public {
        bytes memory refused = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, anyone);
        vm.startPrank(anyone);
        vm.expectRevert(refused);
        ledger.proposePoster(anyone);
        vm.expectRevert(refused);
        ledger.proposeArbiter(anyone);
        vm.expectRevert(refused);
        ledger.pause();
        vm.expectRevert(refused);
        ledger.unpause();
        vm.expectRevert(refused);
        ledger.renounceOwnership();
        vm.expectRevert(refused);
        ledger.transferOwnership(anyone);
    }

    function test_posterAndArbiterStayApart() public {
        vm.startPrank(owner);
        ledger.proposePoster(arbiter);
        ledger.proposeArbiter(poster);
        vm.stopPrank();
        vm.prank(arbiter);
        vm.expectRevert(abi.encodeWithSelector(Roles.SameHolder.selector, arbiter));
        ledger.acceptPoster();
        vm.prank(poster);
        vm.expectRevert(abi.encodeWithSelector(Roles.SameHolder.selector, poster));
        ledger.acceptArbiter();
    }

    function test_ownershipIsHandedOverInTwoSteps() public {
        vm.prank(owner);
        ledger.transferOwnership(anyone);
        eq(ledger.owner(), owner);
        vm.prank(anyone);
        ledger.acceptOwnership();
        eq(ledger.owner(), anyone);
    }

    function test_renounceIsRefusedWhilePaused() public {
        vm.startPrank(owner);
        ledger.pause();
        _expect(Pausable.EnforcedPause.selector);
        ledger.renounceOwnership();
        ledger.unpause();
        ledger.renounceOwnership();
        eq(ledger.owner(), address(0));
    }

    function test_anchorEmitsRootSenderAndTime() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Anchors.Anchored(INPUT, anyone, NOW);
        vm.prank(anyone);
        ledger.anchor(INPUT);
        _expect(Anchors.ZeroHash.selector);
        ledger.anchor(bytes32(0));
    }

    function test_pauseStopsAnchorCommitAndPost() public {
        vm.prank(owner);
        ledger.pause();
        _expect(Pausable.EnforcedPause.selector);
        ledger.anchor(INPUT);
        vm.prank(poster);
        _expect(Pausable.EnforcedPause.selector);
        ledger.commit(1, INPUT);
        vm.prank(owner);
        ledger.unpause();
        _commit();
        vm.prank(owner);
        ledger.pause();
        vm.prank(poster);
        _expect(Pausable.EnforcedPause.selector);
        ledger.post(1, INPUT, INPUT, EVIDENCE, 0, 1);
    }

    function test_pauseStopsNeitherDisputesNorFinaliseNorClaims() public {
        _fund(_payees(2, 10));
        _commit();
        _post(keccak256("wrong"), 30);
        vm.prank(owner);
        ledger.pause();
        _challenge();
        _resolve(true);
        vm.prank(owner);
        ledger.unpause();
        _distributePaused();
        ledger.claim(payees[0], amounts[0], _proof(0));
        eq(token.balanceOf(payees[0]), amounts[0]);
        _fund(1);
    }

    function _distributePaused() private {
        vm.prank(poster);
        ledger.stake{value: REWARD}();
        _commit();
        bytes32 root = _rootOfPayees();
        _post(root, 30);
        vm.prank(owner);
        ledger.pause();
        _finalise();
        eq(ledger.stateOf(1), State.Finalised);
    }
}
