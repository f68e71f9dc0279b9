package blas

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"attrib/internal/testneed"
	"attrib/kernels/simd"
)

// numpyProgram answers every line with the seconds of one product.
const numpyProgram = `
import sys, time, numpy as np
n = int(sys.argv[1])
r = np.random.default_rng(1)
a, b = (r.random((n, n), dtype=np.float32) - .5 for _ in range(2))
c = np.empty_like(a)
print("ready", flush=True)
for _ in sys.stdin:
    t = time.perf_counter(); np.matmul(a, b, out=c); print(time.perf_counter() - t, flush=True)
`

// numpy starts the program with so many threads and returns what times one product. Settings of OpenBLAS from outside
// are dropped; the AVX2 path is held against OpenBLAS's own form for machines that have no more.
func numpy(b *testing.B, p simd.Path, n, threads int) func() float64 {
	cmd := exec.Command(testneed.Tool(b, "python3"), "-c", numpyProgram, fmt.Sprint(n))
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "OPENBLAS_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", threads))
	if p == simd.AVX2 {
		cmd.Env = append(cmd.Env, "OPENBLAS_CORETYPE=Haswell")
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		testneed.Missing(b, "numpy", "python3 cannot import it")
	}
	return func() (seconds float64) {
		if _, err := io.WriteString(in, "\n"); err != nil || !lines.Scan() {
			b.Fatal("the Python program ended: ", err, lines.Err())
		}
		if _, err := fmt.Sscan(lines.Text(), &seconds); err != nil {
			b.Fatal(err)
		}
		return seconds
	}
}

// BenchmarkAgainstNumPy takes turns with NumPy (OpenBLAS) on 1024³ and prints how many times as fast this is: the median
// of the ratios of neighbours, and the ratio of the best times. ATTRIB_PYTHON3 names a Python that has NumPy.
func BenchmarkAgainstNumPy(b *testing.B) {
	const n = 1024
	for _, p := range simd.Available()[1:] {
		for _, workers := range slices.Compact([]int{1, runtime.GOMAXPROCS(0)}) {
			b.Run(fmt.Sprintf("%s/workers=%d", p, workers), func(b *testing.B) {
				peer := numpy(b, p, n, workers)
				x := benchShapes[0].task(p, workers)
				peer()
				ours, theirs, ratios := 1e9, 1e9, []float64{}
				for b.Loop() {
					began := time.Now()
					if err := GemmBatch(1, 1, x.a, x.b, 0, x.c, x.o); err != nil {
						b.Fatal(err)
					}
					us, them := time.Since(began).Seconds(), peer()
					ours, theirs = min(ours, us), min(theirs, them)
					ratios = append(ratios, them/us)
				}
				slices.Sort(ratios)
				b.ReportMetric(ratios[len(ratios)/2], "×numpy-median")
				b.ReportMetric(theirs/ours, "×numpy-best")
				b.ReportMetric(2*n*n*n/ours/1e9, "GFLOP/s-best")
				b.ReportMetric(2*n*n*n/theirs/1e9, "GFLOP/s-numpy")
			})
		}
	}
}
