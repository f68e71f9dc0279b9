package bench

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attrib/bench/truth"
	"attrib/internal/philox"
	"attrib/internal/safetensors"
	"attrib/kernels/cpu"
)

// The figures are those that other programs reached on the same ground truth (gradient dot and pixel RBF × label sign,
// one model), to ± .02; the third decimal is that of the first version of this test.
func TestAccuracyOfAnchorBIsThatOfOtherPrograms(t *testing.T) {
	r := accuracyOf(t, AccuracyOptions{Methods: []string{"dot", "rbf", "same-class"}})
	want := map[string][]float64{ // 1 % same, expected; 5 %; 50 %
		"dot":        {.224, .230, .300, .267, .303, .319},
		"rbf":        {.354, .415, .377, .413, .584, .618},
		"same-class": {.317, .386, .275, .313, .481, .519},
	}
	seen := map[string]int{}
	for _, r := range r.Rows {
		w := want[r.Method][seen[r.Method]]
		seen[r.Method]++
		t.Logf("%-10s %-8s %4.0f %% removed: LDS %.3f (%.3f to %.3f), ceiling %.3f, other programs %.3f", r.Method, r.Target, 100*r.Removed, r.LDS, r.Low, r.High, r.Ceiling, w)
		if math.Abs(r.LDS-w) > .02 {
			t.Errorf("%s, %s, %.2f removed: LDS %.3f, want %.3f ± .02", r.Method, r.Target, r.Removed, r.LDS, w)
		}
		if math.Abs(r.LDS-w) > .0006 {
			t.Errorf("%s, %s, %.2f removed: LDS %.4f, want %.3f in three decimals", r.Method, r.Target, r.Removed, r.LDS, w)
		}
		if !(r.Low < r.LDS && r.LDS < r.High) {
			t.Errorf("%s: %v lies outside its interval %v to %v", r.Method, r.LDS, r.Low, r.High)
		}
		if r.Target == ExpectedModel && !(r.Ceiling > .96 && r.Ceiling < 1) {
			t.Errorf("ceiling %.3f, want about .98", r.Ceiling)
		}
	}
	if len(r.Rows) != 18 || len(r.Differences) != 18 || len(r.Warnings) > 0 {
		t.Errorf("%d rows, want 3 methods × 2 targets × 3 parts; %d differences, want as many; warnings %v", len(r.Rows), len(r.Differences), r.Warnings)
	}
	checkDifferences(t, r)
}

func accuracyOf(t *testing.T, o AccuracyOptions) *AccuracyReport {
	t.Helper()
	device := cpu.New(cpu.Options{})
	defer device.Close()
	o.Device = device
	r, err := Accuracy(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// checkDifferences holds every difference against the rows, and its interval against those of unpaired rows.
func checkDifferences(t *testing.T, r *AccuracyReport) {
	t.Helper()
	row := func(method, target, part string) AccuracyRow {
		i := slices.IndexFunc(r.Rows, func(a AccuracyRow) bool { return a.Method == method && a.Target == target && a.Part == part })
		return r.Rows[i]
	}
	for _, d := range r.Differences {
		a, b := row(d.Method, d.Target, d.Part), row(d.Than, d.Target, d.Part)
		if math.Abs(d.Difference-(a.LDS-b.LDS)) > 1e-12 || !(d.Low <= d.Difference && d.Difference <= d.High) {
			t.Errorf("%s − %s: %v (%v to %v), the rows say %v", d.Method, d.Than, d.Difference, d.Low, d.High, a.LDS-b.LDS)
		}
		if d.High-d.Low > a.High-a.Low+b.High-b.Low {
			t.Errorf("%s − %s: the paired interval is wider than both together", d.Method, d.Than)
		}
	}
}

// The anchor written as files and read again is the same truth, and its scores as another program's files get the same
// LDS: 1 for what retraining really showed.
func TestAnchorAsFilesAndScoresOfOthers(t *testing.T) {
	a, err := AnchorB()
	if err != nil {
		t.Fatal(err)
	}
	written, err := a.Truth()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := written.Write(dir); err != nil {
		t.Fatal(err)
	}
	read, err := truth.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	theirs := filepath.Join(dir, "theirs.safetensors")
	scores := sameClass(a.Data.Y, a.Queries.Y)
	if err := safetensors.WriteFile(theirs, nil, []safetensors.Tensor{safetensors.New("x", scores, 100, 1200)}); err != nil {
		t.Fatal(err)
	}
	given, err := ReadScores(theirs, read)
	if err != nil {
		t.Fatal(err)
	}
	r := accuracyOf(t, AccuracyOptions{Truth: read, Data: a.Data, Queries: a.Queries, Methods: []string{"dot", "same-class"}, Parts: []string{"0.05"}, Scores: []Scores{{"theirs", given}}})
	if len(r.Rows) != 6 || math.Abs(r.Rows[0].LDS-.300) > .0006 || r.Rows[0].Trainings != 1 || r.TrainingSeconds <= 0 {
		t.Errorf("%+v", r.Rows)
	}
	if r.Rows[2].LDS != r.Rows[4].LDS || r.Rows[3].Low != r.Rows[5].Low {
		t.Errorf("same-class %+v, as a file %+v", r.Rows[2:4], r.Rows[4:])
	}
}

// predictions sums what is kept or what is removed; the oracle sums what is kept, and ranks must agree.
func TestPredictionsRankLikeSumsOfKept(t *testing.T) {
	const n, outputs, m = 40, 3, 25
	for _, removed := range []float64{.1, .5, .8} {
		p, err := truth.Draw(1, n, m, removed)
		if err != nil {
			t.Fatal(err)
		}
		scores := make([]float64, n*outputs)
		for i := range scores {
			scores[i] = float64((i*7919)%101) - 50 // whole numbers: sums are exact and tie
		}
		tenths := slices.Clone(scores)
		for i := range tenths {
			tenths[i] /= 10 // sums are rounded, and tie all the same
		}
		got := predictions(tenths, &p, outputs, n)
		for z := range outputs {
			var a, b []float64
			for s := range m {
				sum := 0.0
				for i, w := range p.Kept(n, s) {
					sum += float64(w) * scores[z*n+i]
				}
				a, b = append(a, sum), append(b, got[s*outputs+z])
			}
			if !slices.Equal(meanRanks(a), meanRanks(b)) {
				t.Errorf("removed %v, output %d: ranks differ", removed, z)
			}
		}
	}
}

func TestConstantAndBadScores(t *testing.T) {
	a, err := AnchorB()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := a.Truth()
	if err != nil {
		t.Fatal(err)
	}
	nothing := make([]float64, 100*1200)
	copy(nothing[1200:], sameClass(a.Data.Y, a.Queries.Y)[1200:])
	o := AccuracyOptions{Truth: tr, Methods: []string{}, Parts: []string{"0.5"}, Scores: []Scores{{"half a mind", nothing}}}
	r := accuracyOf(t, o)
	if len(r.Rows) != 2 || r.Rows[0].per[0] != 0 || r.Rows[0].per[1] == 0 {
		t.Errorf("a constant prediction counts %v", r.Rows[0].per[:2])
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Error(), `1 of 100 outputs (the first "digit-1200")`) {
		t.Errorf("warnings %v", r.Warnings)
	}
	for want, bad := range map[string]func(*AccuracyOptions){
		"two methods or scores have this name": func(o *AccuracyOptions) { o.Scores = append(o.Scores, o.Scores[0]) },
		`no part "0.25"`:                       func(o *AccuracyOptions) { o.Parts = []string{"0.25"} },
		"100 outputs × 1200 samples":           func(o *AccuracyOptions) { o.Scores = []Scores{{"short", nothing[1:]}} },
		"methods need the samples":             func(o *AccuracyOptions) { o.Methods = []string{"rbf"} },
		"output 0 is NaN": func(o *AccuracyOptions) {
			bad := slices.Clone(nothing)
			for i := range 1200 {
				bad[i] = math.NaN()
			}
			o.Scores = []Scores{{"nan", bad}}
		},
	} {
		c := o
		bad(&c)
		if _, err := Accuracy(context.Background(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestReadScores(t *testing.T) {
	tr := &truth.Truth{Outputs: []string{"y", "z"}, Samples: []string{"a", "b", "c"}}
	path := filepath.Join(t.TempDir(), "theirs.npy")
	npy := func(descr, order, shape, body string) string {
		header := "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n"
		return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), 0}) + header + body
	}
	const nan = "\x00\x00\xc0\x7f"
	one, two := "\x00\x00\x80\x3f", "\x00\x00\x00\x40"
	for _, c := range []struct{ file, want string }{
		{npy("<f4", "False", "(2, 3)", one+two+two+one+one+one), ""},
		{npy("<f4", "True", "(2, 3)", one+one+two+one+two+one), ""},
		{npy(">f4", "False", "(2, 3)", "\x3f\x80\x00\x00\x40\x00\x00\x00\x40\x00\x00\x00\x3f\x80\x00\x00\x3f\x80\x00\x00\x3f\x80\x00\x00"), ""},
		{npy("<f4", "False", "(2, 3)", one+two+two+one+nan+one), `row 1 (output "z"), column 1 (sample "b") is NaN`},
		{npy("<f4", "False", "(3, 2)", one+two+two+one+one+one), "transpose it"},
		{npy("<f4", "False", "(6,)", one+two+two+one+one+one), "its shape is [6]"},
		{npy("<f4", "False", "(2, 3)", one+two), "are not the 8 bytes"},
		{npy("<f4", "False", "(99999999999, 99999999999)", one), "does not fit"},
		{npy("<i4", "False", "(2, 3)", one+two+two+one+one+one), `"<i4", want float32 or float64`},
		{npy("|O", "False", "(2, 3)", one+one), "want float32"},
		{"PK", "not a .npy file"},
		{"\x93NUMPY\x01\x00\xff\xffhello", "does not fit"},
	} {
		if err := os.WriteFile(path, []byte(c.file), 0o644); err != nil {
			t.Fatal(err)
		}
		v, err := ReadScores(path, tr)
		if c.want == "" && (err != nil || !slices.Equal(v, []float64{1, 2, 2, 1, 1, 1})) {
			t.Errorf("%q: %v, %v", c.file, v, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path)) {
			t.Errorf("%q: error %v, want %q", c.file, err, c.want)
		}
	}
}

func TestSpearmanWithTies(t *testing.T) {
	// ranks 1, 2.5, 2.5, 4 against 1, 3, 2, 4: Σxy = 4.5 over √(4.5 · 5)
	got := Spearman([]float64{1, 2, 2, 9}, []float64{10, 30, 20, 40})
	if want := 4.5 / math.Sqrt(4.5*5); math.Abs(got-want) > 1e-12 {
		t.Errorf("Spearman %v, want %v", got, want)
	}
	if Spearman([]float64{1, 1, 1}, []float64{1, 2, 3}) != 0 {
		t.Error("a constant side has a correlation")
	}
}

func TestLDSOfTruthIsOneAndOfItsNegativeMinusOne(t *testing.T) {
	truth := []float64{1, 9, 2, 7, 3, 8, 5, 1}
	negative := make([]float64, len(truth))
	for i, v := range truth {
		negative[i] = -v
	}
	for _, c := range []struct {
		p    []float64
		want float64
	}{{truth, 1}, {negative, -1}} {
		per, err := LDS(c.p, truth, 2)
		if err != nil || mean(per) != c.want {
			t.Errorf("LDS %v (%v), want %v", per, err, c.want)
		}
	}
	if _, err := LDS(truth[:3], truth[:4], 2); err == nil {
		t.Error("lengths that do not fit were accepted")
	}
}

func TestLDSNamesWhatIsNotFinite(t *testing.T) {
	fine := []float64{1, 9, 2, 7, 3, 8}
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		v := slices.Clone(fine)
		v[3] = bad
		for _, c := range [][2][]float64{{v, fine}, {fine, v}} {
			if _, err := LDS(c[0], c[1], 2); err == nil || !strings.Contains(err.Error(), "subset 1, output 1") {
				t.Errorf("error %v, want subset and output", err)
			}
		}
	}
	if !math.IsNaN(Spearman([]float64{1, math.NaN(), 2}, []float64{1, 2, 3})) {
		t.Error("a correlation of NaN")
	}
	if got := Constant([]float64{1, 5, 1, 6, 1, 5}, 2); !slices.Equal(got, []int{0}) {
		t.Errorf("constant outputs %v, want the first", got)
	}
}

// A truth of signal and independent noise per seed has a known reliability, n·s/(n·s+1): the ceiling finds its root for
// even and odd numbers of seeds, few and many.
func TestCeilingFindsAKnownReliability(t *testing.T) {
	const subsets, outputs, signal = 400, 12, .5
	noise := philox.New([32]byte{'n'}, 1)
	normal := func() float64 { return math.Sqrt(-2*math.Log(1-noise.Float64())) * math.Cos(2*math.Pi*noise.Float64()) }
	real := make([]float64, subsets*outputs)
	for i := range real {
		real[i] = math.Sqrt(signal) * normal()
	}
	for _, n := range []int{2, 3, 5, 10, 15} {
		seeds := make([][]float64, n)
		for s := range seeds {
			for _, v := range real {
				seeds[s] = append(seeds[s], v+normal())
			}
		}
		got, err := Ceiling(seeds, outputs)
		if err != nil {
			t.Fatal(err)
		}
		want := math.Sqrt(float64(n) * signal / (float64(n)*signal + 1))
		t.Logf("%d seeds: ceiling %.3f, known %.3f", n, got, want)
		if math.Abs(got-want) > .03 { // ranks correlate a little less than values
			t.Errorf("%d seeds: ceiling %.3f, want %.3f", n, got, want)
		}
	}
	if math.Abs(reliability(.6, 10)-2*.6/1.6) > 1e-12 {
		t.Error("equal halves are not stepped up by Spearman and Brown")
	}
	if _, err := Ceiling(make([][]float64, 1), 1); err == nil {
		t.Error("one seed has a ceiling")
	}
}
