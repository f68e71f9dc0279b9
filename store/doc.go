// Package store keeps feature rows on disk: gradients or embeddings of samples, one row a sample.
//
// [Create] gives a Writer that takes rows in order or shard by shard and can be resumed; [Open] gives a Store, which is a
// kernels.Source over mapped files.
//
// # Form
//
// A store is a folder: store.json (the header) and shards in the safetensors format. A shard holds row_ids (I64: the
// sample's position in corpus.jsonl) and the rows, either flat as rows (F32, rows × width) or factored as a.<layer> (F32,
// rows × positions × in) and d.<layer> (F32, rows × positions × out), where a row's gradient in that layer is Dᵀ·A. The
// header states sign, measurement and unit, so that a score made from the rows has a meaning:
//
//	sign "+loss-gradient"      rows are g_i = ∇ℓ_i, the gradient of the sample's loss: going against it helps the sample
//	sign "+goodness-gradient"  rows are ∇m_i of something that is better when larger (margin, log-probability)
//	sign "none"                rows are no gradients (embeddings)
//	unit "dm/dw"               scores made by an influence method are changes of the measurement per unit of sample weight
//	unit "arbitrary"           only ratios and order mean anything
//
// # Writing
//
// The shard is the unit of redo. Each is written under a temporary name, synced and renamed; then store.json is replaced,
// atomically, with the shard marked done. Whatever instant a writer dies at, resuming gives the bytes of an undisturbed
// run, given the same rows. The folder is locked while it is written.
//
// # Failure modes
//
// Open refuses, naming the file and the field: a schema from the future, a header whose digest or whose fields do not
// hold together, shards that are missing, truncated, changed (SHA-256), overlapping or not yet written, and row ids that
// occur twice. A NaN or an infinity is refused on writing, by row id. Files are hashed once, at opening; a file
// that is changed under an open store is not noticed, and one that is truncated ends the program (SIGBUS), as for any
// mapped file.
package store
