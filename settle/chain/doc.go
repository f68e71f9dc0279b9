// Package chain talks to the ledger contract of settle/contracts on any EVM chain.
//
// The two functions most callers need: [Dial] connects to a JSON-RPC node and checks that it serves the expected chain,
// and [Client.Post] posts an epoch. The life of an epoch is Fund, Stake, Commit, Seed, Post, (Challenge, Resolve),
// Finalise, Claim; [Client.Status] shows where a ledger stands. The functions that end in Call, such as [PostCall],
// make the same transactions unsigned, for a multisig.
//
// # Method
//
// One transaction at a time per key. Before a transaction is broadcast, what it is for and every signed attempt are
// written to a journal and synced. A new run first brings open transactions of the journal to their end, then reads
// the contract, and only then sends: what was done already is noticed, not done twice. Every transaction is tried
// with eth_call first, and a revert is told in words. Fees follow EIP-1559; an attempt that stays unmined is replaced
// with tip and cap raised by an eighth, under a stated ceiling. A transaction is done when its receipt, read again at
// the wanted number of confirmations, has status 1 and the ledger's event says what was meant. The state machine
// takes its ideas from Optimism's txmgr and Chainlink's transaction manager.
//
// # Assumptions
//
// The key is used by nothing else while a transaction is open. The node tells the truth: there is no light client
// here. A chain that mines on demand (anvil, attrib chain) needs [Options].Dev to wait for blocks.
//
// # Failure modes
//
// A node that does not answer is asked again a bounded number of times, then [Unreachable] names its host and what to
// do; the journal keeps what was begun. Keys are never logged or put into an error.
package chain
