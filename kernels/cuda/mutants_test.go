package cuda

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/kernelstest"
	"attrib/kernels/ref"
)

// mutant is a mistake in a source of the kernels that a probe must notice. Old stands in the file exactly once.
type mutant struct {
	File, Old, New, Why string
	arch                int
	source              string // what is compiled anew
	probe               func(d *device, cpu kernels.Device) error
	precision           Precision
}

// TestMutants builds the kernels with one mistake each and asks that the probes notice it. Most take seconds to compile
// (once: the fake driver's cache keeps them), so a plain run takes every fourth; ATTRIB_MUTANTS=all takes all. Each runs
// in a process of its own, since an emulator stays loaded with its thousand stacks.
func TestMutants(t *testing.T) {
	if !apart(t) {
		return
	}
	exactCPU(t)
	for i, m := range mutants {
		if i%4 != 0 && os.Getenv("ATTRIB_MUTANTS") != "all" || testing.Short() {
			continue
		}
		t.Run(m.Why, func(t *testing.T) {
			child := exec.Command(os.Args[0], "-test.run=^TestMutantChild$", "-test.v")
			child.Env = append(os.Environ(), fmt.Sprintf("ATTRIB_MUTANT=%d", i), "ATTRIB_MUTANT_LIBRARY="+fake.Build(t, m.arch, mutated(t, m)...))
			text, err := child.CombinedOutput()
			var exit *exec.ExitError
			switch {
			case err == nil:
				t.Errorf("nobody notices\n%s", text)
			case !errors.As(err, &exit):
				t.Error(err)
			}
		})
	}
}

// TestMutantChild fails where the probe notices the mistake.
func TestMutantChild(t *testing.T) {
	if os.Getenv("ATTRIB_MUTANT") == "" {
		t.Skip("run by TestMutants")
	}
	i, err := strconv.Atoi(os.Getenv("ATTRIB_MUTANT"))
	if err != nil {
		t.Skip(err)
	}
	if err := probe(t, mutants[i], os.Getenv("ATTRIB_MUTANT_LIBRARY"), exactCPU(t)); err != nil {
		t.Error(err)
	}
}

// TestProbes: without a mistake, the probes are content.
func TestProbes(t *testing.T) {
	if !apart(t) {
		return
	}
	c, seen := exactCPU(t), map[string]bool{}
	for _, m := range mutants {
		key := fmt.Sprintf("%s, sm_%d, %q", m.source, m.arch, m.precision)
		if seen[key] || testing.Short() && len(seen) > 0 {
			continue
		}
		seen[key] = true
		t.Run(key, func(t *testing.T) {
			m.Old = ""
			if err := probe(t, m, fake.Build(t, m.arch, sources...), c); err != nil {
				t.Error(err)
			}
		})
	}
}

// multiprocessors are so few that blocks have several tiles one after the other.
func (m mutant) multiprocessors() int {
	if m.source == "scan_mma.cu" {
		return 1
	}
	return 2
}

// probe runs a mutant's probe on a library of kernels, under some orders of threads and queues.
func probe(t *testing.T, m mutant, path string, c kernels.Device) error {
	orders := []int{0, 1, 3, 6}
	if m.Old == "" { // without a mistake: other tests run the rest
		orders = []int{1, 6}
	}
	for _, order := range orders {
		for _, s := range []string{"reset", fmt.Sprintf("order=%d", order), fmt.Sprintf("schedule=%d", order/2), fmt.Sprintf("sms=%d", m.multiprocessors())} {
			if _, err := fake.Control(path, s); err != nil {
				t.Fatal(err)
			}
		}
		lib, err := driver.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tile := int64(30_000)
		if m.source == "factored.cu" { // whose rows are long: several launches a tile
			tile = 400_000
		}
		d, err := newDevice(lib, Options{firstRows: 40, TileBytes: tile, Precision: m.precision})
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(m.probe(d, c), d.Close())
		problems, _ := fake.Control(path, "problems")
		if problems != "" {
			err = errors.Join(err, errors.New(problems))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mutated copies the sources with the mistake and lists what to build.
func mutated(t *testing.T, m mutant) []string { return mutatedOf(t, m, sources) }

func mutatedOf(t *testing.T, m mutant, sources []string) []string {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("src")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, m.File)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), m.Old); n != 1 {
		t.Fatalf("%q stands %d times in %s", m.Old, n, m.File)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), m.Old, m.New, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range sources {
		if filepath.Base(s) != m.source {
			list = append(list, s)
			continue
		}
		s = filepath.Join(dir, m.source)
		f, err := os.OpenFile(s, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(f, "// %s: %q for %q\n", m.File, m.New, m.Old) // for the cache, which does not see headers
		f.Close()
		list = append(list, s)
	}
	return list
}

// differ says how two results differ.
func differ(got, want *kernels.Result) error {
	switch {
	case !slices.Equal(got.ID, want.ID) || !slices.Equal(got.WorstID, want.WorstID):
		return errors.New("rows differ")
	case !slices.Equal(got.Score, want.Score) || !slices.Equal(got.WorstScore, want.WorstScore):
		return errors.New("scores differ")
	case !slices.EqualFunc(got.Sum, want.Sum, slices.Equal[[]int64]):
		return errors.New("sums differ")
	}
	return nil
}

// probeExact compares scans of several shapes, types and metrics with the CPU's, bit for bit.
func probeExact(d *device, c kernels.Device) error {
	for i, s := range [][3]int{{3, 300, 33}, {20, 150, 530}, {70, 260, 5}, {2, 131, 1040}, {130, 40, 5}} {
		metric := kernels.Metric(i % 3)
		plain := kernelstest.Random(s[1], s[2], 2)
		if metric == kernels.Cosine {
			for k := range s[2] {
				plain.Row(5)[k] *= 1e-20
				plain.Row(6)[k] *= 1e20
			}
		}
		kinds := []kernels.DType{kernels.TypeF32, kernels.TypeBF16, kernels.TypeI8, kernels.TypeF16}
		rows, err := kernels.Encode(kinds[i%4], plain)
		if err != nil {
			return err
		}
		for _, m := range []kernels.Matrix{plain, rows} {
			scan := all(kernelstest.Random(s[0], s[2], 1), s[1], metric, 9, 4)
			scan.Worst = 5 + i%2*9 // lists of two lengths
			if err := compare(d, c, kernels.MatrixSource(m), scan); err != nil {
				return fmt.Errorf("%v, %v, %v: %w", s, metric, m.Type, err)
			}
		}
	}
	return probeTies(d, c)
}

func compare(d, c kernels.Device, s kernels.Source, scan kernels.Scan) error {
	got, err := d.Scan(context.Background(), s, scan)
	want, wantErr := c.Scan(context.Background(), s, scan)
	if err != nil || wantErr != nil {
		if err != nil && wantErr != nil && err.Error() == wantErr.Error() {
			return nil
		}
		return fmt.Errorf("error %v, want %v", err, wantErr)
	}
	return differ(got, want)
}

// probeTies has many equal scores, long lists, rising scores, and rows that cannot be used.
func probeTies(d *device, c kernels.Device) error {
	same, rising, falling := kernelstest.Whole(700, 2, 3), kernelstest.Random(700, 1, 4), kernelstest.Random(700, 1, 4)
	for i := range 700 {
		rising.Row(i)[0], falling.Row(i)[0] = float32(i), float32(1000-i)
	}
	for _, m := range []kernels.Matrix{same, rising, falling} {
		for _, k := range []int{5, 600} {
			scan := all(kernelstest.Whole(3, m.Cols, 5), 700, kernels.InnerProduct, k, 2)
			if err := compare(d, c, kernels.MatrixSource(m), scan); err != nil {
				return fmt.Errorf("ties: %w", err)
			}
		}
	}
	same.Row(431)[0] = float32(math.Inf(1))
	same.Row(433)[0] = 3e38
	return compare(d, c, kernels.MatrixSource(same), kernels.Scan{Queries: kernelstest.Random(4, 2, 6), K: 2, Exclude: []int64{431, 431, 431, 431}})
}

// probeTensor compares every score with the oracle's.
func probeTensor(d *device, _ kernels.Device) error {
	shapes := [][3]int{{64, 131, 40}, {70, 140, 133}, {20, 900, 24}, {2, 131, 700}, {130, 20, 9}}
	switch { // blocks of 256 queries
	case d.gpus[0].arch == 90:
		shapes = append(shapes, [3]int{150, 130, 580})
	case d.Precision == BF16:
		shapes = append(shapes, [3]int{260, 130, 40})
	case d.Precision == TF32x3: // slow in the emulator, and blocks have one tile
		shapes = [][3]int{shapes[0], shapes[1], {20, 300, 24}}
	}
	for i, s := range shapes {
		kind := map[Precision]kernels.DType{BF16: kernels.TypeBF16, Int8: kernels.TypeI8}[d.Precision]
		if i == 0 && d.Precision == BF16 {
			kind = kernels.TypeF32 // rows that are converted
		}
		if err := probeShape(d, s, kind, kernels.Metric(i%2)); err != nil {
			return fmt.Errorf("%v: %w", s, err)
		}
	}
	return nil
}

// probeShape holds all scores to the oracle, and short lists to the long one.
func probeShape(d *device, s [3]int, kind kernels.DType, metric kernels.Metric) error {
	rows, err := kernels.Encode(kind, kernelstest.Random(s[1], s[2], 2))
	if err != nil {
		return err
	}
	decoded := make([]float32, s[1]*s[2])
	rows.Decode(decoded)
	q := kernelstest.Random(s[0], s[2], 1)
	want, err := ref.Scores(context.Background(), kernels.MatrixSource(kernels.F32(s[1], s[2], decoded)), q, metric)
	if err != nil {
		return err
	}
	scan := kernels.Scan{Queries: q, Metric: metric, K: s[1], Worst: 7}
	long, err := d.Scan(context.Background(), kernels.MatrixSource(rows), scan)
	if err != nil {
		return err
	}
	if err := near(long, want, q, decoded, s, metric, tolerances[d.Precision]); err != nil {
		return err
	}
	scan.K, scan.Worst = 3, 2
	short, err := d.Scan(context.Background(), kernels.MatrixSource(rows), scan)
	if err != nil {
		return err
	}
	for i := range s[0] {
		if !slices.Equal(short.ID[3*i:3*i+3], long.ID[i*s[1]:i*s[1]+3]) || !slices.Equal(short.WorstID[2*i:2*i+2], long.WorstID[7*i:7*i+2]) {
			return fmt.Errorf("query %d: short lists are not the first of long ones", i)
		}
	}
	return probeSums(d, rows, q, metric)
}

// probeSums: the sums of groups do not depend on how many rows are asked for beside them.
func probeSums(d *device, rows, q kernels.Matrix, metric kernels.Metric) error {
	var sums [2][][]int64
	for i, k := range []int{1, rows.Rows} {
		scan := all(q, rows.Rows, metric, k, 4)
		scan.Unit = -20
		r, err := d.Scan(context.Background(), kernels.MatrixSource(rows), scan)
		if err != nil {
			return err
		}
		sums[i] = r.Sum
	}
	if !slices.EqualFunc(sums[0], sums[1], slices.Equal) {
		return errors.New("sums depend on the number of rows that are asked for")
	}
	return nil
}

func near(r *kernels.Result, want []float64, q kernels.Matrix, rows []float32, s [3]int, metric kernels.Metric, limit float64) error {
	seen := make([]bool, len(want))
	for i, id := range r.ID {
		if id < 0 || int(id) >= s[1] || seen[i/s[1]*s[1]+int(id)] {
			return fmt.Errorf("%v: place %d has row %d", s, i, id)
		}
		at, scale := i/s[1]*s[1]+int(id), 1.0
		seen[at] = true
		if metric == kernels.InnerProduct {
			scale = norm(q.Row(i/s[1])) * norm(rows[int(id)*s[2]:int(id+1)*s[2]])
		}
		if off := math.Abs(float64(r.Score[i]) - want[at]); !(off <= limit*scale) {
			return fmt.Errorf("%v: query %d, row %d: score %g, oracle %g", s, i/s[1], id, r.Score[i], want[at])
		}
	}
	for i := range s[0] { // the worst rows are the end of the list
		for j := range 7 {
			if r.WorstScore[i*7+j] != r.Score[(i+1)*s[1]-1-j] {
				return fmt.Errorf("%v: query %d: worst score %d is %g", s, i, j, r.WorstScore[i*7+j])
			}
		}
	}
	return nil
}

// probeFactored compares scans of factored rows with the CPU's, bit for bit.
func probeFactored(d *device, c kernels.Device) error {
	for _, q := range []int{3, 20, 70} {
		queries, rows := factoredOf(q, 1), factoredOf(200, 20)
		for k := range 40 {
			rows.D[0].Row(7)[k] *= 0x1p60
		}
		for metric := range kernels.Cosine + 1 {
			scan := kernels.Scan{Metric: metric, K: 200}
			got, err := d.ScanFactored(context.Background(), rows.Source(), queries, scan)
			if err != nil {
				return err
			}
			want, err := c.(kernels.FactoredScanner).ScanFactored(context.Background(), rows.Source(), queries, scan)
			if err != nil {
				return err
			}
			if err := differ(got, want); err != nil {
				return fmt.Errorf("%d queries, %v: %w", q, metric, err)
			}
		}
	}
	return nil
}
