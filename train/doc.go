// Package train trains small networks and retrains weighted copies of them, in plain Go, and leaves a log that replays
// the run bit for bit.
//
// Run trains a Model on Data; Many retrains it with other sample weights, which is how the effect of removing samples
// is measured. Coalitions does the same for models of dense layers, many times faster where there is AVX2 or AVX-512:
// it trains copies together, in arithmetic that differs from Many's by rounding. ReadModel reads model.json; Logits and
// Evaluate use what was trained.
//
// The method is stochastic gradient descent with momentum in PyTorch's convention, v ← μv + (g + wd·θ), θ ← θ − ηv
// (Sutskever, Martens, Dahl and Hinton, ICML 2013, as torch.optim.SGD writes it), on the mean loss of a batch. Sample
// i enters with weight w_i and the denominator is the length of the batch whatever the weights are: w_i = 0 removes a
// sample and leaves batches and step sizes as they were. Weight decay is not scaled by w. Initial values are uniform
// in ±1/√in, as torch.nn.Linear has it; they and the batch orders come from a counter-based generator.
//
// # Random numbers
//
// They come from Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011) under 32 bytes of seed: "attrib/train", zeros,
// and the model's seed as a little-endian int64 in the last eight bytes. Written as eight little-endian words s0…s7, stream
// number N has the key (s0 ⊕ m0, s1 ⊕ m1) and the counter (block, 0, lo(N) ⊕ m2, hi(N) ⊕ m3), where m = Philox of the
// counter (s2, s3, s4, s5) under the key (s0 ⊕ s6, s1 ⊕ s7); its words are the outputs of blocks 0, 1, 2, … in turn.
//
// Initial values of tensor k: stream k, in row-major order; u = (two words, the first the lower half, shifted right by
// 11) / 2⁵³, and the value is (2u − 1)/√in. Order of epoch e from 0: stream 2³² + e; for i = 0 … n−1, j uniform in 0 … i,
// order[i] ← order[j], order[j] ← i. Uniform below n is the upper word of word·n, drawn again while the lower word is
// below 2³² mod n (Lemire, ACM TOMACS 2019). The log spells the orders out unless they are more than MaxLoggedOrder
// numbers.
//
// # Hashes
//
// Data.Hash, Params.Hash and Model.Hash say in their comments what they cover.
//
// Assumptions: float32 parameters; dense layers, or any Network that is handed in; everything fits in memory. Sums run
// in a fixed order without fused multiply-add and exp and tanh are the package's own, so two machines get the same
// parameters, whatever their processors. For Coalitions this holds among machines with AVX2 or AVX-512, and among
// those without.
//
// What fails: a loss or parameter that is no longer finite stops the run with epoch, batch and row or tensor; labels
// outside the classes, samples of another width, checkpoints of another shape, logs of another model, data, weights or
// initial parameters are errors that name row, tensor or field. A folder that holds a run is not overwritten.
package train
