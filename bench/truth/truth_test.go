package truth

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"attrib/internal/philox"
	"attrib/internal/safetensors"
	"attrib/train"
)

func TestReadGivesWhatWasWritten(t *testing.T) {
	tr, data, queries := planned(t)
	must(t, Make(t.Context(), tr, data, queries, MakeOptions{Dir: t.TempDir()}))
	net, err := train.NewNetwork(tr.Model)
	must(t, err)
	tr.Initial = train.InitialParams(net.Specs(), 4)
	start := Start{Initial: train.InitialParams(net.Specs(), 3)}
	for e := range tr.Model.Epochs {
		start.Order = append(start.Order, train.EpochOrder(9, e, len(testSamples)))
	}
	tr.Starts = map[int64]Start{20: start, 21: {Order: start.Order}}
	dir := t.TempDir()
	must(t, tr.Write(dir))
	got, err := Read(dir)
	must(t, err)
	if !reflect.DeepEqual(got, tr) {
		t.Errorf("read\n%+v\nwant\n%+v", got, tr)
	}
	must(t, got.Matches(data, queries, testSamples, testOutputs))
}

func TestMatchesNamesTheField(t *testing.T) {
	tr, data, queries := planned(t)
	swapped := slices.Clone(testSamples)
	swapped[3], swapped[4] = swapped[4], swapped[3]
	wantError(t, tr.Matches(data, queries, swapped, testOutputs), "field samples", `sample 3 is "d" in the truth and "e" here`)
	wantError(t, tr.Matches(data, queries, testSamples[1:], testOutputs), "field samples", "has 10 samples, there are 9")
	wantError(t, tr.Matches(data, queries, testSamples, []string{"y", "x"}), "field outputs", `"z"`)
	wantError(t, tr.Matches(queries, queries, testSamples, testOutputs), "field data")
	wantError(t, tr.Matches(data, data, testSamples, testOutputs), "field queries")
}

// Every byte of every file matters: a flipped one is refused by the name of the file.
func TestFlippedBytesAreRefused(t *testing.T) {
	dir := t.TempDir()
	must(t, made(t, dir, MakeOptions{}))
	for name, data := range contents(t, dir) {
		for at := 0; at < len(data); at += 1 + len(data)/97 {
			flipped := []byte(data)
			flipped[at] ^= 1
			must(t, os.WriteFile(filepath.Join(dir, name), flipped, 0o644))
			if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s with byte %d flipped (%q): %v", name, at, data[at], err)
			}
		}
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644))
	}
	_, err := Read(dir)
	must(t, err)
}

// resign changes truth.json and makes its digest fit again, as somebody would who makes truths by another program.
func resign(t *testing.T, dir string, change func(*Header)) {
	t.Helper()
	path := filepath.Join(dir, Name)
	data, err := os.ReadFile(path)
	must(t, err)
	var h Header
	must(t, json.Unmarshal(data, &h))
	change(&h)
	for i, f := range h.Files {
		data, err := os.ReadFile(filepath.Join(dir, f.Path))
		must(t, err)
		h.Files[i].SHA256 = sha(data)
	}
	h.ModelHash = h.Model.Hash()
	h.Digest, err = h.digest()
	must(t, err)
	data, err = json.Marshal(h)
	must(t, err)
	must(t, os.WriteFile(path, data, 0o644))
}

func TestReadRefusesWhatDoesNotHoldTogether(t *testing.T) {
	tensors := func(t *testing.T, dir, file string, change func([]safetensors.Tensor) []safetensors.Tensor) {
		t.Helper()
		path := filepath.Join(dir, file)
		_, all, err := safetensors.ReadFile(path)
		must(t, err)
		must(t, safetensors.WriteFile(path, nil, change(all)))
		resign(t, dir, func(*Header) {})
	}
	without := func(name string) func([]safetensors.Tensor) []safetensors.Tensor {
		return func(all []safetensors.Tensor) []safetensors.Tensor {
			return slices.DeleteFunc(all, func(t safetensors.Tensor) bool { return t.Name == name })
		}
	}
	for name, c := range map[string]struct {
		spoil func(*testing.T, string)
		want  []string
	}{
		"schema":         {func(t *testing.T, dir string) { resign(t, dir, func(h *Header) { h.Schema = "attrib.truth/2" }) }, []string{Name, "attrib.truth/2"}},
		"removed":        {func(t *testing.T, dir string) { resign(t, dir, func(h *Header) { h.Parts[0].Removed = .4 }) }, []string{"part 0.2", "field removed"}},
		"removed is 1":   {func(t *testing.T, dir string) { resign(t, dir, func(h *Header) { h.Parts[0].Removed = 1 }) }, []string{"part 0.2", "not between 0 and 1"}},
		"seed twice":     {func(t *testing.T, dir string) { resign(t, dir, func(h *Header) { h.Parts[0].Seeds[1] = 7 }) }, []string{OutputsName, "margin.0.2.20"}},
		"another seed":   {func(t *testing.T, dir string) { resign(t, dir, func(h *Header) { h.Parts[0].Seeds[1] = 6 }) }, []string{OutputsName, `"margin.0.2.6" is missing`}},
		"a part less":    {func(t *testing.T, dir string) { resign(t, dir, func(h *Header) { h.Parts = h.Parts[:1] }) }, []string{SubsetsName, `"keep.0.5" belongs to no part`}},
		"removal":        {func(t *testing.T, dir string) { resign(t, dir, func(h *Header) { h.Removal = "re-formed" }) }, []string{"field removal"}},
		"model":          {func(t *testing.T, dir string) { resign(t, dir, func(h *Header) { h.Model.Epochs = 0 }) }, []string{"field model"}},
		"missing keep":   {func(t *testing.T, dir string) { tensors(t, dir, SubsetsName, without("keep.0.5")) }, []string{SubsetsName, `"keep.0.5" is missing`}},
		"missing output": {func(t *testing.T, dir string) { tensors(t, dir, OutputsName, without("margin.0.2.21")) }, []string{OutputsName, `"margin.0.2.21" is missing`}},
		"some hashes":    {func(t *testing.T, dir string) { tensors(t, dir, OutputsName, without("params.0.2.21")) }, []string{"part 0.2", "parameters of 2 seeds"}},
		"NaN": {func(t *testing.T, dir string) {
			tensors(t, dir, OutputsName, func(all []safetensors.Tensor) []safetensors.Tensor {
				i := slices.IndexFunc(all, func(t safetensors.Tensor) bool { return t.Name == "margin.0.2.21" })
				all[i] = safetensors.New(all[i].Name, []float32{1, 2, 3, float32(math.NaN()), 5, 6}, 3, 2)
				return all
			})
		}, []string{"margin.0.2.21", "subset 1, output 1 is NaN"}},
		"a weight of 2": {func(t *testing.T, dir string) {
			tensors(t, dir, SubsetsName, func(all []safetensors.Tensor) []safetensors.Tensor {
				all[0].Data[13] = 2
				return all
			})
		}, []string{"keep.0.2", "row 1, column 3 is 2"}},
		"a start of another shape": {func(t *testing.T, dir string) {
			must(t, safetensors.WriteFile(filepath.Join(dir, StartsName), nil, []safetensors.Tensor{safetensors.New("initial.all.fc.weight", []float32{1}, 1), safetensors.New("initial.all.fc.bias", []float32{1, 2}, 2)}))
			resign(t, dir, func(h *Header) { h.Files = append(h.Files, File{Path: StartsName}) })
		}, []string{StartsName, "fc.weight"}},
		"an order that repeats": {func(t *testing.T, dir string) {
			must(t, safetensors.WriteFile(filepath.Join(dir, StartsName), nil, []safetensors.Tensor{safetensors.New("order.7", make([]uint32, 30), 3, 10)}))
			resign(t, dir, func(h *Header) { h.Files = append(h.Files, File{Path: StartsName}) })
		}, []string{"order.7: epoch 0: place 1: sample 0"}},
		"no outputs file": {func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, OutputsName))) }, []string{OutputsName}},
		"no truth":        {func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, Name))) }, []string{Name}},
	} {
		dir := t.TempDir()
		must(t, made(t, dir, MakeOptions{}))
		c.spoil(t, dir)
		_, err := Read(dir)
		if err == nil {
			t.Errorf("%s: it was read", name)
		}
		wantError(t, err, append(c.want, dir)...)
	}
}

func TestDraw(t *testing.T) {
	few, err := Draw(3, 100, 4, .05)
	must(t, err)
	many, err := Draw(3, 100, 40, .05)
	must(t, err)
	if !slices.Equal(few.Keep, many.Keep[:400]) {
		t.Error("a subset depends on how many are drawn")
	}
	hit := make([]int, 100)
	for r := range 40 {
		zeros := 0
		for i, v := range many.Keep[100*r : 100*r+100] {
			if v == 0 {
				zeros++
				hit[i]++
			}
		}
		if zeros != 5 {
			t.Errorf("subset %d removes %d, want 5", r, zeros)
		}
	}
	if slices.Max(hit) > 8 {
		t.Errorf("a sample is removed %d times in 40 draws of 5 %%", slices.Max(hit))
	}
	if other, _ := Draw(4, 100, 4, .05); slices.Equal(other.Keep, few.Keep) {
		t.Error("another seed draws the same subsets")
	}
	for _, c := range []struct {
		m       int
		removed float64
		want    string
	}{{4, 0, "part 0 is not between"}, {4, 1, "part 1 is not between"}, {4, math.NaN(), "part NaN"}, {4, .004, "rounds to 0"}, {4, .996, "rounds to 100"}, {0, .5, "0 subsets"}, {1 << 40, .5, "more than the"}} {
		_, err := Draw(3, 100, c.m, c.removed)
		wantError(t, err, c.want)
	}
}

// The rule of doc.go, written down again from the words of the random numbers on.
func TestDrawIsTheDocumentedRule(t *testing.T) {
	const n, count, seed = 10, 3, 5
	parts, err := Draw(seed, n, 2, .3)
	must(t, err)
	s := [8]uint32{seed0("attr"), seed0("ib/s"), seed0("ubse"), seed0("ts\x00\x00"), 0, 0, seed, 0}
	m := philox.Block([4]uint32{s[2], s[3], s[4], s[5]}, [2]uint32{s[0] ^ s[6], s[1] ^ s[7]})
	for r := range uint32(2) {
		words := philox.Block([4]uint32{0, 0, r ^ m[2], count ^ m[3]}, [2]uint32{s[0] ^ m[0], s[1] ^ m[1]})
		p := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
		want := slices.Repeat([]uint8{1}, n)
		for i := range count {
			j := i + int(uint64(words[i])*uint64(n-i)>>32)
			p[i], p[j] = p[j], p[i]
			want[p[i]] = 0
		}
		if got := parts.Keep[n*r : n*r+n]; !slices.Equal(got, want) {
			t.Errorf("subset %d: %v, want %v", r, got, want)
		}
	}
}

func seed0(s string) uint32 { return binary.LittleEndian.Uint32([]byte(s)) }

func TestCoalitions(t *testing.T) {
	data, queries := testData()
	tr := New(testModel(), data, queries, testSamples, testOutputs, LogProb)
	tr.By, tr.Groups, tr.Group = ByContributor, []string{"ada", "bob", "cleo"}, []int32{0, 0, 1, 1, 1, 2, 2, -1, -1, 0}
	p, err := tr.AllCoalitions()
	must(t, err)
	p.Seeds = []int64{1}
	tr.Parts = append(tr.Parts, p)
	p, err = tr.DrawCoalitions(4, 5, .34)
	must(t, err)
	p.Seeds = []int64{1, 2}
	tr.Parts = append(tr.Parts, p)
	if got, want := tr.Parts[0].Keep[50:60], []uint8{1, 1, 0, 0, 0, 1, 1, 1, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("ada and cleo: samples %v, want %v", got, want)
	}
	dir := t.TempDir()
	must(t, Make(t.Context(), tr, data, queries, MakeOptions{Dir: dir}))
	got, err := Read(dir)
	must(t, err)
	if !reflect.DeepEqual(got, tr) {
		t.Error("what was read is not what was made")
	}
	tr.Parts[0].Keep[55] = 0
	wantError(t, tr.Validate(), "keep.all", "subset 5, sample 5", "contributor")
	tr.Groups = make([]string, 13)
	_, err = tr.AllCoalitions()
	wantError(t, err, "13 contributors", "1 to 12")
}

func TestSubsetsOfOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "theirs.safetensors")
	write := func(tensors ...safetensors.Tensor) {
		t.Helper()
		must(t, safetensors.WriteFile(path, nil, tensors))
	}
	keep := []uint8{0, 1, 1, 1, 1, 0, 1, 1}
	write(safetensors.New("keep.0.3", keep, 2, 4), safetensors.New("keep.leave-one-out", keep, 2, 4), safetensors.New("other", keep, 8))
	parts, err := ReadSubsets(path, 4)
	must(t, err)
	if len(parts) != 2 || parts[0].Name != "0.3" || parts[0].Removed != .3 || parts[1].Removed != .25 || !slices.Equal(parts[1].Keep, keep) {
		t.Errorf("read %+v", parts)
	}
	for _, c := range []struct {
		tensor safetensors.Tensor
		want   []string
	}{
		{safetensors.New("kept.1", keep, 2, 4), []string{"no tensor keep.<part>"}},
		{safetensors.New("keep.1", keep, 4, 2), []string{`"keep.1"`, "shape is [4 2]", "subsets × 4 samples"}},
		{safetensors.New("keep.1", []float32{1, 0, 1, 1}, 1, 4), []string{"it is F32"}},
		{safetensors.New("keep.1", []uint8{1, 3, 1, 1}, 1, 4), []string{"row 0, column 1 is 3"}},
		{safetensors.New("keep.1", []uint8{1, 1, 1, 1}, 1, 4), []string{"more than none"}},
		{safetensors.New("keep.a/b", keep, 2, 4), []string{"not a name"}},
	} {
		write(c.tensor)
		_, err := ReadSubsets(path, 4)
		wantError(t, err, append(c.want, path)...)
	}
}
