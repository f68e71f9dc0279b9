package peers

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"attrib/internal/testneed"
	"attrib/kernels"
	"attrib/store"
)

// attribTorch runs a script with the package of python/ on the path, in a Python that has PyTorch.
func attribTorch(t *testing.T, script string, args ...string) {
	t.Helper()
	program := testneed.Tool(t, "python3")
	if exec.Command(program, "-c", "import torch, safetensors, numpy").Run() != nil {
		testneed.Missing(t, "torch", program+" has no torch, numpy or safetensors package")
	}
	path, err := filepath.Abs("../../python")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"-c", script}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+path, "PYTHONDONTWRITEBYTECODE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// sameStore writes, from numbers that both languages make alike, every kind of store.
const sameStore = `
import sys, torch
from attrib_torch import Layer, StoreWriter
folder, dtype, factored = sys.argv[1], sys.argv[2], sys.argv[3] == "factored"
layers = [Layer("fc.1", 3, 2), Layer("cönv<&>", 2, 4, 3, 9, 7)] if factored else []
def numbers(rows, *shape):
    n = rows * torch.Size(shape).numel()
    return ((torch.arange(n, dtype=torch.float64) * 37 % 101 - 50) / 8).float().reshape(rows, *shape)
with StoreWriter(folder, rows=10, measurement="log-prob", layers=layers, width=0 if factored else 5, dtype=dtype, shard_rows=4, of="outputs",
                 corpus="ab" * 32, seed=bytes(range(32)) if factored else None) as w:
    for i, row0, n in w.todo():
        t = {"rows": numbers(n, 5)} if not factored else {f"{s}.{l.name}": numbers(n, l.positions, l.inputs if s == "a" else l.outputs) for l in layers for s in "ad"}
        w.write_shard(i, [(row0 + k) * 3 for k in range(n)], t)
    assert w.finish()
`

func sameNumbers(rows, cols int) kernels.Matrix {
	v := make([]float32, rows*cols)
	for i := range v {
		v[i] = float32((float64(i*37%101) - 50) / 8)
	}
	return kernels.F32(rows, cols, v)
}

// writeSame is sameStore in Go.
func writeSame(dir, dtype string, factored bool) error {
	h := store.Header{Of: store.OfOutputs, Kind: store.KindGradients, Sign: store.SignGoodnessGradient, Measurement: store.MeasureLogProb, Unit: store.UnitInfluence,
		Layout: store.Flat(5), Corpus: strings.Repeat("ab", 32), Rows: 10, ShardRows: 4}
	if factored {
		h.Layout = store.Factored(store.Layer{Name: "fc.1", In: 3, Out: 2, Positions: 1}, store.Layer{Name: "cönv<&>", In: 2, Out: 4, Positions: 3, FullIn: 9, FullOut: 7})
		h.ProjectionSeed = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	}
	h.Layout.Type = dtype
	w, err := store.Create(dir, h, store.Options{})
	if err != nil {
		return err
	}
	for i, s := range w.Header().Shards {
		n, ids := int(s.Rows), []int64{}
		for k := range s.Rows {
			ids = append(ids, 3*(s.Row0+k))
		}
		t := &kernels.Tile{Rows: n, Flat: sameNumbers(n, 5)}
		if factored {
			t = &kernels.Tile{Rows: n, A: []kernels.Matrix{sameNumbers(n, 3), sameNumbers(n*3, 2)}, D: []kernels.Matrix{sameNumbers(n, 2), sameNumbers(n*3, 4)}}
		}
		if err := w.WriteShard(i, ids, t); err != nil {
			return err
		}
	}
	return w.Finish()
}

// ordered are the digits of a norm that depend on the order of a sum, and the digest over them.
var ordered = regexp.MustCompile(`(?:"digest": "[0-9a-f]{64}")|(?:("maxNorm": [0-9]+\.[0-9]{4})[0-9]*)`)

// TestStores: Python's writer makes the bytes that ours makes, and what it makes is read here.
func TestStores(t *testing.T) {
	for _, dtype := range []string{"F32", "BF16", "F16", "I8"} {
		for _, form := range []string{"flat", "factored"} {
			ours, theirs := t.TempDir(), t.TempDir()
			if err := writeSame(ours, dtype, form == "factored"); err != nil {
				t.Fatal(err)
			}
			attribTorch(t, sameStore, theirs, dtype, form)
			if err := store.Check(context.Background(), theirs); err != nil {
				t.Errorf("%s %s: %v", dtype, form, err)
			}
			a, b := visible(t, ours), visible(t, theirs)
			for name, data := range a {
				if ordered.ReplaceAllString(b[name], "$1") != ordered.ReplaceAllString(data, "$1") {
					t.Errorf("%s %s: %s differs:\n%q\n%q", dtype, form, name, data, b[name])
				}
			}
			if len(a) != len(b) || len(a) != 4 {
				t.Errorf("%d and %d files", len(a), len(b))
			}
		}
	}
}

func visible(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(data)
	}
	return out
}

// TestHookStore: what the hook writes from a module is read here, covariances with it.
func TestHookStore(t *testing.T) {
	dir := t.TempDir()
	attribTorch(t, `
import sys, torch
from torch import nn
from attrib_torch import write_gradients
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 4, 3, padding="same"), nn.ReLU(inplace=True), nn.Conv2d(4, 2, 3, groups=2, dilation=2), nn.Tanh(), nn.Flatten(), nn.Linear(8, 3))
x, y = torch.randn(9, 1, 6, 6), torch.arange(9) % 3
net[5].bias.requires_grad_(False)
loss = lambda m, x, y: nn.functional.cross_entropy(m(x), y, reduction="none")
assert write_gradients(net, loss, lambda lo, hi: (x[lo:hi], y[lo:hi]), sys.argv[1], rows=9, shard_rows=4, project=(4, 2), seed=bytes(32), covariances=True)
`, dir)
	if err := store.Check(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	names := []string{}
	for _, l := range s.Header().Layout.Layers {
		names = append(names, l.Name)
	}
	if want := []string{"0", "2.g0", "2.g1", "5"}; !slices.Equal(names, want) {
		t.Errorf("layers %q, want %q", names, want)
	}
	if len(s.Header().Model) != 64 {
		t.Errorf("model is %q, want a hash of the parameters", s.Header().Model)
	}
	for row, id := range s.RowIDs() {
		if row != id {
			t.Errorf("row %d is sample %d", row, id)
		}
	}
	tile := &kernels.Tile{Rows: 9}
	if err := s.Read(context.Background(), 0, tile); err != nil {
		t.Fatal(err)
	}
	defer tile.Release()
	for l := range s.Header().Layout.Layers {
		a, d, err := s.Covariances(l)
		if err := errors.Join(err, near(a, tile.A[l]), near(d, tile.D[l])); err != nil {
			t.Errorf("layer %d: %v", l, err)
		}
	}
}

// refusedHeaders writes a store and then headers that must not be read, each with the right digest.
const refusedHeaders = `
import copy, json, sys, torch
from pathlib import Path
from attrib_torch import Store, StoreError, StoreWriter
from attrib_torch.header import seal
with StoreWriter(sys.argv[1], rows=4, measurement="loss", width=2, shard_rows=2) as w:
    for i, row0, n in w.todo():
        w.write_shard(i, range(row0, row0 + n), {"rows": torch.ones(n, 2)})
    assert w.finish()
folder = Path(sys.argv[1])
whole = json.loads((folder / "store.json").read_text())
del whole["digest"]
bad = [{"unit": "banana"}, {"sign": "minus"}, {"sign": "none"}, {"measurement": "taste"}, {"kind": "embeddings"}, {"of": "x"}, {"schema": "attrib.store/2"}, {"model": "x"},
       {"rows": 5}, {"rows": 0}, {"shardRows": -4}, {"shardRows": 1}, {"projectionSeed": "00" * 32}, {"covariances": {"file": "covariances.safetensors", "sha256": "00" * 32}},
       {"layout": {"type": "F64", "width": 2, "layers": []}}, {"layout": {"type": "F32", "width": 0, "layers": []}}, {"colour": "red"}, {"shards": whole["shards"][:1]}]
for field, value in [("file", "../shard-00001.safetensors"), ("file", "shard-00000.safetensors"), ("row0", 1), ("row0", 3), ("rows", 0), ("rows", 3), ("sha256", ""), ("maxNorm", -1.0), ("done", False)]:
    shards = copy.deepcopy(whole["shards"])
    shards[1][field] = value
    bad.append({"shards": shards})
for i, change in enumerate(bad):
    path = folder / "bad" / f"{i:02d}"
    path.mkdir(parents=True)
    (path / "store.json").write_bytes(seal({**whole, **change}))
    try:
        Store(path)
    except StoreError:
        continue
    raise SystemExit(f"Python reads {change}")
`

// TestHeaders: what Python refuses in a header is refused here, and what it writes is read.
func TestHeaders(t *testing.T) {
	dir := t.TempDir()
	attribTorch(t, refusedHeaders, dir)
	if _, err := store.ReadHeader(dir); err != nil {
		t.Fatal(err)
	}
	bad, err := filepath.Glob(filepath.Join(dir, "bad", "*"))
	if err != nil || len(bad) < 25 {
		t.Fatal(len(bad), err)
	}
	for _, path := range bad {
		if _, err := store.ReadHeader(path); err == nil {
			data, _ := os.ReadFile(filepath.Join(path, store.HeaderFile))
			t.Errorf("it is read here:\n%s", data)
		}
	}
}

// near compares a covariance with the sum over rows.
func near(c *kernels.Sym64, m kernels.Matrix) error {
	for i := range c.N {
		for j := range c.N {
			sum := 0.0
			for r := range m.Rows {
				sum += float64(m.Row(r)[i]) * float64(m.Row(r)[j])
			}
			if d := sum - c.At(i, j); d > 1e-9 || d < -1e-9 {
				return errors.New("the covariance is not the sum over the rows")
			}
		}
	}
	return nil
}
