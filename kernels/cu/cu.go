//go:build cu

package cu

import (
	"errors"
	"unsafe"

	"attrib/kernels"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"

	"gorgonia.org/cu"
)

// New is cuda.New over a context of that device and a stream of it, cu.NoStream when the program has none of its own.
// Options.Devices must be empty. Closing the Device leaves the context and the stream as they are.
func New(d cu.Device, context cu.CUContext, stream cu.Stream, o cuda.Options) (cuda.Device, error) {
	if !d.IsGPU() {
		return nil, errors.New("kernels/cu: " + d.String() + " is no card")
	}
	a := cuda.Adopted{Ordinal: int(d), Context: handle(context)}
	if stream != cu.NoStream {
		a.Stream = uintptr(unsafe.Pointer(stream.C()))
	}
	return cuda.Adopt(a, o)
}

// handle is the CUcontext, which the type holds and does not show but as text.
func handle(c cu.CUContext) uintptr { return *(*uintptr)(unsafe.Pointer(&c)) }

// A context is its handle and nothing else: this does not compile otherwise.
var _ [unsafe.Sizeof(uintptr(0))]byte = [unsafe.Sizeof(cu.CUContext{})]byte{}

// Rows are rows×width elements, row after row, at an address of the card that the program allocated. They are scanned
// where they lie when the address and the bytes of a row are multiples of 16, as what cu allocates begins at 256;
// otherwise through the host's memory. Rows with gaps, or of type I8: cuda.OnCard.
func Rows(on cuda.Device, d cu.Device, address cu.DevicePtr, rows int64, width int, kind kernels.DType) (cuda.CardSource, error) {
	return cuda.OnCard(on, cuda.CardRows{Ordinal: int(d), Address: driver.Pointer(address), Rows: rows, Width: width, Type: kind})
}
