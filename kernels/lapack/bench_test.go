package lapack

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

// peerProgram answers every line with the seconds of one operation of NumPy.
const peerProgram = `
import sys, time, numpy as np
what, n = sys.argv[1], int(sys.argv[2])
r = np.random.default_rng(1)
a = r.random((n, n)) - .5
a = a + a.T
if what == "cholesky": a[np.diag_indices(n)] += 4 * n ** .5
f = {"cholesky": np.linalg.cholesky, "eigh": np.linalg.eigh}[what]
print("ready", flush=True)
for _ in sys.stdin:
    t = time.perf_counter(); f(a); print(time.perf_counter() - t, flush=True)
`

// peer starts NumPy, without the settings of OpenBLAS from outside, and returns what times one operation; for the AVX2
// path it is OpenBLAS's own form for machines that have no more.
func peer(b *testing.B, what string, n int, p simd.Path, threads int) func() float64 {
	cmd := exec.Command(testneed.Tool(b, "python3"), "-c", peerProgram, what, fmt.Sprint(n))
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "OPENBLAS_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", threads))
	if p == simd.AVX2 {
		cmd.Env = append(cmd.Env, "OPENBLAS_CORETYPE=Haswell")
	}
	in, _ := cmd.StdinPipe()
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

// versus times f beside a peer and the float64 peak, in turns, and prints medians: of the time, the rate, what part of
// the peak it is, and how many times as fast as the peer.
func versus(b *testing.B, p simd.Path, workers int, operations float64, them func() float64, f func() time.Duration) {
	var calls, parts, ratios []float64
	for b.Loop() {
		us := f().Seconds()
		calls = append(calls, us)
		parts = append(parts, 100*operations/us/simd.Peak64(p, workers, 5*time.Millisecond))
		ratios = append(ratios, them()/us)
	}
	for _, v := range [][]float64{calls, parts, ratios} {
		slices.Sort(v)
	}
	middle := len(calls) / 2
	b.ReportMetric(1e3*calls[middle], "ms-median")
	b.ReportMetric(1e3*calls[0], "ms-best")
	b.ReportMetric(operations/calls[middle]/1e9, "GFLOP/s")
	b.ReportMetric(parts[middle], "%peak64")
	b.ReportMetric(ratios[middle], "×numpy")
}

// BenchmarkCholesky counts n³/3 operations. ATTRIB_PYTHON3 names a Python that has NumPy.
func BenchmarkCholesky(b *testing.B) {
	for _, n := range []int{1024, 4096} {
		for _, p := range slices.Backward(simd.Available()[1:]) {
			for _, workers := range slices.Compact([]int{1, runtime.GOMAXPROCS(0)}) {
				for _, triangle := range []Triangle{Lower, Upper} {
					b.Run(fmt.Sprintf("n=%d/%s/workers=%d/%s", n, p, workers, []string{"lower", "upper"}[triangle]), func(b *testing.B) {
						a := definite(n, 0, 1)
						c := a.clone()
						versus(b, p, workers, float64(n)*float64(n)*float64(n)/3, peer(b, "cholesky", n, p, workers), func() time.Duration {
							copy(c.Data, a.Data)
							began := time.Now()
							if err := Cholesky(triangle, c, Options{Path: p, Workers: workers}); err != nil {
								b.Fatal(err)
							}
							return time.Since(began)
						})
					})
				}
			}
		}
	}
}

// BenchmarkSolve counts 2·n²·m operations.
func BenchmarkSolve(b *testing.B) {
	const n, m = 4096, 480
	a := definite(n, 0, 1)
	if err := Cholesky(Lower, a, Options{}); err != nil {
		b.Fatal(err)
	}
	for _, p := range slices.Backward(simd.Available()[1:]) {
		b.Run(p.String(), func(b *testing.B) {
			x := random(n, m, 0, 2)
			workers := runtime.GOMAXPROCS(0)
			versus(b, p, workers, 2*n*n*m, func() float64 { return 0 }, func() time.Duration {
				began := time.Now()
				if err := Solve(Lower, a, x, Options{Path: p}); err != nil {
					b.Fatal(err)
				}
				return time.Since(began)
			})
		})
	}
}

// BenchmarkEigenSym counts 4/3·n³ operations for the reduction and 2·n³ for the vectors.
func BenchmarkEigenSym(b *testing.B) {
	for _, n := range []int{512, 1024, 2048} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			a := symmetric(n, 0, 1)
			workers := runtime.GOMAXPROCS(0)
			versus(b, simd.Active(), workers, 10./3*float64(n)*float64(n)*float64(n), peer(b, "eigh", n, simd.Active(), workers), func() time.Duration {
				began := time.Now()
				if _, _, err := EigenSym(Lower, a, Options{}); err != nil {
					b.Fatal(err)
				}
				return time.Since(began)
			})
		})
	}
}
