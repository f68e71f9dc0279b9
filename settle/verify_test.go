package settle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attrib/internal/strictjson"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"
)

func hashOf(hex string) *common.Hash {
	h := common.HexToHash(hex)
	return &h
}

func TestVerifyAcceptsTwoEpochs(t *testing.T) {
	dir, first := testBundle(t)
	if first.Leaves != 3 || first.CarriedTotal.IsZero() {
		t.Fatalf("leaves %d, carried %s: the test wants a payee below the minimum", first.Leaves, first.CarriedTotal)
	}
	r := verify(t, dir, first.Evidence, VerifyOptions{})
	if r.Err() != nil || !r.Authentic || r.Epoch.Root != first.Root {
		t.Fatalf("first epoch: %v, %+v", r.Err(), r)
	}
	if len(r.Unchecked) != 2 {
		t.Errorf("unchecked %q, want the block hash and the ledger", r.Unchecked)
	}
	previous, err := LoadPrevious(dir)
	if err != nil {
		t.Fatal(err)
	}
	dir2, second := testBundleAfter(t, previous, 2)
	r = verify(t, dir2, second.Evidence, VerifyOptions{
		PreviousEvidence: &first.Evidence, SeedBlock: hashOf("0xb10c"),
		Posted: &Posted{2, 1337, testLedger, common.Address{}, second.Root, second.InputHash, second.CumulativeTotal, second.Leaves},
	})
	if r.Err() != nil || len(r.Unchecked) != 0 {
		t.Fatalf("second epoch: %v, unchecked %q", r.Err(), r.Unchecked)
	}
	if loaded := must(Load(dir2)); loaded.Root != second.Root || loaded.Evidence != second.Evidence || len(loaded.Payees) != len(second.Payees) {
		t.Errorf("loaded %+v", loaded)
	}
	if h := must(EvidenceHash(dir2)); h != second.Evidence {
		t.Errorf("EvidenceHash %s, want %s", h, second.Evidence)
	}
}

// TestVerifyNamesEveryChange changes every leaf of every JSON file, one at a time, and one tensor element.
func TestVerifyNamesEveryChange(t *testing.T) {
	dir, e := testBundle(t)
	n := changeEveryLeaf(t, dir, func() *Report { return verify(t, dir, e.Evidence, VerifyOptions{}) }, func(string) bool { return true })
	if n < 500 {
		t.Fatalf("%d leaves were changed", n)
	}
	matrix := slices.Clone(testMatrix)
	matrix[1] = []int32{4, 7, 1, 1}
	write(t, dir, "scores.int.safetensors", tensorFile(matrix))
	r := verify(t, dir, e.Evidence, VerifyOptions{})
	if len(r.Findings) != 1 || !strings.HasPrefix(r.Findings[0].String(), "scores.int.safetensors: values[1][2]: ") {
		t.Errorf("one tensor element: %v", r.Findings)
	}
}

// changeEveryLeaf changes each leaf of the JSON files that want names, one at a time, and expects one finding that
// names just it. It returns how many there were.
func changeEveryLeaf(t *testing.T, dir string, check func() *Report, want func(name string) bool) int {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	leaves := 0
	for _, entry := range list {
		name := entry.Name()
		if filepath.Ext(name) != ".json" || !want(name) {
			continue
		}
		original := must(os.ReadFile(filepath.Join(dir, name)))
		for _, f := range must(jsonFields(original)) {
			leaves++
			write(t, dir, name, changeLeaf(t, original, f.pointer))
			if r := check(); len(r.Findings) != 1 || r.Findings[0].File != name || r.Findings[0].Field != f.pointer {
				t.Fatalf("%s: change of %s: findings %v", name, f.pointer, r.Findings)
			}
		}
		write(t, dir, name, original)
	}
	return leaves
}

// changeLeaf gives the leaf at a pointer another value of the same kind.
func changeLeaf(t *testing.T, data []byte, pointer string) []byte {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var root any
	if err := dec.Decode(&root); err != nil {
		t.Fatal(err)
	}
	text, err := strictjson.Marshal(rebuild(root, strings.Split(pointer[1:], "/")))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// rebuild copies a value with another leaf at the path.
func rebuild(root any, tokens []string) any {
	if len(tokens) == 0 {
		return otherValue(root)
	}
	switch v := root.(type) {
	case map[string]any:
		key := unescape(tokens[0])
		v = maps.Clone(v)
		v[key] = rebuild(v[key], tokens[1:])
		return v
	case []any:
		i := must(json.Number(tokens[0]).Int64())
		v = slices.Clone(v)
		v[i] = rebuild(v[i], tokens[1:])
		return v
	}
	return root
}

func otherValue(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) > 0 && v[len(v)-1] == '1' {
			return v[:len(v)-1] + "2"
		}
		if len(v) > 0 {
			return v[:len(v)-1] + "1"
		}
		return "1"
	case json.Number:
		if v == "0" {
			return 7
		}
		return json.Number(v.String() + "1")
	case bool:
		return !v
	case nil:
		return 0
	case []any:
		return []any{1}
	}
	return "changed"
}

func TestVerifyNamesOtherTampering(t *testing.T) {
	read := func(dir, name string) []byte { return must(os.ReadFile(filepath.Join(dir, name))) }
	for _, c := range []struct {
		name   string
		change func(dir string)
		want   string
	}{
		{"field added", func(dir string) {
			write(t, dir, FilePolicy, bytes.Replace(read(dir, FilePolicy), []byte(`"data"`), []byte(`"extra": 1, "data"`), 1))
		}, "policy.json: roles.extra: the field was added"},
		{"field removed", func(dir string) {
			write(t, dir, FilePayees, bytes.Replace(read(dir, FilePayees), []byte(`"id": "c1",`), nil, 1))
		}, "payees.json: payees[1].id: the field was removed"},
		{"key given twice", func(dir string) {
			write(t, dir, FilePolicy, bytes.Replace(read(dir, FilePolicy), []byte(`"data": 10000`), []byte(`"data": 1, "data": 10000`), 1))
		}, "policy.json: the file was changed and cannot be read: field roles.data is given twice"},
		{"reformatted", func(dir string) {
			var b bytes.Buffer
			if err := json.Compact(&b, read(dir, FilePayees)); err != nil {
				t.Fatal(err)
			}
			write(t, dir, FilePayees, b.Bytes())
		}, "payees.json: its bytes differ from what was posted, though no field does (formatting)"},
		{"manifest reformatted", func(dir string) { write(t, dir, FileManifest, append(read(dir, FileManifest), ' ')) },
			"manifest.json: its bytes differ"},
		{"truncated", func(dir string) { write(t, dir, FileWeights, read(dir, FileWeights)[:50]) },
			"weights.json: the file was changed and cannot be read: the file ends in the middle"},
		{"truncated tensor", func(dir string) {
			data := read(dir, "scores.int.safetensors")
			write(t, dir, "scores.int.safetensors", data[:len(data)-3])
		}, `scores.int.safetensors: the file was changed and cannot be read: `},
		{"empty", func(dir string) { write(t, dir, FileEpoch, nil) }, "epoch.json: the file is empty"},
		{"not JSON", func(dir string) { write(t, dir, FileEpoch, []byte("{\n!")) }, "epoch.json: the file was changed and cannot be read: line 2"},
		{"removed", func(dir string) { _ = os.Remove(filepath.Join(dir, "clusters.json")) }, "clusters.json: the file is missing"},
		{"manifest removed", func(dir string) { _ = os.Remove(filepath.Join(dir, FileManifest)) }, "manifest.json: the file is missing"},
		{"added", func(dir string) { write(t, dir, "extra.json", []byte("{}")) }, "extra.json: the file is not part of the posted bundle"},
		{"folder added", func(dir string) { _ = os.Mkdir(filepath.Join(dir, "more"), 0o755) }, "more: is a folder"},
		{"link", func(dir string) {
			path := filepath.Join(dir, FilePolicy)
			elsewhere := filepath.Join(t.TempDir(), "policy.json")
			if err := errors.Join(os.Rename(path, elsewhere), os.Symlink(elsewhere, path)); err != nil {
				t.Fatal(err)
			}
		}, "policy.json: is a symbolic link"},
		{"manifest entry with a path", func(dir string) {
			write(t, dir, FileManifest, bytes.Replace(read(dir, FileManifest), []byte(`"file": "epoch.json"`), []byte(`"file": "../epoch.json"`), 1))
		}, "manifest.json: entries["},
		{"manifest and file changed", func(dir string) {
			write(t, dir, FileManifest, bytes.Replace(read(dir, FileManifest), []byte(`"field": "/number"`), []byte(`"field": "/numbers"`), 1))
			write(t, dir, FilePolicy, bytes.Replace(read(dir, FilePolicy), []byte("10000"), []byte("9999"), 1))
		}, "policy.json: roles.data: differs"},
		{"two rows, one column", func(dir string) {
			m := [][]int32{{6, -2, 9, 1}, testMatrix[1], {-2, 2, 3, 2}}
			write(t, dir, "scores.int.safetensors", tensorFile(m))
		}, "scores.int.safetensors: values[2][0]: differs"},
		{"two rows, two columns", func(dir string) {
			m := [][]int32{{6, -2, 9, 1}, testMatrix[1], {-1, 3, 3, 2}}
			write(t, dir, "scores.int.safetensors", tensorFile(m))
		}, "scores.int.safetensors: values: differs from what was posted in rows 0, 2 and columns 0, 1: two or more of the elements [0][0], [0][1], [2][0], [2][1]"},
		{"shape", func(dir string) {
			write(t, dir, "scores.int.safetensors", bytes.Replace(read(dir, "scores.int.safetensors"), []byte("[3,4]"), []byte("[4,3]"), 1))
		}, "scores.int.safetensors: values.shape: is [4 3], posted was [3 4]"},
	} {
		dir, e := testBundle(t)
		c.change(dir)
		err := verify(t, dir, e.Evidence, VerifyOptions{}).Err()
		if !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %q", c.name, err, c.want)
		}
	}
}

// TestVerifyCatchesConsistentLies alters numbers and hashes everything anew, so that only recomputation can tell.
func TestVerifyCatchesConsistentLies(t *testing.T) {
	edit := func(t *testing.T, dir, name, from, to string) {
		data := must(os.ReadFile(filepath.Join(dir, name)))
		if !bytes.Contains(data, []byte(from)) {
			t.Fatalf("%s does not contain %q:\n%s", name, from, data)
		}
		write(t, dir, name, bytes.Replace(data, []byte(from), []byte(to), 1))
	}
	for _, c := range []struct {
		name string
		lie  func(t *testing.T, dir string, e *Epoch)
		want string
	}{
		{"a share", func(t *testing.T, dir string, e *Epoch) { edit(t, dir, FileShares, `"value": "802"`, `"value": "902"`) },
			`shares.json: shares[0].value (c0): the bundle says "902", recomputation gives "802"`},
		{"an annotation", func(t *testing.T, dir string, e *Epoch) { edit(t, dir, FileShares, `"high": 0.`, `"high": 0.9`) },
			"shares.json: shares[0].high (c0): the bundle says 0.9"},
		{"weights moved to a friend", func(t *testing.T, dir string, e *Epoch) {
			shares := must(readShares(must(os.ReadFile(filepath.Join(dir, FileContributors))), must(os.ReadFile(filepath.Join(dir, FileWeights)))))
			shares[0].Weight, shares[1].Weight = shares[0].Weight-1<<60, shares[1].Weight+1<<60
			var lines []weight
			for _, s := range shares {
				lines = append(lines, weight{s.ID, uint256.NewInt(s.Weight).Dec()})
			}
			text := must(strictjson.Marshal(map[string]any{"schema": "attrib.weights/1", "weights": lines}))
			write(t, dir, FileWeights, text)
			seed := must(readSeed(must(os.ReadFile(filepath.Join(dir, FileSeed)))))
			must(Prepare(dir, Posting{1, 1337, testLedger, common.Address{}, uint256.NewInt(1000), seed, nil}))
		}, "weights.json: weights[0].weight (c0): the bundle says"},
		{"an amount", func(t *testing.T, dir string, e *Epoch) {
			edit(t, dir, FilePayees, `"amount": "`+e.Payees[0].Amount.Dec()+`"`, `"amount": "999"`)
		}, `payees.json: payees[0].amount (c0): the bundle says "999", recomputation gives`},
		{"the root", func(t *testing.T, dir string, e *Epoch) {
			edit(t, dir, FileEpoch, e.Root.Hex(), common.HexToHash("0x12").Hex())
		}, "epoch.json: root: the bundle says"},
		{"the seed", func(t *testing.T, dir string, e *Epoch) {
			edit(t, dir, FileSeed, must(readSeed(must(os.ReadFile(filepath.Join(dir, FileSeed))))).Value, common.HexToHash("0x99").Hex())
		}, "seed.json: value: the bundle says"},
		{"an input without a new commit", func(t *testing.T, dir string, e *Epoch) {
			edit(t, dir, "outputs.json", `"earned": "100"`, `"earned": "900"`)
		}, "seed.json: inputHash: the bundle says"},
		{"a previous credit", func(t *testing.T, dir string, e *Epoch) {
			p := must(LoadPrevious(dir))
			writeInputs(t, dir)
			p.Payees[3].Credit = uint256.NewInt(500)
			finishBundle(t, dir, CommittedSeed(must(InputHash(dir)), 41, common.HexToHash("0xb10c")), p, 2)
		}, "previous.json: payees: these payees are not proved"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, e := testBundle(t)
			c.lie(t, dir, e)
			evidence := must(Seal(dir))
			r := verify(t, dir, evidence, VerifyOptions{})
			if !r.Authentic || len(r.Findings) == 0 || !strings.Contains(r.Findings[0].String(), c.want) {
				t.Errorf("authentic %v, findings %v, want first %q", r.Authentic, r.Findings, c.want)
			}
			r = verify(t, dir, e.Evidence, VerifyOptions{})
			if err := r.Err(); err == nil || !strings.Contains(err.Error(), "this is not the posted bundle") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("against the old hash: %v", err)
			}
		})
	}
}

func TestVerifyAgainstTheLedger(t *testing.T) {
	dir, e := testBundle(t)
	good := Posted{1, 1337, testLedger, common.Address{}, e.Root, e.InputHash, e.CumulativeTotal, e.Leaves}
	if r := verify(t, dir, e.Evidence, VerifyOptions{Posted: &good}); r.Err() != nil {
		t.Fatal(r.Err())
	}
	for want, change := range map[string]func(*Posted){
		"number": func(p *Posted) { p.Number = 2 }, "chainId": func(p *Posted) { p.ChainID = 1 },
		"contract": func(p *Posted) { p.Ledger = account(1) }, "token": func(p *Posted) { p.Token = account(1) },
		"root": func(p *Posted) { p.Root[0]++ }, "inputHash": func(p *Posted) { p.InputHash[0]++ },
		"cumulativeTotal": func(p *Posted) { p.CumulativeTotal = uint256.NewInt(1) }, "leaves": func(p *Posted) { p.Leaves++ },
	} {
		p := good
		change(&p)
		r := verify(t, dir, e.Evidence, VerifyOptions{Posted: &p})
		if len(r.Findings) != 1 || r.Findings[0].Field != "/"+want {
			t.Errorf("%s: %v", want, r.Findings)
		}
	}
	r := verify(t, dir, e.Evidence, VerifyOptions{SeedBlock: hashOf("0xbad")})
	if r.Err() == nil || r.Findings[0].String()[:len("seed.json: blockHash")] != "seed.json: blockHash" {
		t.Errorf("another block: %v", r.Findings)
	}
}

func TestVerifyWithoutHashOrComputation(t *testing.T) {
	dir, _ := testBundle(t)
	r, err := Verify(t.Context(), dir, common.Hash{}, VerifyOptions{Unposted: true})
	if err != nil || r.Err() != nil || r.Authentic || len(r.Unchecked) != 4 {
		t.Fatalf("%v, %v, authentic %v, unchecked %q", err, r.Err(), r.Authentic, r.Unchecked)
	}
	if _, err := Verify(t.Context(), filepath.Join(dir, "nowhere"), common.Hash{}, VerifyOptions{Unposted: true}); err == nil || errors.Is(err, ErrMismatch) {
		t.Errorf("a folder that is not there: %v, want an error that is no mismatch", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stop := func(ctx context.Context, in map[string][]byte, seed [32]byte) ([]byte, []byte, error) {
		cancel()
		return nil, nil, ctx.Err()
	}
	if _, err := Verify(ctx, dir, common.Hash{}, VerifyOptions{Compute: stop, Unposted: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestPrepareRefuses(t *testing.T) {
	dir, _ := testBundle(t)
	seed := must(readSeed(must(os.ReadFile(filepath.Join(dir, FileSeed)))))
	posting := Posting{1, 1337, testLedger, common.Address{}, uint256.NewInt(1000), seed, nil}
	for _, c := range []struct{ name, file, from, to, want string }{
		{"inputs changed after the commit", "outputs.json", `"100"`, `"101"`, "changed after the commit"},
		{"truncated input", "recipe.json", "}", "", "recipe.json: the file ends in the middle"},
		{"unknown contributor", FileWeights, `"c1"`, `"zz"`, `contributors[1].id: "c1" has no weight`},
		{"repeated weight", FileWeights, `"c1"`, `"c0"`, `weights[1].id: "c0" is given twice`},
		{"odd weight", FileWeights, `"weight": "`, `"weight": "0`, "weights[0].weight: \"0"},
	} {
		data := must(os.ReadFile(filepath.Join(dir, c.file)))
		write(t, dir, c.file, bytes.Replace(data, []byte(c.from), []byte(c.to), 1))
		if _, err := Prepare(dir, posting); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		write(t, dir, c.file, data)
	}
	data := must(os.ReadFile(filepath.Join(dir, FileContributors)))
	bad := bytes.Replace(data, []byte(account(1).Hex()), []byte("0x8041F89DF1F95278055660B8F3E7fF8071E6Be03"), 1)
	if _, err := readShares(bad, must(os.ReadFile(filepath.Join(dir, FileWeights)))); err == nil || !strings.Contains(err.Error(), "contributors[1].address (c1): address 0x8041F8") {
		t.Errorf("bad checksum: %v", err)
	}
}

func TestReadable(t *testing.T) {
	for pointer, want := range map[string]string{
		"/payees/3/address": "payees[3].address", "/a~1b/x~0y": `["a/b"]["x~y"]`, "/values/1/2": "values[1][2]", "": "",
	} {
		if got := Readable(pointer); got != want {
			t.Errorf("%s: %s, want %s", pointer, got, want)
		}
	}
}
