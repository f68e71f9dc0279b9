// Package settle turns weights into money that contributors can claim and anyone can check.
//
// The two functions most callers need: [Prepare] completes an evidence bundle (amounts, Merkle tree, manifest) from
// the weights in it, and [Verify] recomputes a bundle from its inputs, authenticates it against the posted evidence
// hash and names the first file and field that differ. Package settle/chain talks to the ledger contract,
// settle/embedded is the development chain.
//
// # Method
//
// Amounts: the pool is divided by largest remainder (Hamilton's method) over integer weights that sum to 2⁶³, ties go
// to the lower address, and the parts sum to the pool exactly. Amounts are cumulative over epochs, so a payee who
// misses epochs loses nothing. What a payee earned below the policy's minimumPayout is not dropped: it stands in
// payees.json as that payee's credit, is carried over in the next bundle's previous.json and is added to what the
// payee earns there. Credits are deposited money nobody can claim yet, so they are not part of cumulativeTotal; for
// every epoch
//
//	cumulativeTotal + carriedTotal = previous cumulativeTotal + previous carriedTotal + pool.
//
// Tree: OpenZeppelin StandardMerkleTree of (bytes32 domain, uint256 chainid, address ledger, address account,
// uint256 cumulativeAmount), one leaf for every payee who was ever owed something.
//
// Evidence: every file of the bundle and every field in it (each JSON leaf, each tensor row and column) is hashed with
// keccak-256 under its name; the manifest lists the hashes, and the evidence hash is the Merkle root over the list.
// The input hash is the same root over the input files alone, which exist before the seed does; it is committed on
// chain first, and the seed is keccak256(inputHash ‖ blockhash(commit block + 1)).
//
// # Assumptions
//
// A payee is an address: two contributors with one address are refused. Everything here is integers; fractional
// numbers in shares.json and weights.json are annotations, compared by [Verify] to one part in 10⁹. The verifier
// trusts the posted evidence hash and the code it runs, nothing in the folder.
//
// # Failure modes
//
// A bundle says what its pool and its previous epoch were; that those are the ledger's is only known to a verifier who
// also reads the chain ([VerifyOptions].Posted and PreviousEvidence). Verify says which of them it did not check.
package settle
