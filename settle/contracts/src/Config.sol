// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Everything that is fixed when a ledger is made, apart from the three role holders, which can be handed over.
/// @param token ERC-20 that is paid out; address(0) for the chain's native currency
/// @param owner proposes role holders, pauses posting, sweeps after expiry
/// @param poster commits and posts epochs; must differ from the arbiter
/// @param arbiter resolves challenges; must differ from the poster
/// @param window seconds a posted root stays open to challenge, 1 s to 365 days
/// @param resolutionPeriod seconds the arbiter has to resolve a challenge, 1 s to 365 days
/// @param expiry UNIX time from which undistributed funds may be swept
/// @param bond wei a challenger deposits, more than zero
/// @param reward wei a successful challenger gets from the poster's stake, may be zero
struct Config {
    address token;
    address owner;
    address poster;
    address arbiter;
    uint64 window;
    uint64 resolutionPeriod;
    uint64 expiry;
    uint256 bond;
    uint256 reward;
}
