package cuda

import (
	"context"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

// A call that wants little shared memory must not take what another call of the same kernel has been allowed and is about
// to use.
func TestSharedMemoryStaysAllowed(t *testing.T) {
	d := openFile(t, fake.Start(t, 80, []string{"src/cholesky.cu"}, "cc=80"), Options{})
	g := d.gpus[0]
	for _, n := range []int{4, 112, 100} { // 5 KB, 61 KB, 50 KB
		r := kernels.Ridge[float32]{N: n, Players: 1, Count: 1, Ridge: 1, Gram: make([]float32, n*n), Coalitions: []uint64{1}}
		if _, err := d.RidgeCoalitions(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := g.kernels["cholesky_small_f32"].Attribute(driver.FunctionMaxDynShared)
	if want := g.card.Info().SharedPerBlock; err != nil || got != want {
		t.Errorf("%d bytes are allowed after all calls, want %d: %v", got, want, err)
	}
}
