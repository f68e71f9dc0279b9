// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Where an epoch stands. Only the epoch after the last finalised one is ever Open, Committed, Posted or Challenged.
/// Future: a later epoch. Open: next in turn, nothing committed. Committed: inputs fixed, seed known one block later.
/// Posted: root pending, window running. Challenged: window stopped. Finalised: this epoch or a later one can be claimed.
enum State {
    Open,
    Committed,
    Posted,
    Challenged,
    Finalised,
    Future
}

/// @notice The epoch in turn. Fields that do not apply in `state` read as zero.
/// @param inputHash committed hash of everything that determines the result but the seed
/// @param root pending root
/// @param evidenceHash content address of the evidence bundle
/// @param cumulativeTotal everything owed to all payees up to this epoch, claimed or not
/// @param commitBlock block of the commit; the seed is made from the hash of the block after it
/// @param windowEnd time from which the root can be finalised; stands still while a challenge is open
/// @param poster account that posted, whose stake is liable
/// @param leaves number of payees in the tree, as stated by the poster
/// @param attempt how often this epoch was dropped or voided before
/// @param state Open, Committed, Posted or Challenged
/// @param restarted whether a rejected challenge has restarted the window already
struct OpenEpoch {
    bytes32 inputHash;
    bytes32 root;
    bytes32 evidenceHash;
    uint128 cumulativeTotal;
    uint64 commitBlock;
    uint64 windowEnd;
    address poster;
    uint32 leaves;
    uint32 attempt;
    State state;
    bool restarted;
}

/// @notice The open challenge. All zero when there is none.
/// @param challenger who gets the bond back, or the bond and the reward
/// @param openedAt time of the challenge
/// @param evidenceHash content address of what the challenger objects to
struct Dispute {
    address challenger;
    uint64 openedAt;
    bytes32 evidenceHash;
}
