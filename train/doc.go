// Package train trains small networks and retrains weighted copies of them, and leaves a log that replays the run bit
// for bit.
//
// Run trains a Model on Data; Coalitions retrains weighted copies of it, many together, which is how the effect of
// removing samples or contributors is measured, on the CPU or on a device that keeps all copies in its memory; Many does the
// same one by one, also for registered graphs. ReadModel
// reads model.json; Logits and Evaluate use what was trained. Hessian multiplies many vectors with the Hessian of a batch,
// and Trajectory hands out the parameters before any step of a run: together they carry a reverse pass over training.
// Features and Head split a network into layers that stay as they are and a head that is trained.
//
// Networks are computed by package train/nn: dense, conv2d, embedding and layer norm with tanh, relu and gelu. Others
// are handed in as a Network.
//
// # Method
//
// A step moves the parameters against the gradient of the mean loss of a batch: sgd with momentum in PyTorch's
// convention, v ← μv + (g + wd·θ), θ ← θ − ηv (Sutskever, Martens, Dahl and Hinton, ICML 2013, as torch.optim.SGD writes
// it), adam (Kingma and Ba, ICLR 2015) and adamw (Loshchilov and Hutter, ICLR 2019). The rate η is constant, warmed up,
// or falls along half a cosine. Sample i enters with weight w_i and the denominator is the length of the batch
// whatever the weights are: w_i = 0 removes a sample and leaves batches and step sizes as they were. Weight decay is not
// scaled by w. Gradient clipping is refused: through the norm of a batch a sample's effect depends on all others.
// Initial values are PyTorch's defaults (uniform in ±1/√in; embeddings normal; layer norms 1 and 0); they and the batch
// orders come from a counter-based generator.
//
// # Random numbers
//
// They come from Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011) under 32 bytes of seed: "attrib/train", zeros,
// and the model's seed as a little-endian int64 in the last eight bytes. Written as eight little-endian words s0…s7, stream
// number N has the key (s0 ⊕ m0, s1 ⊕ m1) and the counter (block, 0, lo(N) ⊕ m2, hi(N) ⊕ m3), where m = Philox of the
// counter (s2, s3, s4, s5) under the key (s0 ⊕ s6, s1 ⊕ s7); its words are the outputs of blocks 0, 1, 2, … in turn.
//
// Initial values of tensor k: stream k, in row-major order; u = (two words, the first the lower half, shifted right by
// 11) / 2⁵³, and the value is (2u − 1)/√in; for an embedding it is √(−2 log(1 − u))·cos(2πu′) with two numbers u and u′.
// Order of epoch e from 0: stream 2³² + e; for i = 0 … n−1, j uniform in 0 … i, order[i] ← order[j], order[j] ← i.
// Uniform below n is the upper word of word·n, drawn again while the lower word is below 2³² mod n (Lemire, ACM TOMACS
// 2019). The log spells the orders out unless they are more than MaxLoggedOrder numbers.
//
// # Hashes
//
// Data.Hash, Params.Hash and Model.Hash say in their comments what they cover.
//
// # Which machines get the same bits
//
// Results do not depend on workers, on the number of copies that are trained together, on a device that has the CPU's
// arithmetic, or on memory. Machines with AVX2
// or AVX-512 get the same bits ("fused"), and so do those without ("plain"), which get others; the log says which
// (LogHeader.Arithmetic), and a replay on the other class is refused.
//
// # Assumptions and failure modes
//
// Parameters are float32; a data set fits into memory. A loss or parameter that is no longer finite stops the run with
// epoch, batch, step and row or tensor; a run that ended with a loss that grew is reported by Log.Diverged. Labels
// outside the classes, samples of another width, values that are no tokens, checkpoints of another shape, and logs of
// another model, data, weights or initial parameters are errors that name row, tensor or field. A folder that holds a
// run is not overwritten. A budget of memory that does not hold one copy is an error with both numbers.
package train
