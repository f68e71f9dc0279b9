// Package cu is the device of kernels/cuda over a context that a program already runs gorgonia.org/cu in: features that
// lie on the card need not leave it. Everything but this text is built with the tag "cu" alone.
//
// The two functions are New, which gives the kernels.Device, and Rows, which makes a source of rows that lie at a
// cu.DevicePtr.
//
// # Why it is apart
//
// gorgonia.org/cu v0.9.6 needs cgo and CUDA's headers to build (11.8 to 12.x; it does not compile against those of 13),
// links libcuda when the program is loaded, and ends the program with status 1 in an init function when there is no
// driver or no card. Nothing of that may happen to a program that has only asked for scores. It also lacks calls that
// the kernels need (tensor maps, more shared memory), so the work is done through kernels/cuda/driver: both call the
// same libcuda in the same process, and a CUcontext, a CUstream and a CUdeviceptr of the one mean the same to the other.
//
// # Building
//
//	CGO_CFLAGS=-I…/cuda/include CGO_LDFLAGS=-L…/cuda/lib64/stubs go build -tags cu
//
// kernels/cu/internal/stub makes a library to link against where there is none.
//
// # Order and failure modes
//
// A call begins when all is done that was put into the program's stream before, or into the context when it gives none.
// Work that a cu.BatchedContext still collects has not been put anywhere: call its DoWork first. Close the device and
// its sources before the context. Unproven on a GPU.
package cu
