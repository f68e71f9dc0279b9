// Package gorgonia computes per-sample gradients of models that are written as gorgonia graphs.
//
// A Builder makes the user's graph for a batch size; a Registry names builders for the command line; New turns a
// builder into a Task, an influence.Task. FromModel is the builder of a model.json that lists its layers, so built-in
// and registered models take the same way.
//
// Method, the "probe trick": gorgonia differentiates with respect to input nodes and sums over the batch. The adapter
// copies the graph and adds an input of zeros, of shape batch×out, to the product of every dense layer. The gradient
// of Σ_i f_i with respect to that probe is, row by row, the gradient d_i of sample i's own objective with respect to
// the layer's output; with the layer's input a_i the sample's weight gradient is d_i ⊗ a_i (Goodfellow, "Efficient
// per-example gradient computations", 2015, arXiv:1510.01799). One backward pass serves the whole batch and no weight
// gradient is formed. The objective's gradient with respect to the logits is computed in float64 outside the graph, so
// probabilities near 0 and 1 lose nothing; the graph is run twice, once for the logits.
//
// Assumptions: samples are the rows of the input and of the logits and do not see each other (New tries it on random
// rows); every trainable node is the right factor W of one product Mul(activation, W) or Mul(activation,
// Transpose(W)), or a bias added to such a product by Add or BroadcastAdd. Other trainable nodes, shared weights and
// leaves that are neither input, parameter nor declared frozen are refused by name.
//
// What fails: NaN or infinite signals are errors that name the sample; a builder that panics is an error.
package gorgonia
