// Package train trains small networks and retrains weighted copies of them, in plain Go, and leaves a log that replays
// the run bit for bit.
//
// Run trains a Model on Data; Many retrains it with other sample weights, which is how the effect of removing samples
// is measured. ReadModel reads model.json; Logits and Evaluate use what was trained.
//
// The method is stochastic gradient descent with momentum in PyTorch's convention, v ← μv + (g + wd·θ), θ ← θ − ηv
// (Sutskever, Martens, Dahl and Hinton, ICML 2013, as torch.optim.SGD writes it), on the mean loss of a batch. Sample
// i enters with weight w_i and the denominator is the length of the batch whatever the weights are: w_i = 0 removes a
// sample and leaves batches and step sizes as they were. Weight decay is not scaled by w. Initial values are uniform
// in ±1/√in, as torch.nn.Linear has it; they and the batch orders come from a counter-based generator.
//
// Assumptions: float32 parameters; dense layers, or any Network that is handed in; everything fits in memory. Sums run
// in a fixed order without fused multiply-add and exp and tanh are the package's own, so two machines get the same
// parameters, whatever their processors.
//
// What fails: a loss or parameter that is no longer finite stops the run with epoch, batch and row or tensor; labels
// outside the classes, samples of another width, checkpoints of another shape, logs of another model, data, weights or
// initial parameters are errors that name row, tensor or field. A folder that holds a run is not overwritten.
package train
