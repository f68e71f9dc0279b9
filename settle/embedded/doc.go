// Package embedded is an EVM chain inside the process, for demonstrations and tests: go-ethereum's simulated backend,
// with accounts that hold money and keys everybody knows.
//
// The two functions most callers need: [New] starts a chain in tens of milliseconds, and [Chain.Serve] serves it over
// JSON-RPC on a loopback address while the process runs.
//
// # Assumptions
//
// A block is made for every transaction. The rules are those of the Osaka fork. The chain lives in memory and forgets
// everything when it is closed. Block hashes and PREVRANDAO differ from run to run, so seeds that are drawn from a
// block do, too.
//
// # Failure modes
//
// Its keys are public: never use them, or this chain, for money. Serve refuses addresses that others can reach.
package embedded
