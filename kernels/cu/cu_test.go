//go:build cu

package cu_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"unsafe"

	"attrib/kernels"
	device "attrib/kernels/cu"
	"attrib/kernels/cuda"
	"attrib/kernels/kernelstest"

	"gorgonia.org/cu"
)

// program is what a program that runs gorgonia on a card has.
func program(t *testing.T) (*cu.Ctx, cu.Stream) {
	t.Helper()
	c := cu.NewContext(cu.Device(0), cu.SchedAuto)
	s, err := c.MakeStream(cu.NonBlocking)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.DestroyStream(&s)
		if err := errors.Join(c.Error(), c.Close()); err != nil {
			t.Error(err)
		}
	})
	return c, s
}

func open(t *testing.T, c *cu.Ctx, s cu.Stream) cuda.Device {
	t.Helper()
	d, err := device.New(cu.Device(0), c.CUDAContext(), s, cuda.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestConformance(t *testing.T) {
	c, s := program(t)
	d := open(t, c, s)
	kernelstest.Conformance(t, func(*testing.T) kernels.Device { return d })
}

// put copies rows without gaps to the card by gorgonia's own calls.
func put(t *testing.T, c *cu.Ctx, m kernels.Matrix) cu.DevicePtr {
	t.Helper()
	var v []float32
	for i := range m.Rows {
		v = append(v, m.Row(i)...)
	}
	p, err := c.MemAlloc(int64(4 * len(v)))
	if err != nil {
		t.Fatal(err)
	}
	c.MemcpyHtoD(p, unsafe.Pointer(&v[0]), int64(4*len(v)))
	t.Cleanup(func() { c.MemFree(p) })
	return p
}

// Rows on the card give what the same rows of the host give, in the same context, whether they are aligned or not.
func TestRows(t *testing.T) {
	for _, stream := range []bool{true, false} {
		for _, w := range []int{64, 33} {
			t.Run(fmt.Sprint(w, stream), func(t *testing.T) {
				c, s := program(t)
				if !stream {
					s = cu.NoStream
				}
				d := open(t, c, s)
				rows, q := kernelstest.Random(700, w, 1), kernelstest.Random(5, w, 2)
				source, err := device.Rows(d, cu.Device(0), put(t, c, rows), 700, w, kernels.TypeF32)
				if err != nil {
					t.Fatal(err)
				}
				defer source.Close()
				if source.InPlace() != (w == 64) {
					t.Errorf("in place: %v", source.InPlace())
				}
				scan := kernels.Scan{Queries: q, K: 9, Worst: 4}
				got, err := d.Scan(context.Background(), source, scan)
				want, err2 := d.Scan(context.Background(), kernels.MatrixSource(rows), scan)
				if err := errors.Join(err, err2); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.ID, want.ID) || !slices.Equal(got.Score, want.Score) || !slices.Equal(got.WorstID, want.WorstID) {
					t.Errorf("%v %v\nwant\n%v %v", got.ID, got.Score, want.ID, want.Score)
				}
			})
		}
	}
}

// What is read out of a cu.CUContext is what it says of itself; a wrong one is an error, not a crash.
func TestHandles(t *testing.T) {
	c, s := program(t)
	n, err := strconv.ParseUint(c.CUDAContext().String(), 0, 64)
	if err != nil || n == 0 || device.Handle(c.CUDAContext()) != uintptr(n) {
		t.Errorf("%v: %v", c.CUDAContext(), err)
	}
	if _, err := device.New(cu.Device(0), cu.CUContext{}, s, cuda.Options{}); err == nil {
		t.Error("no context is accepted")
	}
	if _, err := device.New(cu.CPU, c.CUDAContext(), s, cuda.Options{}); err == nil {
		t.Error("the processor is accepted")
	}
	if _, err := device.New(cu.Device(0), c.CUDAContext(), s, cuda.Options{Devices: []int{0}}); err == nil {
		t.Error("Devices is accepted")
	}
}
