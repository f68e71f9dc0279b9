package speed

import (
	"context"

	"attrib/kernels"
)

// Ceilings of a machine.
const (
	Multiply   = "float32 multiply-adds" // operations a second
	Multiply64 = "float64 multiply-adds"
	Bytes8     = "products of bytes"
	Read       = "memory that is read" // bytes a second
)

// Work is a shape to time. Ops and Bytes are what it takes at least: floating-point operations, a multiply-add being two,
// and bytes of memory.
type Work struct {
	Shape   string
	Ceiling string // one of the above
	Single  bool   // one thread, of the ceiling too
	CPU     bool   // the device has no part in it
	Ops     float64
	Bytes   float64
	Prepare func(context.Context, *Machine) (*Ready, error)
}

// Machine is what does the work.
type Machine struct {
	Device  kernels.Device
	Workers int
}

// Ready is a shape with its numbers made.
type Ready struct {
	Ours   func(context.Context) (check float64, err error) // check is compared with the peers'
	Agree  float64                                          // part by which checks may differ
	Data   map[string]kernels.Matrix                        // what the peers get, by name
	Peers  []Peer                                           // in libraries of another process
	Others []Other                                          // in this process
	Notes  map[string]float64                               // figures beside the times, such as a recall
}

// Peer is a function of a library: do is the peers' name of it, k its parameter.
type Peer struct {
	Name, Do string
	K        int
	Rounds   int // fewer than asked for, where it takes long; 0 for as many
}

// Other is a contestant in this process, without a check.
type Other struct {
	Name   string
	Run    func(context.Context) error
	Rounds int
}

// Amount is the part of the ceiling's unit that the shape takes.
func (w Work) amount() float64 {
	if w.Ceiling == Read {
		return w.Bytes
	}
	return w.Ops
}

// Row is what a shape took. Peers are seconds by name. The ceilings are the processor's: what a GPU computed has none, and
// its path is the GPU's arithmetic.
type Row struct {
	Shape           string             `json:"shape"`
	Device          string             `json:"device"`
	Path            string             `json:"path"`
	Seconds         float64            `json:"seconds"`
	GFLOPS          float64            `json:"gflops"`          // 10⁹ floating-point operations a second
	GBS             float64            `json:"gigabytesSecond"` // 10⁹ bytes a second
	Ceiling         string             `json:"ceiling,omitempty"`
	CeilingRate     float64            `json:"ceilingRate,omitempty"` // operations or bytes a second, median
	CeilingFraction float64            `json:"ceilingFraction,omitempty"`
	Peers           map[string]float64 `json:"peers,omitempty"`
	Notes           map[string]float64 `json:"notes,omitempty"`
}

// Report is all rows of a run and the machine they are from.
type Report struct {
	Machine string   `json:"machine"` // processor
	Workers int      `json:"workers"`
	Rounds  int      `json:"rounds"`
	Peers   []string `json:"peers,omitempty"`   // libraries with their versions
	Missing []string `json:"missing,omitempty"` // libraries that are not there, with the reason
	Rows    []Row    `json:"rows"`
}
