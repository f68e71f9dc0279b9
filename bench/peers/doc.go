// Package peers holds our networks and timings against PyTorch's, in programs that share nothing with ours.
//
// torch_model.py builds the network of a model.json in PyTorch and answers with logits, gradients, Hessian products and
// trained parameters; [Torch] asks it. The tests compare it with packages train and train/nn in float64. They need Python
// with torch, numpy and safetensors (ATTRIB_PYTHON3 names the interpreter), and skip without.
//
// The benchmarks print both sides of a ratio, one after the other in the same run:
//
//	go test ./bench/peers -run xxx -bench . -benchtime 1x -v
//
// The kernels beside NumPy, PyTorch, faiss and gonum are package bench/speed (attrib bench speed --peers).
package peers
