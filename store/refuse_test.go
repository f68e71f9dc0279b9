package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/safetensors"
	"attrib/kernels"
)

func parsed(t *testing.T, data string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestHeaderRefusals: what a caller states wrongly is reported together.
func TestHeaderRefusals(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	_, err := Create(dir, Header{Kind: "x", Sign: "-", Measurement: "y", Unit: "z", Model: "AB", Layout: Layout{Type: "F32"}}, Options{})
	wantError(t, err, `kind: "x"`, `sign: "-"`, `measurement: "y"`, `unit: "z"`, `model: "AB"`, "width 0", "rows: 0")
	for text, change := range map[string]func(*Header){
		`of: "people"`:                 func(h *Header) { h.Of = "people" },
		"projectionSeed":               func(h *Header) { h.ProjectionSeed = strings.Repeat("0", 64) },
		"fullIn 3 and fullOut 0":       func(h *Header) { h.Layout = Factored(Layer{Name: "a", In: 1, Out: 1, Positions: 1, FullIn: 3}) },
		"covariances":                  func(h *Header) { h.Covariances = &Covariances{"../x", strings.Repeat("0", 64)} },
		`"F31" is not one of`:          func(h *Header) { h.Layout.Type = "F31" },
		`does not go with measurement`: func(h *Header) { h.Sign = SignNone },
		`kind: "embeddings"`:           func(h *Header) { h.Kind = KindEmbeddings },
		"given twice": func(h *Header) {
			h.Layout = Factored(Layer{Name: "a", In: 1, Out: 1, Positions: 1}, Layer{Name: "a", In: 1, Out: 1, Positions: 1})
		},
		"is not the 2": func(h *Header) {
			h.Layout = Factored(Layer{Name: "a", In: 1, Out: 2, Positions: 1})
			h.Layout.Width = 3
		},
		"must be positive": func(h *Header) { h.Layout = Factored(Layer{Name: "a", In: math.MaxInt / 2, Out: 3, Positions: 1}) },
		"shardRows":        func(h *Header) { h.ShardRows = -1 },
	} {
		h := flatHeader()
		change(&h)
		_, err := Create(dir, h, Options{})
		wantError(t, err, text)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a refused header left a folder behind")
	}
}

// TestRowRefusals: rows that cannot be stored are named, and nothing of them is written.
func TestRowRefusals(t *testing.T) {
	h := flatHeader()
	dir := t.TempDir()
	w, err := Create(dir, h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		m := random(3, 5, 1)
		m.Row(1)[4] = bad
		wantError(t, w.Append([]int64{7, 8, 9}, m), "row id 8", "NaN")
	}
	wantError(t, w.Append([]int64{1}, random(1, 4, 1)), "1×4", "1×5")
	wantError(t, w.Append([]int64{1}, random(2, 5, 1)), "1 row ids for 2 rows")
	wantError(t, w.AppendFactors([]int64{1}, nil, nil), "layers")
	wantError(t, w.WriteShard(3, ids(0, 4), testTile(h, 0, 4)), "shard 3")
	wantError(t, w.WriteShard(0, ids(0, 3), testTile(h, 0, 3)), "takes 4 rows, but 3")
	if err := appendFrom(w, h); err != nil { // none of the above did harm
		t.Fatal(err)
	}
	sameFiles(t, contents(t, dir), contents(t, written(t, h)))

	for text, rows := range map[string][]int64{
		"row id 5 is given twice":   {1, 5, 2, 3, 4, 6, 7, 5},
		"row id -1 is negative":     {1, 2, 3, -1},
		"row id 11 is one too many": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
	} {
		w, err := Create(t.TempDir(), h, Options{})
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, w.Append(rows, random(len(rows), 5, 1)), text)
		wantError(t, w.Finish(), text)
	}
}

// TestFactorRefusals: shapes and overflow of factored rows.
func TestFactorRefusals(t *testing.T) {
	h := factoredHeader()
	w, err := Create(t.TempDir(), h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	good := testTile(h, 0, 4)
	wantError(t, w.Append(ids(0, 4), random(4, 14, 1)), "factored")
	wantError(t, w.WriteShard(0, ids(0, 4), &kernels.Tile{Rows: 4, A: good.A, D: good.D[:1]}), "2 activations but 1")
	wantError(t, w.WriteShard(0, ids(0, 4), &kernels.Tile{Rows: 4, A: good.D, D: good.A}), "a.fc1")
	wantError(t, w.WriteShard(0, ids(0, 4), &kernels.Tile{Rows: 4, Flat: random(4, 14, 1)}), "0 matrices")
	m := good.A[1].Row(7) // position 1 of row 2
	kept := m[0]
	m[0] = float32(math.NaN())
	wantError(t, w.WriteShard(0, ids(0, 4), good), "row id", "a.conv")
	m[0] = kept
	good.A[0].Row(1)[0], good.D[0].Row(1)[0] = 1e30, 1e30
	wantError(t, w.WriteShard(0, ids(0, 4), good), "row id 700000", "too large")
}

// resign gives store.json a right digest after change.
func resign(t *testing.T, dir string, change func(*Header)) {
	t.Helper()
	var h Header
	if err := json.Unmarshal([]byte(contents(t, dir)[HeaderFile]), &h); err != nil {
		t.Fatal(err)
	}
	change(&h)
	data, err := h.seal()
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, dir, HeaderFile, data)
}

func overwrite(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestOpenRefusals: each way to damage a store, and what the error says.
func TestOpenRefusals(t *testing.T) {
	header := func(change func(*Header)) func(*testing.T, string) {
		return func(t *testing.T, dir string) { resign(t, dir, change) }
	}
	text := func(old, now string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			data := contents(t, dir)[HeaderFile]
			if !strings.Contains(data, old) {
				t.Fatalf("no %q in the header", old)
			}
			overwrite(t, dir, HeaderFile, []byte(strings.Replace(data, old, now, 1)))
		}
	}
	const shard1 = "shard-00001.safetensors"
	for name, c := range map[string]struct {
		damage func(*testing.T, string)
		want   []string
	}{
		"no store":    {func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, HeaderFile)) }, []string{"no such file"}},
		"future":      {text("attrib.store/1", "attrib.store/2"), []string{"future", HeaderFile}},
		"other":       {text("attrib.store/1", "attrib.scores/1"), []string{"attrib.scores/1"}},
		"unknown":     {text(`"rows"`, `"rowz"`), []string{"rowz"}},
		"twice":       {text(`"rows"`, `"kind": "gradients", "rows"`), []string{"given twice"}},
		"not JSON":    {text(`{`, ``), []string{"JSON"}},
		"digest":      {text(`"unit": "dm/dw"`, `"unit": "arbitrary"`), []string{"digest", "changed"}},
		"sign":        {header(func(h *Header) { h.Sign = "-loss" }), []string{`sign: "-loss"`}},
		"measurement": {header(func(h *Header) { h.Measurement = "taste" }), []string{`measurement: "taste"`}},
		"unit":        {header(func(h *Header) { h.Unit = "kg" }), []string{`unit: "kg"`}},
		"type":        {header(func(h *Header) { h.Layout.Type = "BF16" }), []string{shard1, `"rows" is F32`}},
		"scales":      {header(func(h *Header) { h.Layout.Type = "I8" }), []string{shard1, "2 tensors, want 3"}},
		"overlap":     {header(func(h *Header) { h.Shards[1].Row0 = 3 }), []string{"shards[1]", "overlap"}},
		"list short":  {header(func(h *Header) { h.Shards = h.Shards[:2] }), []string{"2 that are listed hold 8 rows, not 10"}},
		"path":        {header(func(h *Header) { h.Shards[1].File = "../" + shard1 }), []string{"shards[1].file"}},
		"not done":    {header(func(h *Header) { h.Shards[1].Done = false }), []string{"shards[1].sha256"}},
		"norm":        {header(func(h *Header) { h.Shards[1].MaxNorm = -1 }), []string{"shards[1].maxNorm"}},
		"shard rows":  {header(func(h *Header) { h.ShardRows = 0 }), []string{"shardRows"}},
		"wrong width": {header(func(h *Header) { h.Layout.Width = 6 }), []string{shard1, `"rows"`, "[4 6]", "shard-00002"}},
		"factored":    {header(func(h *Header) { h.Layout = Factored(Layer{Name: "x", In: 5, Out: 1, Positions: 1}) }), []string{"2 tensors, want 3"}},
		"missing":     {func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, shard1)) }, []string{shard1, "no such file"}},
		"empty":       {func(t *testing.T, dir string) { overwrite(t, dir, shard1, nil) }, []string{shard1}},
		"cut short":   {func(t *testing.T, dir string) { overwrite(t, dir, shard1, []byte(contents(t, dir)[shard1][:200])) }, []string{shard1, "SHA-256"}},
		"changed":     {flip(shard1), []string{shard1, "SHA-256"}},
		"swapped": {func(t *testing.T, dir string) {
			overwrite(t, dir, shard1, []byte(contents(t, dir)["shard-00000.safetensors"]))
		}, []string{shard1, "SHA-256"}},
		"forged twice": {forge(func(ts []safetensors.Tensor) { ts[0] = safetensors.New(idsTensor, ids(0, 4), 4) }), []string{shard1, "given twice"}},
		"no ids":       {forge(func(ts []safetensors.Tensor) { ts[0].Name = "ids" }), []string{shard1, `"row_ids" is missing`}},
		"ids as F32":   {forge(func(ts []safetensors.Tensor) { ts[0] = safetensors.New(idsTensor, make([]float32, 4), 4) }), []string{shard1, "row_ids", "F32"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := written(t, flatHeader())
			c.damage(t, dir)
			s, err := Open(context.Background(), dir)
			wantError(t, err, c.want...)
			if s != nil {
				t.Error("a damaged store was opened")
			}
		})
	}
}

func flip(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		data := []byte(contents(t, dir)[name])
		data[len(data)-3] ^= 1
		overwrite(t, dir, name, data)
	}
}

// forge rewrites shard 1 with hashes that fit.
func forge(change func([]safetensors.Tensor)) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		name := filepath.Join(dir, shardName(1))
		meta, tensors, err := safetensors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		change(tensors)
		var buf bytes.Buffer
		if err := safetensors.Write(&buf, meta, tensors); err != nil {
			t.Fatal(err)
		}
		overwrite(t, dir, shardName(1), buf.Bytes())
		sum := sha256.Sum256(buf.Bytes())
		resign(t, dir, func(h *Header) { h.Shards[1].SHA256 = hex.EncodeToString(sum[:]) })
	}
}

// TestCheck finds what only the numbers show.
func TestCheck(t *testing.T) {
	for bad, want := range map[float32]string{float32(math.Inf(1)): "row 1", 1e6: "maxNorm"} {
		dir := written(t, flatHeader())
		forge(func(ts []safetensors.Tensor) {
			v, _ := safetensors.Values[float32](ts[1])
			v[5] = bad
			ts[1] = safetensors.New("rows", v, 4, 5)
		})(t, dir)
		wantError(t, Check(context.Background(), dir), want, dir)
	}
	wantError(t, Check(context.Background(), t.TempDir()), "no such file")
}
