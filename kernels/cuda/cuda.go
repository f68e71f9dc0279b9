package cuda

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// Precision is how products are computed. The zero value is Exact.
type Precision string

// The precisions. Only Exact has the bits of the CPU; Info.Arithmetic names the one that is used.
const (
	Exact  Precision = ""       // float32, fused multiply-adds in the order of kernels/cpu's vectors
	TF32x3 Precision = "tf32x3" // tensor cores: each number as the sum of two of 11 bits, three products; compute capability 8.0
	BF16   Precision = "bf16"   // tensor cores: rows and queries rounded to bfloat16, sums in float32; compute capability 8.0
	F16    Precision = "f16"    // tensor cores: rows and queries rounded to half precision, sums in float32
	Int8   Precision = "int8"   // tensor cores: rows of type I8 as they are, queries rounded to bytes, exact sums
)

// arithmetics are the names in Info of what the precisions give.
var arithmetics = map[Precision]string{
	Exact: "float32-fma-runs-512", TF32x3: "tf32x3-tensor", BF16: "bf16-tensor", F16: "f16-tensor", Int8: "int8-tensor",
}

// arithmetic names what the cards do. How tensor cores add up depends on their generation.
func (d *device) arithmetic() string {
	name := arithmetics[d.Precision]
	if d.Precision != Exact {
		name += "-" + d.gpus[0].card.Info().Capability.String()
	}
	return name
}

// Options of the device. The zero value works: exact, on all cards.
type Options struct {
	Devices     []int     // ordinals of the cards that share the work; default all
	TileBytes   int64     // memory of a tile of rows, of which a card holds two; default 256 MiB, or less on a small card
	MemoryLimit int64     // bytes of a card that one call may use, and that are kept for the next; default four fifths of what nobody uses
	Precision   Precision // default Exact
	Arch        int       // 75, 80 or 90: kernels of that architecture instead of the card's own

	firstRows   int   // rows of the first launch, before there are thresholds; default 2048
	segmentRows int64 // rows that are numbered by 32 bits; default 2^32 - 1
}

// Validate reports everything that is wrong, together.
func (o Options) Validate() error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	for i, v := range o.Devices {
		if v < 0 || slices.Contains(o.Devices[:i], v) {
			bad("option Devices: %d is negative or there twice", v)
		}
	}
	if o.TileBytes < 0 {
		bad("option TileBytes is %d, less than 0", o.TileBytes)
	}
	if o.MemoryLimit < 0 {
		bad("option MemoryLimit is %d, less than 0", o.MemoryLimit)
	}
	if arithmetics[o.Precision] == "" {
		bad("option Precision %q is none of \"\", tf32x3, bf16, f16, int8", string(o.Precision))
	}
	if o.Arch != 0 && !slices.Contains(archs, o.Arch) {
		bad("option Arch is %d, not 75, 80 or 90", o.Arch)
	}
	return errors.Join(errs...)
}

// Device is a kernels.Device on CUDA cards. It is a kernels.Multiplier, FactoredScanner and SketchScanner too.
type Device interface {
	kernels.Device
	kernels.Multiplier
	kernels.FactoredScanner
	kernels.SketchScanner
	kernels.LaunchCounter
	// Notes says what went otherwise than asked for without changing a result, in the order in which it happened:
	// smaller tiles for lack of memory.
	Notes() []string
}

type device struct {
	Options
	gpus     []*gpu
	readers  int  // goroutines that fill a tile for a card
	ownTiles bool // TileBytes is the default

	mu    sync.Mutex
	notes []string
}

// New opens the driver and the cards. Errors: those of the options, driver.ErrNoDriver, ErrOldDriver, ErrNoDevice,
// ErrOldDevice.
func New(o Options) (Device, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	lib, err := driver.Open()
	if err != nil {
		return nil, err
	}
	return newDevice(lib, o)
}

func newDevice(lib *driver.Library, o Options) (*device, error) {
	d := &device{Options: o}
	if o.Devices == nil {
		all, err := lib.Devices()
		if err != nil {
			return nil, err
		}
		for i := range all {
			d.Devices = append(d.Devices, i)
		}
	}
	if len(d.Devices) == 0 {
		return nil, fmt.Errorf("%w: none is asked for", driver.ErrNoDevice)
	}
	for _, ordinal := range d.Devices {
		if err := d.add(lib, ordinal); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	d.defaults()
	return d, nil
}

func (d *device) add(lib *driver.Library, ordinal int) error {
	card, err := lib.Device(ordinal)
	if err != nil {
		return err
	}
	g, err := openGPU(card, d.Arch)
	if err != nil {
		return err
	}
	return d.take(g)
}

// take adds a card that is open.
func (d *device) take(g *gpu) error {
	d.gpus = append(d.gpus, g)
	if d.MemoryLimit > 0 { // between calls no more is kept than one may use
		g.pool.memory.most = min(g.pool.memory.most, d.MemoryLimit)
	}
	first := d.gpus[0]
	if d.Precision != Exact && g.card.Info().Capability != first.card.Info().Capability {
		return fmt.Errorf("%s and %s have different compute capabilities: with precision %s a score would depend on who computes it", first.card, g.card, d.Precision)
	}
	if (d.Precision == BF16 || d.Precision == TF32x3) && g.arch < 80 {
		return fmt.Errorf("%s: precision %s needs compute capability 8.0, this is %s: exact, f16 and int8 work", g.card, d.Precision, g.card.Info().Capability)
	}
	return nil
}

func (d *device) defaults() {
	d.readers = min(8, max(1, runtime.GOMAXPROCS(0)/len(d.gpus)))
	smallest := d.gpus[0].card.Info().Memory
	for _, g := range d.gpus {
		smallest = min(smallest, g.card.Info().Memory)
	}
	if d.TileBytes == 0 {
		d.ownTiles = true
		d.TileBytes = max(1<<20, min(256<<20, int64(smallest/16)))
	}
	if d.firstRows == 0 {
		d.firstRows = 2048
	}
	if d.segmentRows == 0 {
		d.segmentRows = 1<<32 - 1
	}
}

func (d *device) Info() kernels.Info {
	names := ""
	for i, g := range d.gpus {
		if i > 0 {
			names += ", "
		}
		names += g.card.String()
	}
	return kernels.Info{
		Name:       fmt.Sprintf("CUDA, %s", names),
		Arithmetic: d.arithmetic(),
		Workers:    len(d.gpus) * d.readers,
		TileBytes:  d.TileBytes,
	}
}

// Notes says what went otherwise than asked for.
func (d *device) Notes() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.notes)
}

func (d *device) note(format string, a ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if text := fmt.Sprintf(format, a...); !slices.Contains(d.notes, text) {
		d.notes = append(d.notes, text)
	}
}

// Close gives the cards back. Calls that are under way must have returned.
func (d *device) Close() error {
	var errs []error
	for _, g := range d.gpus {
		errs = append(errs, g.close())
	}
	return errors.Join(errs...)
}

// budget is the bytes of a card that a call may have more than it holds.
func (d *device) budget(w *work) (int64, error) {
	free, _, err := w.ctx.MemoryInfo()
	if err != nil {
		return 0, err
	}
	most := (int64(free) + w.pool.idleBytes()) / 5 * 4
	if d.MemoryLimit > 0 {
		most = min(most, max(0, d.MemoryLimit-w.held))
	}
	return most, nil
}
