package settle

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attrib/internal/strictjson"

	"github.com/ethereum/go-ethereum/common"
)

// editList gives the list under a key of a JSON file another order or other entries.
func editList(t *testing.T, dir, name, key string, change func([]any) []any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(must(os.ReadFile(filepath.Join(dir, name)))))
	dec.UseNumber()
	var root map[string]any
	if err := dec.Decode(&root); err != nil {
		t.Fatal(err)
	}
	root[key] = change(root[key].([]any))
	write(t, dir, name, must(strictjson.Marshal(root)))
}

func replace(t *testing.T, dir, name, from, to string) {
	t.Helper()
	data := must(os.ReadFile(filepath.Join(dir, name)))
	if !bytes.Contains(data, []byte(from)) {
		t.Fatalf("%s does not contain %q", name, from)
	}
	write(t, dir, name, bytes.Replace(data, []byte(from), []byte(to), 1))
}

const tensorName = "scores.int.safetensors"

// TestVerifySaysWhatWasDone: the findings, whole, of what may be done to a bundle.
func TestVerifySaysWhatWasDone(t *testing.T) {
	matrix := func(t *testing.T, dir string, rows ...[]int32) { write(t, dir, tensorName, tensorFile(rows)) }
	a, b, c := testMatrix[0], testMatrix[1], testMatrix[2]
	for _, x := range []struct {
		name string
		do   func(t *testing.T, dir string)
		want []string
	}{
		{"value of an input", func(t *testing.T, dir string) { replace(t, dir, FilePolicy, "10000", "9999") },
			[]string{"policy.json: roles.data: differs from what was posted: found 9999"}},
		{"value of an input with an id", func(t *testing.T, dir string) { replace(t, dir, "outputs.json", `"101"`, `"9"`) },
			[]string{`outputs.json: outputs[1].earned (q1): differs from what was posted: found "9"`}},
		{"derived value", func(t *testing.T, dir string) { replace(t, dir, FilePayees, `"amount": "257"`, `"amount": "300"`) },
			[]string{`payees.json: payees[0].amount (c0): differs from what was posted: found "300", posted and recomputed: "257"`}},
		{"derived value removed", func(t *testing.T, dir string) { replace(t, dir, FilePayees, `"amount": "257",`, ``) },
			[]string{`payees.json: payees[0].amount (c0): the field was removed, posted and recomputed: "257"`}},
		{"field added", func(t *testing.T, dir string) { replace(t, dir, FilePolicy, `"data"`, `"x": [1], "data"`) },
			[]string{"policy.json: roles.x: the field was added: an object or a list"}},
		{"entry removed", func(t *testing.T, dir string) {
			editList(t, dir, FilePayees, "payees", func(l []any) []any { return slices.Delete(l, 1, 2) })
		}, []string{"payees.json: payees[1]: the entry was removed"}},
		{"entries removed", func(t *testing.T, dir string) {
			editList(t, dir, FilePayees, "payees", func(l []any) []any { return l[2:] })
		}, []string{"payees.json: payees: payees[0] to payees[1] were removed"}},
		{"entry inserted", func(t *testing.T, dir string) {
			editList(t, dir, FilePayees, "payees", func(l []any) []any { return slices.Insert(l, 2, any(map[string]any{"id": "thief"})) })
		}, []string{"payees.json: payees[2] (thief): an entry was inserted here"}},
		{"entry appended", func(t *testing.T, dir string) {
			editList(t, dir, "scores.json", "players", func(l []any) []any { return append(l, "thief") })
		}, []string{"scores.json: players[4]: an entry was inserted here"}},
		{"entries swapped", func(t *testing.T, dir string) {
			editList(t, dir, FilePayees, "payees", func(l []any) []any { l[1], l[3] = l[3], l[1]; return l })
		}, []string{"payees.json: payees: payees[1] and payees[3] were swapped"}},
		{"entry moved up", func(t *testing.T, dir string) {
			editList(t, dir, "outputs.json", "outputs", func(l []any) []any { return []any{l[2], l[0], l[1]} })
		}, []string{"outputs.json: outputs: outputs[2] was moved to outputs[0]"}},
		{"entry moved down", func(t *testing.T, dir string) {
			editList(t, dir, "outputs.json", "outputs", func(l []any) []any { return []any{l[1], l[2], l[0]} })
		}, []string{"outputs.json: outputs: outputs[0] was moved to outputs[2]"}},
		{"list reversed", func(t *testing.T, dir string) {
			editList(t, dir, FilePayees, "payees", func(l []any) []any { slices.Reverse(l); return l })
		}, []string{"payees.json: payees: 4 entries are in another order: what was payees[0] is payees[3], what was payees[1] is payees[2], what was payees[2] is payees[1], what was payees[3] is payees[0]"}},
		{"entry removed and another changed", func(t *testing.T, dir string) {
			editList(t, dir, FilePayees, "payees", func(l []any) []any {
				l[0].(map[string]any)["amount"] = "1"
				return slices.Delete(l, 2, 3)
			})
		}, []string{"payees.json: payees[2]: the entry was removed", "payees.json: payees[0] (c0): the entry was changed, too"}},
		{"an equal neighbour", func(t *testing.T, dir string) { replace(t, dir, "scores.json", `"c1"`, `"c2"`) },
			[]string{`scores.json: players[1]: differs from what was posted: found "c2"`}},
		{"list emptied", func(t *testing.T, dir string) {
			editList(t, dir, "clusters.json", "clusters", func([]any) []any { return []any{} })
		}, []string{"clusters.json: clusters: was emptied: it had 1 entry"}},
		{"list filled", func(t *testing.T, dir string) {
			editList(t, dir, FilePrevious, "proof", func(l []any) []any { return append(l, "0x00") })
		}, []string{"previous.json: proof: was empty and has 1 entry"}},
		{"tensor element", func(t *testing.T, dir string) { matrix(t, dir, a, []int32{4, 7, 2, 1}, c) },
			[]string{tensorName + ": values[1][2]: differs from what was posted: found 2"}},
		{"tensor elements", func(t *testing.T, dir string) { matrix(t, dir, []int32{5, -2, 9, 2}, []int32{4, 7, 2, 1}, c) },
			[]string{tensorName + ": values: differs from what was posted in rows 0, 1 and columns 2, 3: two or more of the elements [0][2], [0][3], [1][2], [1][3]"}},
		{"tensor rows", func(t *testing.T, dir string) { matrix(t, dir, b, a, c) },
			[]string{tensorName + ": values.rows: values.rows[0] and values.rows[1] were swapped"}},
		{"tensor columns", func(t *testing.T, dir string) {
			matrix(t, dir, []int32{-2, 5, 9, 1}, []int32{7, 4, 0, 1}, []int32{2, -1, 3, 2})
		}, []string{tensorName + ": values.columns: values.columns[0] and values.columns[1] were swapped"}},
		{"tensor shape", func(t *testing.T, dir string) { replace(t, dir, tensorName, "[3,4]", "[4,3]") },
			[]string{tensorName + ": values.shape: is [4 3], posted was [3 4]"}},
		{"tensor rank", func(t *testing.T, dir string) { replace(t, dir, tensorName, `[3,4],"`, `[12],  "`) },
			[]string{tensorName + ": the file was changed and cannot be read: "}},
		{"tensor type", func(t *testing.T, dir string) { replace(t, dir, tensorName, "I32", "F32") },
			[]string{tensorName + `: values.dtype: differs from what was posted: found "F32"`}},
		{"tensor name", func(t *testing.T, dir string) { replace(t, dir, tensorName, `"values"`, `"valueS"`) },
			[]string{tensorName + ": values: the tensor is missing", tensorName + ": valueS: is not in the posted file"}},
		{"tensor metadata", func(t *testing.T, dir string) { replace(t, dir, tensorName, `"-20"`, `"-21"`) },
			[]string{tensorName + `: __metadata__.scale: differs from what was posted: found "-21"`}},
		{"file emptied", func(t *testing.T, dir string) { write(t, dir, FilePolicy, nil) }, []string{"policy.json: the file is empty"}},
		{"manifest emptied", func(t *testing.T, dir string) { write(t, dir, FileManifest, nil) }, []string{"manifest.json: the file is empty"}},
		{"letter case of a name", func(t *testing.T, dir string) { rename(t, dir, FilePayees, "Payees.json") },
			[]string{"payees.json: the file is missing; Payees.json holds its content", "Payees.json: the file is not part of the posted bundle"}},
		{"letter case and content", func(t *testing.T, dir string) {
			replace(t, dir, FilePayees, "257", "300")
			rename(t, dir, FilePayees, "Payees.json")
		}, []string{"payees.json: the file is missing; Payees.json is another name", "Payees.json: the file is not part of the posted bundle"}},
		{"manifest entry removed", func(t *testing.T, dir string) {
			editList(t, dir, FileManifest, "entries", func(l []any) []any { return slices.Delete(l, 4, 5) })
		}, []string{"manifest.json: entries[4]: (the entry of clusters.json: schema) the entry was removed"}},
		{"manifest entry added", func(t *testing.T, dir string) {
			editList(t, dir, FileManifest, "entries", func(l []any) []any {
				return append(l, map[string]any{"file": "x.json", "field": "/a", "phase": "input", "hash": "0x00"})
			})
		}, []string{"manifest.json: entries[151]: (the entry of x.json: a) an entry was inserted here"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir, e := testBundle(t)
			x.do(t, dir)
			r := verify(t, dir, e.Evidence, VerifyOptions{})
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.String())
			}
			if len(got) != len(x.want) {
				t.Fatalf("findings:\n%s", strings.Join(got, "\n"))
			}
			for i := range got {
				if got[i] != x.want[i] && !(strings.HasSuffix(x.want[i], ": ") && strings.HasPrefix(got[i], x.want[i])) {
					t.Errorf("finding %d:\n%s\nwant\n%s", i, got[i], x.want[i])
				}
			}
		})
	}
}

func rename(t *testing.T, dir, from, to string) {
	t.Helper()
	if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyCapsFindings: a wide row changes many elements.
func TestVerifyCapsFindings(t *testing.T) {
	dir, e := testBundle(t)
	policy := map[string]any{}
	for i := range 50 {
		policy[string(rune('a'+i%26))+string(rune('a'+i/26))] = i
	}
	write(t, dir, FilePolicy, must(strictjson.Marshal(policy)))
	r := verify(t, dir, e.Evidence, VerifyOptions{})
	if n := len(r.Findings); n != maxPerFile+1 || !strings.Contains(r.Findings[n-1].Detail, "more of its fields") {
		t.Error(r.Findings)
	}
}

// TestVerifyFindsLyingManifests: posted with the hash of a manifest that the files do not give.
func TestVerifyFindsLyingManifests(t *testing.T) {
	for _, c := range []struct {
		name string
		lie  func(m *Manifest)
		want string
	}{
		{"phase of a file", func(m *Manifest) {
			for i := range m.Entries {
				if m.Entries[i].File == "recipe.json" {
					m.Entries[i].Phase = PhaseResult
				}
			}
		}, `recipe.json: the manifest lists it as "result", but it is "input": results are only seed.json, shares.json`},
		{"phase of a result", func(m *Manifest) {
			for i := range m.Entries {
				if m.Entries[i].File == FilePayees {
					m.Entries[i].Phase = PhaseInput
				}
			}
		}, `payees.json: the manifest lists it as "input", but it is "result": it is derived after the commit`},
		{"an entry twice", func(m *Manifest) {
			m.Entries = slices.Insert(m.Entries, 3, m.Entries[3])
			m.Entries[3].Hash = m.Entries[0].Hash
		}, "manifest.json: entries: has "},
		{"a field unlisted", func(m *Manifest) { m.Entries = slices.Delete(m.Entries, 1, 2) }, "clusters.json: clusters[0].id (u/1): the field was added"},
		{"a field's hash", func(m *Manifest) { m.Entries[1].Hash = m.Entries[2].Hash }, "clusters.json: clusters[0].id (u/1): differs from what was posted"},
	} {
		dir, _ := testBundle(t)
		var m Manifest
		if err := strictjson.ReadFile(filepath.Join(dir, FileManifest), &m); err != nil {
			t.Fatal(err)
		}
		c.lie(&m)
		write(t, dir, FileManifest, must(strictjson.Marshal(m)))
		r := verify(t, dir, must(entriesRoot(m.Entries, "")), VerifyOptions{})
		if len(r.Findings) == 0 || !strings.HasPrefix(r.Findings[0].String(), c.want) {
			t.Errorf("%s: %v", c.name, r.Findings)
		}
	}
}

// TestVerifyAnotherBundle: an input or a result altered and everything hashed anew, against the original hash.
func TestVerifyAnotherBundle(t *testing.T) {
	for name, want := range map[string]string{
		"outputs.json": "an input file is among the changed ones: the input files give input hash 0x",
		FilePayees:     "the input files give the input hash that epoch.json says was committed",
	} {
		dir, e := testBundle(t)
		replace(t, dir, name, `"id": "`, `"id": "x`)
		must(Seal(dir))
		r := verify(t, dir, e.Evidence, VerifyOptions{})
		text := r.Findings[0].Detail
		if !strings.Contains(text, "cannot be told from the hashes of another bundle") || !strings.Contains(text, want) {
			t.Errorf("%s: %s", name, text)
		}
		posted := Posted{Number: 1, InputHash: common.HexToHash("0x77")}
		r = verify(t, dir, e.Evidence, VerifyOptions{Posted: &posted})
		if text := r.Findings[0].Detail; !strings.Contains(text, "0000077 (by the ledger)") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestZeroHashesAreHashes: a zero that was given is compared like any other.
func TestZeroHashesAreHashes(t *testing.T) {
	dir, first := testBundle(t)
	if r := verify(t, dir, common.Hash{}, VerifyOptions{}); r.Err() == nil || r.Authentic {
		t.Error("a zero evidence hash was taken for none")
	}
	for field, o := range map[string]VerifyOptions{
		FilePrevious: {PreviousEvidence: new(common.Hash)}, FileSeed: {SeedBlock: new(common.Hash)},
	} {
		if r := verify(t, dir, first.Evidence, o); len(r.Findings) == 0 || r.Findings[0].File != field {
			t.Errorf("%s: %v", field, r.Findings)
		}
	}
	r := verify(t, dir, first.Evidence, VerifyOptions{PreviousEvidence: &first.Evidence})
	if err := r.Err(); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), "previous.json: evidence: the bundle says that there was no previous epoch, posted was 0x") {
		t.Error(err)
	}
}

func TestElementTextReadsTheElement(t *testing.T) {
	d := &differ{data: tensorFile([][]int32{{1, 2, 3}, {4, -5, 6}})}
	if got := d.elementText("/values", 1, 1); got != ": found -5" {
		t.Error(got)
	}
	if got := d.elementText("/values", 2, 0) + d.elementText("/other", 0, 0); got != "" {
		t.Error(got)
	}
	if binary.LittleEndian.Uint64(d.data) == 0 {
		t.Error("no header")
	}
}
