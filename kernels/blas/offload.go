package blas

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"attrib/kernels/simd"
)

// Offload gives a device the products that it gets done sooner, and the CPU all others. It is a Device itself, for any
// number of goroutines at once. Set its fields before the first product.
//
// Operands are copied to the device for each product and the result is copied back, so a product is worth sending only if
// it has much arithmetic for its bytes. A call costs
//
//	Call + bytes/Link + 2·bytes/Host
//
// on a device whose own arithmetic is not counted: Host twice, since a product's operands are packed without gaps and then
// staged by the driver, each a pass over memory of one goroutine. On the CPU it takes operations/Rate. With the defaults and
// two cores with AVX-512 (500 GFLOP/s measured), square matrices pay from about 1,500 rows on: a product of 1024 takes 4.3 ms
// here and 3.1 ms there, one of 2048 34 ms and 12 ms. The small products of a coalition of small networks never do, however many
// are in a batch, since bytes grow with operations: a kernels.CopyTrainer trains such networks with operands that stay on the
// card.
type Offload struct {
	Device Device
	Rate   float64 // operations a second of the CPU. Default: GOMAXPROCS × 250, 100 or 1.5 GFLOP/s with AVX-512, AVX2 or neither
	Link   float64 // bytes a second to the device and back. Default 25e9: PCIe 4.0 with 16 lanes
	Host   float64 // bytes a second of a pass over the host's memory. Default 10e9
	Call   float64 // seconds that a call costs whatever its size. Default 100e-6: memory is allocated and freed
	Margin float64 // how many times faster than the CPU the device must be by these figures. Default 2; 0 is the default

	mu   sync.Mutex
	done [2]OffloadWork
}

// OffloadWork is what one side of an Offload did.
type OffloadWork struct {
	Calls, Bytes, Ops int64   // bytes of operands and results
	Seconds           float64 // of the device; the CPU's products are not timed
}

// corePeak is what a core does a second, as kernels/simd measures it, by class of instructions.
var corePeak = map[simd.Path]float64{simd.AVX512: 250e9, simd.AVX2: 100e9}

// Validate reports all violations.
func (f *Offload) Validate() error {
	var bad []error
	if f.Device == nil {
		bad = append(bad, errors.New("offload: no device"))
	}
	for _, v := range []struct {
		name  string
		value float64
	}{{"Rate", f.Rate}, {"Link", f.Link}, {"Host", f.Host}, {"Call", f.Call}, {"Margin", f.Margin}} {
		if !(v.value >= 0) || math.IsInf(v.value, 0) {
			bad = append(bad, fmt.Errorf("offload: %s is %v, want a number of at least 0", v.name, v.value))
		}
	}
	return errors.Join(bad...)
}

// orElse is v, or what stands for its 0.
func orElse(v, other float64) float64 {
	if v == 0 {
		return other
	}
	return v
}

func (f *Offload) rate() float64 {
	peak := corePeak[simd.Active()]
	return orElse(f.Rate, float64(runtime.GOMAXPROCS(0))*orElse(peak, 1.5e9))
}

// Pays says whether a batch of so many operations and bytes goes to the device.
func (f *Offload) Pays(ops, bytes int64) bool {
	there := orElse(f.Call, 100e-6) + float64(bytes)/orElse(f.Link, 25e9) + 2*float64(bytes)/orElse(f.Host, 10e9)
	return float64(ops)/f.rate() >= orElse(f.Margin, 2)*there
}

// GemmBatch does a batch where it is done sooner. An error of the device is returned; the CPU does not take its place.
func (f *Offload) GemmBatch(ctx context.Context, count int, alpha float32, a, b Batch, beta float32, c Batch, o Options) error {
	ops, bytes := batchWork(count, a, b, beta, c)
	if !f.Pays(ops, bytes) {
		err := GemmBatch(count, alpha, a, b, beta, c, o)
		f.note(0, ops, bytes, 0)
		return err
	}
	began := time.Now()
	if err := f.Device.GemmBatch(ctx, count, alpha, a, b, beta, c, o); err != nil {
		return err
	}
	f.note(1, ops, bytes, time.Since(began).Seconds())
	return nil
}

// batchWork is the arithmetic of a batch, and the bytes of its operands and results.
func batchWork(count int, a, b Batch, beta float32, c Batch) (ops, bytes int64) {
	m, k := a.Dims()
	_, n := b.Dims()
	size := func(x Batch, rows, cols int) int64 {
		if x.Step == 0 {
			return 4 * int64(rows) * int64(cols)
		}
		return 4 * int64(count) * int64(rows) * int64(cols)
	}
	bytes = size(a, m, k) + size(b, k, n) + size(c, m, n)
	if beta != 0 {
		bytes += size(c, m, n)
	}
	return 2 * int64(count) * int64(m) * int64(n) * int64(k), bytes
}

func (f *Offload) note(side int, ops, bytes int64, seconds float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := &f.done[side]
	w.Calls, w.Bytes, w.Ops, w.Seconds = w.Calls+1, w.Bytes+bytes, w.Ops+ops, w.Seconds+seconds
}

// Done is what was done so far, on the CPU and on the device.
func (f *Offload) Done() (cpu, device OffloadWork) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.done[0], f.done[1]
}
