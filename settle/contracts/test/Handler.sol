// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Config} from "../src/Config.sol";
import {Ledger} from "../src/Ledger.sol";
import {OpenEpoch, State} from "../src/State.sol";
import {Base} from "./Base.sol";
import {Refuser} from "./mocks/Accounts.sol";
import {BlacklistToken} from "./mocks/Tokens.sol";

/// @notice Does anything that anyone may try, in any order: honest steps when they are possible, forbidden ones always, which
/// must fail. Payee 0 can never be paid directly (blacklisted, or refusing currency).
contract Handler is Base {
    uint256 public constant N = 6;

    uint256[N] public current;
    uint256[N] private next;
    uint256[N][] private history;

    uint256 public finalisations;
    uint256 public drops;
    uint256 public oldClaims;

    constructor(bool native) {
        vm.warp(NOW);
        vm.roll(1000);
        BlacklistToken asset = new BlacklistToken();
        Config memory config = _config(native ? address(0) : address(asset));
        config.expiry = NOW + 12 days;
        ledger = new Ledger(config);
        for (uint256 i; i < N; i++) {
            payees.push(_actor(string.concat("payee", vm.toString(i))));
        }
        payees[0] = address(new Refuser());
        asset.list(payees[0], true);
        for (uint256 i; i < 3; i++) {
            vm.deal(_staker(i), 1000 ether);
        }
        vm.deal(watcher, 1000 ether);
    }

    /// @dev Whatever happens: a pending root stays itself or goes, and nothing that only grows ever falls.
    modifier watched() {
        OpenEpoch memory before = _open();
        (uint64 last, uint256 total, uint256 paid) =
            (ledger.lastFinalised(), ledger.cumulativeTotal(), ledger.totalClaimed());
        _;
        OpenEpoch memory later = _open();
        if (_pending(before) && _pending(later)) {
            eq(later.root, before.root);
            eq(later.cumulativeTotal, before.cumulativeTotal);
            eq(later.evidenceHash, before.evidenceHash);
            eq(later.attempt, before.attempt);
            yes(later.windowEnd >= before.windowEnd, "window shrank");
        }
        if (ledger.lastFinalised() != last) {
            yes(before.state == State.Posted && block.timestamp >= before.windowEnd, "finalised too early");
            eq(ledger.root(), before.root);
            eq(ledger.lastFinalised(), last + 1);
        }
        yes(ledger.cumulativeTotal() >= total, "cumulative total fell");
        yes(ledger.totalClaimed() >= paid, "claimed total fell");
    }

    function fund(uint96 amount) external watched {
        _fund(bound(amount, 1, 1e24));
    }

    function advance(uint256 time, uint256 blocks) external watched {
        vm.warp(block.timestamp + bound(time, 1, 2 days));
        vm.roll(block.number + bound(blocks, 1, 10));
    }

    /// @dev Up to four honest steps, waiting for the next one half of the time.
    function step(uint256 seed) external {
        for (uint256 i; i <= seed % 4; i++) {
            _step(uint256(keccak256(abi.encode(seed, i))));
        }
    }

    function finalise(uint256) external watched {
        if (_open().state == State.Posted) _finaliseNow();
    }

    function voidCommit(uint256 seed) external watched {
        if (_open().state != State.Committed || seed % 4 != 0) return;
        uint64 epoch = _next();
        vm.prank(ledger.arbiter());
        ledger.voidCommit(epoch);
    }

    function claim(uint256 seed) external watched {
        uint256 i = bound(seed, 1, N - 1);
        if (current[i] <= ledger.claimed(payees[i])) return;
        ledger.claim(payees[i], current[i], _proofIn(current, i));
    }

    function claimUnpayable(uint256) external watched {
        if (current[0] <= ledger.claimed(payees[0])) return;
        bytes32[] memory proof = _proofIn(current, 0);
        _mustFail(anyone, abi.encodeCall(ledger.claim, (payees[0], current[0], proof)));
    }

    function claimWithAnOldProof(uint256 seed, uint256 which) external watched {
        if (history.length == 0) return;
        uint256 i = bound(seed, 1, N - 1);
        uint256[N] memory old = history[which % history.length];
        uint256 before = ledger.claimed(payees[i]);
        (bool ok,) = address(ledger).call(abi.encodeCall(ledger.claim, (payees[i], old[i], _proofIn(old, i))));
        uint256 later = ledger.claimed(payees[i]);
        yes(ok ? later == current[i] : later == before, "an old proof did something");
        oldClaims++;
    }

    function stake(uint256 who, uint256 amount) external watched {
        vm.prank(_staker(who % 3));
        ledger.stake{value: bound(amount, 1, 3 ether)}();
    }

    function unstake(uint256 who, uint256 amount) external watched {
        address account = _staker(who % 3);
        amount = bound(amount, 1, 3 ether);
        vm.prank(account);
        (bool ok,) = address(ledger).call(abi.encodeCall(ledger.unstake, (amount)));
        if (_pending(_open()) && _open().poster == account) {
            yes(ledger.stakeOf(account) >= REWARD, "locked stake left");
        } else {
            yes(ok == (ledger.stakeOf(account) + (ok ? amount : 0) >= amount), "free stake was kept");
        }
    }

    function withdraw(uint256 who) external watched {
        address account = who % 4 == 3 ? watcher : _staker(who % 4);
        if (ledger.creditOf(account) == 0) return;
        vm.prank(account);
        ledger.withdraw(payable(account));
    }

    function handOver(uint256 who) external watched {
        address account = _staker(who % 3);
        vm.prank(ledger.owner());
        ledger.proposePoster(account);
        vm.prank(account);
        ledger.acceptPoster();
    }

    function pauseOrResume(uint256 seed) external watched {
        bool paused = ledger.paused();
        if (!paused && seed % 4 != 0) return;
        vm.prank(owner);
        if (paused) ledger.unpause();
        else ledger.pause();
    }

    function sweep() external watched {
        if (block.timestamp < ledger.expiry() || ledger.sweepable() == 0) return;
        vm.prank(owner);
        ledger.sweep(owner);
    }

    /// @dev What must never work, at any time, for anyone.
    function forbidden(uint256 seed, uint256 excess) external watched {
        (uint64 epoch, OpenEpoch memory o) = ledger.openEpoch();
        uint256 tooMuch = ledger.available() + bound(excess, 1, seed % 2 == 0 ? 1 : type(uint128).max);
        _mustFail(poster, abi.encodeCall(ledger.post, (epoch, INPUT, o.inputHash, EVIDENCE, tooMuch, 1)));
        _mustFail(anyone, abi.encodeCall(ledger.post, (epoch, INPUT, o.inputHash, EVIDENCE, 0, 1)));
        _mustFail(anyone, abi.encodeCall(ledger.commit, (epoch, INPUT)));
        _mustFail(anyone, abi.encodeCall(ledger.resolve, (epoch, seed % 2 == 0)));
        _mustFail(poster, abi.encodeCall(ledger.voidCommit, (epoch)));
        _mustFail(anyone, abi.encodeCall(ledger.sweep, (anyone)));
        _mustFail(anyone, abi.encodeCall(ledger.withdraw, (payable(anyone))));
        _mustFail(anyone, abi.encodeCall(ledger.finalise, (epoch + 1)));
        if (o.state != State.Open) _mustFail(poster, abi.encodeCall(ledger.commit, (epoch, EVIDENCE)));
        if (o.state != State.Committed) {
            _mustFail(
                poster, abi.encodeCall(ledger.post, (epoch, EVIDENCE, o.inputHash, EVIDENCE, o.cumulativeTotal, 1))
            );
        }
    }

    /// @dev Every payee takes all he is owed, the one who cannot be paid through another account, even while paused.
    function drain() external {
        if (!ledger.paused()) {
            vm.prank(owner);
            ledger.pause();
        }
        for (uint256 n = N; n > 0; n--) {
            uint256 i = n - 1;
            if (current[i] <= ledger.claimed(payees[i])) continue;
            vm.prank(payees[i]);
            ledger.claimTo(payees[i], anyone, current[i], _proofIn(current, i), type(uint256).max, "");
        }
        eq(ledger.totalClaimed(), ledger.cumulativeTotal());
    }

    function subject() external view returns (Ledger) {
        return ledger;
    }

    function payeeAt(uint256 i) external view returns (address) {
        return payees[i];
    }

    function stakerAt(uint256 i) external view returns (address) {
        return i == 3 ? watcher : _staker(i);
    }

    function _staker(uint256 i) private view returns (address) {
        return i == 0 ? poster : _actor(string.concat("poster", vm.toString(i)));
    }

    function _pending(OpenEpoch memory o) private pure returns (bool) {
        return o.state == State.Posted || o.state == State.Challenged;
    }

    function _step(uint256 seed) private watched {
        State state = _open().state;
        if (seed % 2 == 0) _waitFor(state);
        if (state == State.Open) return _commitAs(ledger.poster());
        if (state == State.Committed) return _postAs(ledger.poster(), seed);
        if (state == State.Challenged) return _resolveNow(seed / 6);
        if (seed % 3 == 0) return _challengeNow();
        _finaliseNow();
    }

    function _waitFor(State state) private {
        if (state == State.Committed) vm.roll(block.number + 2);
        if (state == State.Posted && block.timestamp < _open().windowEnd) vm.warp(_open().windowEnd);
    }

    function _commitAs(address who) private {
        if (ledger.paused()) return;
        uint64 epoch = _next();
        vm.prank(who);
        ledger.commit(epoch, keccak256(abi.encode(epoch, block.number)));
    }

    function _postAs(address who, uint256 seed) private {
        (uint64 epoch, OpenEpoch memory o) = ledger.openEpoch();
        if (ledger.paused() || block.number < o.commitBlock + 2) return;
        if (ledger.stakeOf(who) < REWARD) {
            vm.prank(who);
            ledger.stake{value: REWARD}();
        }
        uint256 total;
        uint256 left = ledger.available() - ledger.cumulativeTotal();
        for (uint256 i; i < N; i++) {
            uint256 part = left == 0 ? 0 : uint256(keccak256(abi.encode(seed, i))) % (left + 1);
            if (i == N - 1 && seed % 2 == 0) part = left;
            next[i] = current[i] + part;
            left -= part;
            total += next[i];
        }
        bytes32 root = _rootOf(next);
        vm.prank(who);
        ledger.post(epoch, root, o.inputHash, EVIDENCE, total, uint32(N));
    }

    function _challengeNow() private {
        if (block.timestamp >= _open().windowEnd || watcher.balance < BOND) return;
        _challenge();
    }

    function _resolveNow(uint256 seed) private {
        (, uint64 deadline) = ledger.dispute();
        if (block.timestamp >= deadline) {
            ledger.expire(_next());
            drops++;
        } else if (seed % 3 == 0) {
            _resolve(true);
            drops++;
        } else {
            _resolve(false);
        }
    }

    function _finaliseNow() private {
        if (block.timestamp < _open().windowEnd) return;
        if (ledger.lastFinalised() != 0) history.push(current);
        current = next;
        ledger.finalise(_next());
        finalisations++;
    }

    function _mustFail(address who, bytes memory data) private {
        vm.prank(who);
        (bool ok,) = address(ledger).call(data);
        yes(!ok, "a forbidden call went through");
    }

    function _leavesOf(uint256[N] memory of_) private returns (uint256) {
        amounts = new uint256[](N);
        for (uint256 i; i < N; i++) {
            amounts[i] = of_[i];
        }
        return N;
    }

    function _rootOf(uint256[N] memory of_) private returns (bytes32) {
        _leavesOf(of_);
        return _rootOfPayees();
    }

    function _proofIn(uint256[N] memory of_, uint256 i) private returns (bytes32[] memory) {
        _leavesOf(of_);
        return _proof(i);
    }
}
