// Package nn computes with small networks: logits, gradients, per-sample signals and Hessian-vector products, for one
// network, or for many copies of it at once.
//
// The two types you need are [Net], a network laid out for computing, and [Pass], which runs it forward and backward
// over a batch. [Hessian] multiplies many vectors with the Hessian of a batch's loss. Package train puts data,
// optimisers, files and retraining on top.
//
// # Layers
//
// dense, conv2d, embedding and layer-norm, each followed by none, tanh, relu, gelu or gelu-tanh; at the end
// softmax-cross-entropy or squared-error. Names, shapes and conventions of parameters are those of PyTorch's state_dict:
// what torch.nn.Linear, Conv2d, Embedding and LayerNorm compute from them is what is computed here. Anything else is
// refused by name ([Check]).
//
// # Method
//
// Every layer with a weight is a product of matrices, one row a sample and position: a convolution unfolds its input
// first. Products run on kernels/blas, tanh and softmax on kernels/vec. Copies with parameters of their own go as one
// batched product a layer. Hessian products are exact, forward-over-reverse (Pearlmutter, "Fast exact multiplication by
// the Hessian", Neural Computation 1994): one backward pass is shared by all vectors.
//
// Inside, images lie with their channels together (N×H×W×C) and weights as (in, out); [Net.Pack] and [Net.Unpack]
// translate from and to state_dict layout.
//
// # Determinism
//
// A result does not depend on what else is computed with it: not on the number of copies or vectors, nor on workers. It
// is the same bits with AVX2 and AVX-512, and others in plain Go, where nothing is fused (package kernels/blas).
//
// # Oracle
//
// [ReferenceNet] computes the same in float64, one number at a time and straight from the definitions;
// tests hold every layer against them, and them against finite differences.
package nn
