package train

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"attrib/kernels/blas"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/simd"
	"attrib/train/nn"
)

// images is a small convolution of 4×4 pixels.
func images() Model {
	m := mlp()
	m.Input, m.Shape = 16, []int{1, 4, 4}
	m.Layers = []Layer{
		{Name: "conv", Type: nn.Conv2d, In: 1, Out: 3, Kernel: []int{3, 3}, Padding: []int{1, 1}, Activation: ReLU},
		{Name: "fc", Type: Dense, In: 48, Out: 3, Activation: None},
	}
	return m
}

// counting counts the products that a device does.
type counting struct {
	blas.Device
	calls atomic.Int64
}

func (c *counting) GemmBatch(ctx context.Context, count int, alpha float32, a, b blas.Batch, beta float32, to blas.Batch, o blas.Options) error {
	c.calls.Add(1)
	return c.Device.GemmBatch(ctx, count, alpha, a, b, beta, to, o)
}

// gemmCard is an emulated card.
func gemmCard(t *testing.T, settings ...string) *counting {
	t.Helper()
	fake.Start(t, 80, []string{"../kernels/cuda/src/gemm.cu"}, append([]string{"cc=80"}, settings...)...)
	d := must[cuda.Device](t)(cuda.New(cuda.Options{Devices: []int{0}}))
	t.Cleanup(func() {
		if err := d.Close(); err != nil && !errors.Is(err, driver.ErrDeviceLost) {
			t.Error(err)
		}
	})
	on, ok := d.(blas.Device)
	if !ok {
		t.Fatal("the device does no products")
	}
	return &counting{Device: on}
}

// Networks that a card trains end in the CPU's bits: one after the other, and together as coalitions.
func TestDeviceTrainsTheSameBits(t *testing.T) {
	if simd.Active() == simd.Generic {
		t.Skip("plain Go rounds products before it adds them: a card has the bits of the vector paths")
	}
	card := gemmCard(t)
	for _, m := range []Model{mlp(), deep(SquaredError), images()} {
		m.Epochs = 2
		d := blobs(37, m.Input, 3, 2)
		network := func() (Network, error) { return NewNetworkOn(m, card) }
		want, _, err := Run(t.Context(), m, d, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Run(t.Context(), m, d, Options{Network: network})
		if err != nil || got.Hash() != want.Hash() || card.calls.Swap(0) == 0 {
			t.Errorf("%v: another network, error %v", m.Layers, err)
		}
		weights := mixedWeights(5, 37)
		alone := hashes(must[[]Params](t)(Coalitions(t.Context(), m, d, weights, CoalitionOptions{})))
		for _, copies := range []int{1, 3} {
			together := must[[]Params](t)(Coalitions(t.Context(), m, d, weights, CoalitionOptions{Copies: copies, Workers: 2, Products: card}))
			for r, h := range hashes(together) {
				if h != alone[r] {
					t.Errorf("%v, %d copies: run %d differs", m.Layers, copies, r)
				}
			}
			if card.calls.Swap(0) == 0 {
				t.Error("the card did nothing")
			}
		}
	}
}

// Products that a rule splits between card and CPU give the same network as either.
func TestOffloadedProductsGiveTheSameNetwork(t *testing.T) {
	if simd.Active() == simd.Generic {
		t.Skip("plain Go has other bits than a card")
	}
	m, d := deep(CrossEntropy), blobs(61, 5, 3, 1)
	m.Epochs = 2
	split := &blas.Offload{Device: gemmCard(t), Rate: 1e9, Link: 1e15, Host: 1e15, Call: 1e-6}
	got := must[[]Params](t)(Coalitions(t.Context(), m, d, mixedWeights(4, 61), CoalitionOptions{Products: split}))
	want := must[[]Params](t)(Coalitions(t.Context(), m, d, mixedWeights(4, 61), CoalitionOptions{}))
	for r := range want {
		if got[r].Hash() != want[r].Hash() {
			t.Errorf("run %d differs", r)
		}
	}
	if cpu, device := split.Done(); cpu.Calls == 0 || device.Calls == 0 {
		t.Errorf("the CPU did %d products, the card %d", cpu.Calls, device.Calls)
	}
}

// A lost card is an error at every place where networks are computed, and never a network of garbage.
func TestLostCardEndsTraining(t *testing.T) {
	m, d := mlp(), blobs(37, 5, 3, 2)
	for _, at := range []string{"1", "2", "5", "30"} {
		t.Run("launch "+at, func(t *testing.T) {
			card := gemmCard(t, "lost_launch="+at)
			_, err := Coalitions(t.Context(), m, d, mixedWeights(5, 37), CoalitionOptions{Copies: 2, Products: card})
			if !errors.Is(err, driver.ErrDeviceLost) || !strings.Contains(err.Error(), "epoch ") {
				t.Errorf("coalitions: %v", err)
			}
			_, _, err = Run(t.Context(), m, d, Options{Network: func() (Network, error) { return NewNetworkOn(m, card) }})
			if !errors.Is(err, driver.ErrDeviceLost) {
				t.Errorf("run: %v", err)
			}
			net := must[Network](t)(NewNetworkOn(m, card))
			if err := net.Forward(newParams(net.Specs()), d.X, make([]float32, 37*3)); !errors.Is(err, driver.ErrDeviceLost) {
				t.Errorf("forward: %v", err)
			}
		})
	}
}
