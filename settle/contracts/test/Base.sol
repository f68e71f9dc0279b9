// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Config} from "../src/Config.sol";
import {Ledger} from "../src/Ledger.sol";
import {Leaf} from "../src/Leaf.sol";
import {OpenEpoch, State} from "../src/State.sol";
import {TestToken} from "../src/TestToken.sol";
import {Tree} from "./Tree.sol";
import {Vm} from "./Vm.sol";

/// @notice Assertions and a ledger with its cast, in the test token or the native currency.
abstract contract Base {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint64 internal constant WINDOW = 3 days;
    uint64 internal constant RESOLUTION = 5 days;
    uint64 internal constant EXPIRY = 2_000_000_000;
    uint64 internal constant NOW = 1_800_000_000;
    uint256 internal constant BOND = 1 ether;
    uint256 internal constant REWARD = 2 ether;
    bytes32 internal constant INPUT = keccak256("input");
    bytes32 internal constant EVIDENCE = keccak256("evidence");

    address internal owner = _actor("owner");
    address internal poster = _actor("poster");
    address internal arbiter = _actor("arbiter");
    address internal funder = _actor("funder");
    address internal watcher = _actor("watcher");
    address internal anyone = _actor("anyone");

    TestToken internal token;
    Ledger internal ledger;

    /// @dev Payees and amounts of the tree built last.
    address[] internal payees;
    uint256[] internal amounts;

    function setUp() public virtual {
        vm.warp(NOW);
        vm.roll(1000);
        token = new TestToken("Test token", "TEST", 6);
        ledger = _deploy(address(token));
    }

    function _actor(string memory label) internal pure returns (address) {
        return address(uint160(uint256(keccak256(bytes(label)))));
    }

    function _config(address asset) internal view returns (Config memory) {
        return Config(asset, owner, poster, arbiter, WINDOW, RESOLUTION, EXPIRY, BOND, REWARD);
    }

    /// @dev A ledger whose poster has staked one reward.
    function _deploy(address asset) internal returns (Ledger made) {
        made = new Ledger(_config(asset));
        vm.deal(poster, 100 ether);
        vm.deal(watcher, 100 ether);
        vm.prank(poster);
        made.stake{value: REWARD}();
    }

    function _fund(uint256 amount) internal {
        if (ledger.token() == address(0)) {
            vm.deal(funder, amount);
            vm.prank(funder);
            ledger.fund{value: amount}(amount);
            return;
        }
        TestToken asset = TestToken(ledger.token());
        asset.mint(funder, amount);
        vm.startPrank(funder);
        // Called without decoding, since some tokens return nothing.
        (bool ok,) = address(asset).call(abi.encodeCall(asset.approve, (address(ledger), amount)));
        yes(ok, "approve failed");
        ledger.fund(amount);
        vm.stopPrank();
    }

    function _next() internal view returns (uint64) {
        return ledger.lastFinalised() + 1;
    }

    function _commit() internal {
        uint64 epoch = _next();
        vm.prank(poster);
        ledger.commit(epoch, INPUT);
        vm.roll(block.number + 2);
    }

    function _post(bytes32 root, uint256 total) internal {
        uint64 epoch = _next();
        vm.prank(poster);
        ledger.post(epoch, root, INPUT, EVIDENCE, total, 1);
    }

    function _challenge() internal {
        uint64 epoch = _next();
        vm.prank(watcher);
        ledger.challenge{value: BOND}(epoch, EVIDENCE);
    }

    function _resolve(bool upheld) internal {
        uint64 epoch = _next();
        vm.prank(arbiter);
        ledger.resolve(epoch, upheld);
    }

    function _finalise() internal {
        vm.warp(_open().windowEnd);
        ledger.finalise(_next());
    }

    function _open() internal view returns (OpenEpoch memory open) {
        (, open) = ledger.openEpoch();
    }

    /// @dev n payees owed 1, 2, … n times `unit`.
    function _payees(uint256 n, uint256 unit) internal returns (uint256 total) {
        delete payees;
        delete amounts;
        for (uint256 i; i < n; i++) {
            payees.push(_actor(string.concat("payee", vm.toString(i))));
            amounts.push((i + 1) * unit);
            total += amounts[i];
        }
    }

    function _leaves() internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](payees.length);
        for (uint256 i; i < leaves.length; i++) {
            leaves[i] = Leaf.hash(block.chainid, address(ledger), payees[i], amounts[i]);
        }
    }

    function _rootOfPayees() internal view returns (bytes32) {
        return Tree.root(_leaves());
    }

    function _proof(uint256 i) internal view returns (bytes32[] memory) {
        return Tree.proof(_leaves(), i);
    }

    /// @dev Commit, post and finalise the tree of `payees` and `amounts`.
    function _distribute() internal {
        uint256 total;
        for (uint256 i; i < amounts.length; i++) {
            total += amounts[i];
        }
        _commit();
        _post(_rootOfPayees(), total);
        _finalise();
    }

    function _expect(bytes4 selector) internal {
        vm.expectRevert(abi.encodeWithSelector(selector));
    }

    function eq(uint256 got, uint256 want) internal pure {
        require(got == want, string.concat("got ", vm.toString(got), ", want ", vm.toString(want)));
    }

    function eq(address got, address want) internal pure {
        require(got == want, "address differs");
    }

    function eq(bytes32 got, bytes32 want) internal pure {
        require(got == want, "bytes32 differs");
    }

    function eq(State got, State want) internal pure {
        eq(uint256(got), uint256(want));
    }

    function yes(bool condition, string memory what) internal pure {
        require(condition, what);
    }

    function bound(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + x % (high - low + 1);
    }
}
