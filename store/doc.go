// Package store keeps feature rows on disk: gradients or embeddings of samples or of outputs, one row each.
//
// [Create] gives a Writer that takes rows in order or shard by shard and can be resumed; [Open] gives a Store, which is a
// kernels.Source over mapped files. [OpenForeign] reads what PyTorch and NumPy wrote, [Rewrite] changes the form of a store.
//
// # Form
//
// A store is a folder: store.json (the header) and shards in the safetensors format; docs/files.md describes both to the
// byte. A shard holds row_ids (I64: lines of corpus.jsonl, or of queries.jsonl, from 0) and the rows, either flat as rows
// (rows × width) or factored as a.<layer> (rows × positions × in) and d.<layer> (rows × positions × out), where a row's
// gradient in that layer is Dᵀ·A. Numbers are F32, BF16, F16, or I8 with a scale for every vector; a Store gives all of them
// as single precision. The header states sign, measurement and unit, so that a score made from the rows has a meaning:
//
//	sign "+loss-gradient"      rows are g_i = ∇ℓ_i, the gradient of the sample's loss: going against it helps the sample
//	sign "+goodness-gradient"  rows are ∇m_i of something that is better when larger (margin, log-probability)
//	sign "none"                rows are no gradients (embeddings)
//	unit "dm/dw"               scores made by an influence method are changes of the measurement per unit of sample weight
//	unit "arbitrary"           only ratios and order mean anything
//
// # Writing
//
// The shard is the unit of redo. Each is written under a temporary name, synced and renamed, then a record beside it says
// that it is done; when all are, store.json says so and the records go. Whatever instant a writer dies at, resuming gives the
// bytes of an undisturbed run, given the same rows. One writer holds the folder alone, or several share it
// (Options.Shared), each shard locked by the one that writes it.
//
// # Reading
//
// Windows of at most 16 MiB are mapped while tiles view them, a bounded number at a time; rows beyond are copied. Memory
// does not grow with the rows, but for their ids: nothing where these go up one by one, up to eight bytes each.
//
// # Failure modes
//
// Open refuses, naming the file and the field: a schema from the future, a header whose digest or whose fields do not
// hold together, shards that are missing, truncated, changed (SHA-256), overlapping or not yet written, and row ids that
// occur twice. On writing, a NaN, an infinity, and a value that the type cannot hold are refused by row id. Files are hashed
// once, at opening. Afterwards, a file that is replaced, rewritten or cut short is an error when its next window is mapped,
// when it is read where it was cut off (kernels.Guard), and from Store.Unchanged, which asks for all; a change that keeps
// size and time of modification goes unseen until the store is opened again. Imported files that are linked into a store are
// still their owner's: one that is rewritten in place is refused by its hash.
package store
