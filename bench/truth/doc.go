// Package truth keeps ground truth of attribution as files: subsets of a training split, and what models that were
// really retrained on them gave for the outputs.
//
// The two functions you need are Make, which retrains and writes a truth into a folder, and Read, which reads one and
// checks all of it. What a folder holds is enough to recompute the LDS of any scores without the corpus, so that a
// truth can be published on its own; with the corpus, Matches says whether it is the one the truth was made from.
//
// # Meaning
//
// A subset gives every sample weight 1 or 0. Removal is by weight zero: the same batches and order, removed samples
// weigh nothing, the denominator of a batch stays (package train). Values are the goodness m of an output after
// retraining, larger is better: the margin log p/(1−p) or log-probability of its label, or minus its loss. The first
// training seed of a part is its same run; the others together are its expected model.
//
// # Files
//
//	truth.json           what it is: model, hashes of the data, parts, seeds; SHA-256 of the other files and of itself
//	rows.json            ids of samples and outputs in order, and the contributor of each sample where those are removed
//	subsets.safetensors  keep.<part> (m×n U8): 1 for a sample that is kept; coalition.<part> (m×k U8) for contributors
//	outputs.safetensors  <measurement>.<part>.<seed> (m×q F32), params.<part>.<seed> (m×32 U8): Params.Hash of each model
//	starts.safetensors   where a seed does not say it: initial.<seed>.<tensor> or initial.all.<tensor> (F32), order.<seed> (epochs×n U32)
//
// # Random subsets
//
// They come from Philox streams (package train says how, and what "uniform" is) under the 32 bytes "attrib/subsets",
// zeros, and the subset seed as a little-endian int64 in the last eight. Subset r of those that remove c of n samples
// has the stream c·2³² + r: p ← 0 … n−1; for i = 0 … c−1, j uniform in i … n−1, p[i] ↔ p[j]; p[0 … c−1] are removed. So
// a subset depends neither on how many are drawn nor on other parts. Coalitions of contributors are drawn likewise,
// under "attrib/coalitions".
//
// # Failure modes
//
// Read names file and field, or tensor, of what is missing, left over, changed (SHA-256), of another shape or not
// finite. A truth whose retraining diverges is not made: the error names seed, part and subset. Arithmetic says which
// class of machine retrained; on another the last digits may differ, and Make does not go on there.
package truth
