// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bonds} from "./Bonds.sol";
import {Claims} from "./Claims.sol";
import {Config} from "./Config.sol";
import {Disputes} from "./Disputes.sol";
import {Epochs} from "./Epochs.sol";
import {Roles} from "./Roles.sol";
import {Sweeps} from "./Sweeps.sol";
import {Vault} from "./Vault.sol";

/// @title Ledger
/// @notice Pays contributors of one programme in one currency, from one Merkle root that anyone can recompute and challenge.
/// @dev No proxy, no delegatecall, no receive function. Read {Vault}, {Bonds}, {Epochs}, {Disputes}, {Claims}, {Sweeps} in
/// this order.
contract Ledger is Claims, Sweeps {
    constructor(Config memory config)
        Roles(config.owner, config.poster, config.arbiter)
        Vault(config.token)
        Bonds(config.bond, config.reward)
        Epochs(config.window)
        Disputes(config.resolutionPeriod)
        Sweeps(config.expiry)
    {}
}
