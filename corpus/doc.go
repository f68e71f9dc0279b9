// Package corpus reads the folder that says who contributed what, and which outputs are to be attributed.
//
// The two functions most callers need are [Open], which reads and checks a folder, and [Corpus.Batches], which
// visits its samples as rows of features. [Check] reports on a folder, [Sign] puts a signed claim into it, and [Write]
// makes one.
//
// A folder holds corpus.jsonl, contributors.jsonl, queries.jsonl and, if outputs were reviewed, approvals.jsonl. Each may
// be CSV with a header row instead. Their fields are those of [Sample], [Contributor], [Query] and [Approval]; JSON
// Schemas are in docs/schemas. A sample's asset is written into the line (a text, or an array of numbers) or is a file
// inside the folder. In CSV the column decides: "content" is text, "features" is numbers separated by spaces, "path" is a file.
//
// # Content hashes
//
// The content bytes of a file are its bytes; of a text, its UTF-8 bytes; of numbers, their IEEE 754 binary64 forms in
// little-endian order. A sample's "sha256" is the SHA-256 of these bytes. When it is given and the asset was edited, Open says so and names
// the sample.
//
// The content root of a contributor is a Merkle root over the SHA-256 of all its samples, in ascending order:
//
//	leaf = keccak256("attrib.content.leaf/1" ‖ sha256)
//	node = keccak256("attrib.content.node/1" ‖ left ‖ right)
//
// Neighbours are paired level by level and an odd last node moves up unchanged, which is the tree of RFC 6962. The root of no samples is
// 32 zero bytes. Counting the samples of all splits, the root binds what was handed in and not what it was used for.
//
// The corpus hash is SHA-256 over one line per sample, in file order, each the JSON array
//
//	["id","sha256",label or null,"contributor","licence","split"]
//
// so it does not depend on the file format, on spacing or on meta.
//
// # Claims
//
// A claim is EIP-712 typed data (https://eips.ethereum.org/EIPS/eip-712) signed by the contributor's payout address: see
// [Claim]. Open refuses claims that are forged, that belong to other content or to another contributor, or that are used
// twice. It has no clock: expiry is checked by [Corpus.CheckClaims] against a time the caller names.
//
// # Assumptions and failures
//
// Ids, hashes and labels of samples are kept in memory (about 150 bytes a sample), assets are not. All mistakes of a folder
// are reported together as an [Invalid], up to [MaxProblems]. A file that changes while the folder is open is an error when its samples
// are visited.
package corpus
