//go:build unix

package cli

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"

	"attrib/corpus"
	"attrib/internal/runfile"
	"attrib/internal/testneed"
	"attrib/kernels"
	"attrib/store"
)

// spaceLimit is the limit that scoring is held to, in bytes.
const spaceLimit = 2 << 30

// scaleWorld writes a corpus of n samples of four contributors without content, a store of their rows and one of the rows
// of 4 outputs, in half precision.
func scaleWorld(t *testing.T, dir string, n int64, width int) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	var f corpus.Folder
	for i := range 4 {
		f.Contributors = append(f.Contributors, corpus.Contributor{ID: fmt.Sprint("c", i), Address: fmt.Sprintf("0x%040x", i+1), Role: corpus.RoleData})
		f.Queries = append(f.Queries, corpus.Query{ID: fmt.Sprint("q", i)})
	}
	f.MoreSamples = func(yield func(corpus.Sample) bool) {
		for i := int64(0); i < n && yield(corpus.Sample{ID: fmt.Sprint("s", i), Contributor: fmt.Sprint("c", i%4)}); i++ {
		}
	}
	must(corpus.Write(filepath.Join(dir, "corpus"), f))
	c, err := corpus.Open(filepath.Join(dir, "corpus"))
	must(err)
	scaleStore(t, filepath.Join(dir, "store"), store.OfSamples, c.Hash(), n, width)
	scaleStore(t, filepath.Join(dir, "queries"), store.OfOutputs, c.QueriesHash(), 4, width)
}

func scaleStore(t *testing.T, dir, of, hash string, n int64, width int) {
	t.Helper()
	h := store.Header{Of: of, Kind: store.KindGradients, Sign: store.SignLossGradient, Measurement: store.MeasureLoss, Unit: store.UnitInfluence,
		Layout: store.Flat(width).As(kernels.TypeF16), Corpus: hash, Rows: n}
	w, err := store.Create(dir, h, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(uint64(n), 1))
	for i, s := range w.Header().Shards {
		m := kernels.Make(kernels.TypeF16, int(s.Rows), width)
		for at := range m.Data {
			m.Data[at] = byte(r.Uint32()) & 0xbb // exponents that stay finite
		}
		ids := make([]int64, s.Rows)
		for at := range ids {
			ids[at] = s.Row0 + int64(at)
		}
		if err := w.WriteShard(i, ids, &kernels.Tile{Rows: int(s.Rows), Flat: m}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
}

// limited runs attrib in a folder under the limit of address space.
func limited(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command(testneed.Tool(t, "bash"), append([]string{"-c", fmt.Sprintf(`ulimit -v %d; exec attrib "$@"`, spaceLimit>>10), "attrib"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// scored scores the folder's outputs and returns run.json.
func scored(t *testing.T, dir, out string) runfile.Record {
	t.Helper()
	limited(t, dir, "score", "--corpus", "corpus", "--store", "store", "--queries", "queries", "--method", "dot", "--out", out)
	r, err := runfile.Read(filepath.Join(dir, out))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Ten times the rows take the same memory, up to what is known of each sample, and ten times as long, up to what a busy
// machine adds.
func TestMemoryDoesNotGrowWithTheRows(t *testing.T) {
	dir := t.TempDir()
	took := map[int64]runfile.Record{}
	for _, n := range []int64{30_000, 300_000} {
		world := filepath.Join(dir, fmt.Sprint(n))
		scaleWorld(t, world, n, 512)
		took[n] = scored(t, world, "scores")
	}
	small, large := took[30_000], took[300_000]
	a, b := small.Estimate.Took.Memory, large.Estimate.Took.Memory
	t.Logf("%.0f MB at 30,000 rows, %.0f MB at 300,000; scans of %.2f and %.2f s", float64(a)/1e6, float64(b)/1e6, scanSeconds(small), scanSeconds(large))
	if a == 0 {
		testneed.Missing(t, "procfs", "the system does not tell a process's memory")
	}
	if float64(b) > 1.25*float64(a) {
		t.Errorf("%d bytes of memory for 30,000 rows, %d for 300,000", a, b)
	}
	if ratio := scanSeconds(large) / scanSeconds(small); ratio > 25 {
		t.Errorf("ten times the rows took %.1f times as long", ratio)
	}
	for n, r := range took {
		if e := r.Estimate; e.Took.Memory > 2*e.Expected.Memory || e.Took.Bytes != e.Expected.Bytes || e.Took.Ops != e.Expected.Ops {
			t.Errorf("%d rows: %+v", n, e)
		}
	}
}

func scanSeconds(r runfile.Record) float64 {
	for _, k := range r.Kernels {
		if k.Name == "scan" {
			return k.Seconds
		}
	}
	return 0
}

// A store that does not fit the process's address space is scored and checked; so the rows are not all mapped at once, let
// alone read. It takes 2.3 GB of disk, so it is for ATTRIB_REQUIRE=all or scale.
func TestStoreLargerThanMemory(t *testing.T) {
	if !testneed.Wanted("scale") {
		t.Skip("scale: set ATTRIB_REQUIRE=scale for a store of 2.3 GB")
	}
	dir := t.TempDir()
	scaleWorld(t, dir, 280_000, 4096)
	limited(t, dir, "store", "check", "store")
	r := scored(t, dir, "scores")
	if size := r.Estimate.Took.Bytes; size < spaceLimit {
		t.Errorf("only %d bytes were read", size)
	}
	if most := r.Estimate.Took.Memory; most > 400<<20 {
		t.Errorf("%d bytes of memory", most)
	}
	t.Logf("%+v", *r.Estimate)
}

// The limit is one: what does not fit it fails.
func TestAddressSpaceIsLimited(t *testing.T) {
	cmd := exec.Command(testneed.Tool(t, "bash"), "-c", `ulimit -v 200000; exec attrib --help`)
	if err := cmd.Run(); err == nil {
		t.Error("attrib ran in 200 MB of address space: the limit does not work here")
	}
}
