package packed

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

func TestInts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, value := range map[string]func(i int) int64{
		"rising":   func(i int) int64 { return int64(i) },
		"falling":  func(i int) int64 { return 7 - 3*int64(i) },
		"constant": func(int) int64 { return -1 },
		"bytes":    func(int) int64 { return -100 + r.Int64N(256) },
		"words":    func(int) int64 { return r.Int64N(1 << 16) },
		"longs":    func(int) int64 { return -5 + r.Int64N(1<<32) },
		"any":      func(int) int64 { return int64(r.Uint64()) },
		"extremes": func(i int) int64 { return []int64{math.MinInt64, math.MaxInt64, 0}[i%3] },
		"broken":   func(i int) int64 { return int64(i) + int64(i/5000) },
	} {
		t.Run(name, func(t *testing.T) {
			var c Ints
			var want []int64
			for i := range 3*chunkLen + 5 {
				want = append(want, value(i))
				c.Append(want[i])
				if c.Len() != i+1 || c.At(i) != want[i] {
					t.Fatalf("value %d is %d, want %d", i, c.At(i), want[i])
				}
			}
			for i, v := range want {
				if c.At(i) != v {
					t.Fatalf("value %d is %d, want %d", i, c.At(i), v)
				}
			}
		})
	}
}

func TestStrings(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, value := range map[string]func(i int) string{
		"numbers": func(i int) string { return fmt.Sprint(i) },
		"names":   func(i int) string { return fmt.Sprintf("sample-%07d.png", i) },
		"random":  func(int) string { return fmt.Sprintf("%016x", r.Uint64()) },
		"lengths": func(i int) string { return strings.Repeat("a", i%300) },
		"empty":   func(int) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			var c Strings
			var want []string
			for i := range 2*chunkLen + 19 {
				want = append(want, value(i))
				c.Append(want[i])
			}
			for i, v := range want {
				if c.At(i) != v || !c.Is(i, v) || c.Is(i, v+"x") {
					t.Fatalf("text %d is %q, want %q", i, c.At(i), v)
				}
			}
			defer func() {
				if recover() == nil {
					t.Error("a text that is not there was given")
				}
			}()
			c.At(len(want))
		})
	}
}

// TestMemory holds a million numbered samples to what the package promises.
func TestMemory(t *testing.T) {
	const n = 1_000_000
	before := heap()
	ids, rows, owners := new(Strings), new(Ints), new(Ints)
	for i := range n {
		ids.Append(fmt.Sprintf("sample-%d", i))
		rows.Append(int64(i))
		owners.Append(int64(i % 200))
	}
	if each := float64(heap()-before) / n; each > 6.5 {
		t.Errorf("%.1f bytes a row", each)
	}
	runtime.KeepAlive(ids)
	runtime.KeepAlive(rows)
	runtime.KeepAlive(owners)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
