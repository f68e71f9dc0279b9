package corpus

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"attrib/internal/testneed"
)

func TestOpen(t *testing.T) {
	c := good().open(t)
	if c.Len() != 4 || c.Count(SplitTrain) != 3 || c.Width() != 3 || c.Classes() != 4 || c.Kind() != KindNumbers {
		t.Errorf("%d samples, %d to train, width %d, %d classes, %s", c.Len(), c.Count(SplitTrain), c.Width(), c.Classes(), c.Kind())
	}
	want, _ := new(big.Int).SetString("1000000000000000000007", 10)
	if c.Earned().Cmp(want) != 0 {
		t.Errorf("earned %s, want %s", c.Earned(), want)
	}
	players, group := c.Players(RoleData), []int32{}
	for row := range c.Len() {
		group = append(group, players.Of(int64(row)))
	}
	names := players.Names
	if !reflect.DeepEqual(names, []string{"ann"}) || !reflect.DeepEqual(group, []int32{0, 0, 0, -1}) {
		t.Errorf("players %v of %v", names, group)
	}
	if len(c.Warnings) != 0 || len(c.Approvals) != 1 {
		t.Errorf("warnings %v, approvals %v", c.Warnings, c.Approvals)
	}
	if i, ok := c.Lookup("rev"); !ok || c.Contributors[i].ID != "rev" {
		t.Error("contributor rev is not found")
	}
}

// The hash is what the package documentation says, computed here by hand.
func TestHashIsAsDocumented(t *testing.T) {
	c := good().open(t)
	sum := func(v ...float64) string {
		var b []byte
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		}
		return fmt.Sprintf("%x", sha256.Sum256(b))
	}
	text := `["s1","` + sum(1, 2.5, -3) + `",0,"ann","MIT","train"]` + "\n" +
		`["s2","` + sum(4, 5, 6) + `",1,"bob","MIT","train"]` + "\n" +
		`["s3","` + sum(7, 8, 9) + `",2,"ann","","train"]` + "\n" +
		`["s4","` + sum(0, 0, 1) + `",1,"","","held-out"]` + "\n"
	if want := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); c.Hash() != want {
		t.Errorf("hash %s, want %s", c.Hash(), want)
	}
	text = `["q1","` + sum(1, 1, 1) + `",3,null,"1000000000000000000000","pip","rev"]` + "\n" +
		`["q2","` + sum(2, 2, 2) + `",0,null,"7","",""]` + "\n"
	if want := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); c.QueriesHash() != want {
		t.Errorf("queries hash %s, want %s", c.QueriesHash(), want)
	}
}

func TestHashesSeeWhatMatters(t *testing.T) {
	base := good().open(t)
	same := good().with(t, "corpus.jsonl", `{"a":[1]}`, `{"b":2}`).with(t, "corpus.jsonl", `[4,5,6]`, `[ 4.0, 5e0,6 ]`).open(t)
	if same.Hash() != base.Hash() || same.QueriesHash() != base.QueriesHash() {
		t.Error("the hash depends on spelling or meta")
	}
	for _, edit := range [][2]string{{`[4,5,6]`, `[4,5,7]`}, {`"label":1`, `"label":2`}, {`"s2"`, `"s5"`}, {`"bob","licence":"MIT"`, `"bob","licence":"GPL"`}, {`"held-out"`, `"test"`}} {
		if c := good().with(t, "corpus.jsonl", edit[0], edit[1]).open(t); c.Hash() == base.Hash() {
			t.Errorf("the hash does not see %s → %s", edit[0], edit[1])
		}
	}
	for _, edit := range [][2]string{{`[2,2,2]`, `[2,2,1]`}, {`"label":3`, `"label":2`}, {`:7`, `:8`}, {`"promptBy":"pip",`, ``}} {
		if c := good().with(t, "queries.jsonl", edit[0], edit[1]).open(t); c.QueriesHash() == base.QueriesHash() {
			t.Errorf("the queries hash does not see %s → %s", edit[0], edit[1])
		}
	}
}

// badFolder is a folder with one mistake and what the error must name.
type badFolder struct {
	name  string
	files files
	want  []string
}

func badFolders(t *testing.T) []badFolder {
	g := good()
	s := func(old, new string) files { return g.with(t, "corpus.jsonl", old, new) }
	c := func(old, new string) files { return g.with(t, "contributors.jsonl", old, new) }
	q := func(old, new string) files { return g.with(t, "queries.jsonl", old, new) }
	a := func(old, new string) files { return g.with(t, "approvals.jsonl", old, new) }
	ann := testAddress("ann")
	return []badFolder{
		{"duplicate sample", s(`"s2"`, `"s1"`), []string{`corpus.jsonl:2: sample "s1": field "id"`, "line 1"}},
		{"no sample id", s(`"id":"s2",`, ``), []string{`corpus.jsonl:2`, `"id": is missing`}},
		{"line with control characters", s(`"s2"`, `"s\n2"`), []string{`corpus.jsonl:2`, "control"}},
		{"unknown contributor", s(`"bob"`, `"eve"`), []string{`sample "s2": field "contributor": "eve"`}},
		{"no contributor", s(`"contributor":"bob",`, ``), []string{`sample "s2": field "contributor": is missing`}},
		{"sample of a reviewer", s(`"bob"`, `"rev"`), []string{`sample "s2"`, `role "review"`}},
		{"empty corpus", g.set("corpus.jsonl", "\n"), []string{"corpus.jsonl: has no records"}},
		{"nothing to train on", s(`"split":"train"`, `"split":"test"`).with(t, "corpus.jsonl", `"ann","licence"`, `"ann","split":"test","licence"`).with(t, "corpus.jsonl", `"ann","sha256"`, `"ann","split":"test","sha256"`),
			[]string{`corpus.jsonl: no sample has the split "train"`}},
		{"no corpus file", g.without("corpus.jsonl"), []string{"corpus.jsonl", "corpus.csv"}},
		{"two corpus files", g.set("corpus.csv", "id\n"), []string{"corpus.jsonl", "corpus.csv", "keep one"}},
		{"no queries", g.set("queries.jsonl", ""), []string{"queries.jsonl: has no records"}},
		{"no query file", g.without("queries.jsonl"), []string{"queries.jsonl"}},
		{"no contributors", g.set("contributors.jsonl", ""), []string{"contributors.jsonl: has no records"}},
		{"data contributor without samples", s(`"bob"`, `"ann"`), []string{`contributors.jsonl:2: contributor "bob"`, "no sample"}},
		{"only held-out samples", s(`"split":"train"`, `"split":"held-out"`), []string{`contributor "bob"`}},
		{"wrong split", s(`"held-out"`, `"heldout"`), []string{`corpus.jsonl:5: sample "s4": field "split"`, "heldout"}},
		{"width", s(`[4,5,6]`, `[4,5]`), []string{`corpus.jsonl:2: sample "s2": field "content": has 2 features`, `sample "s1" has 3`}},
		{"query width", q(`[2,2,2]`, `[2]`), []string{`queries.jsonl:2: query "q2": field "content": has 1 features`}},
		{"mixed kinds", s(`[4,5,6]`, `"text"`), []string{`sample "s2"`, "text", "numbers"}},
		{"NaN", s(`[4,5,6]`, `[4,NaN,6]`), []string{`corpus.jsonl:2`, `"content": number 1 is NaN`}},
		{"infinity", s(`[4,5,6]`, `[-Infinity,5,6]`), []string{`corpus.jsonl:2`, `number 0 is -Infinity`}},
		{"overflow", s(`[4,5,6]`, `[4,5,1e999]`), []string{`sample "s2": field "content": number 2 is +Inf`}},
		{"beyond float32", s(`[4,5,6]`, `[4,1e39,6]`), []string{`number 1 is 1e+39`}},
		{"null element", s(`[4,5,6]`, `[4,null,6]`), []string{"corpus.jsonl:2", "element 1 is not a number"}},
		{"nested", s(`[4,5,6]`, `[[4],5,6]`), []string{"corpus.jsonl:2", "element 0"}},
		{"empty array", s(`[4,5,6]`, `[]`), []string{`sample "s2"`, "empty array"}},
		{"object content", s(`[4,5,6]`, `{}`), []string{"corpus.jsonl:2", "text or an array"}},
		{"no content", s(`"content":[4,5,6],`, ``), []string{`sample "s2": field "content": is missing`}},
		{"content and path", s(`"content":[4,5,6],`, `"content":[4,5,6],"path":"x",`), []string{`sample "s2": field "path"`}},
		{"absolute path", s(`"content":[4,5,6]`, `"path":"/etc/passwd"`), []string{`sample "s2": field "path"`, "absolute"}},
		{"path upwards", s(`"content":[4,5,6]`, `"path":"a/../../x"`), []string{`sample "s2": field "path"`, "leaves"}},
		{"missing file", s(`"content":[4,5,6]`, `"path":"a.png"`), []string{`sample "s2": field "path": "a.png"`, "no such file"}},
		{"folder as file", s(`"content":[4,5,6]`, `"path":"d"`).set("d/x", ""), []string{`sample "s2"`, "not a regular file"}},
		{"no image", s(`"content":[4,5,6]`, `"path":"a.png"`).set("a.png", "GIF"), []string{`sample "s2": field "path": "a.png"`}},
		{"edited asset", s(`[7,8,9]`, `[7,8,8]`), []string{`corpus.jsonl:4: sample "s3": field "sha256": the asset was edited`}},
		{"bad hash", s(`"6554`, `"zzzz`), []string{`sample "s3": field "sha256"`}},
		{"negative label", s(`"label":1`, `"label":-1`), []string{`sample "s2": field "label"`}},
		{"label as text", s(`"label":1`, `"label":"one"`), []string{"corpus.jsonl:2", `"label"`}},
		{"unknown field", s(`"label":1`, `"lable":1`), []string{"corpus.jsonl:2", "lable"}},
		{"field twice", s(`"label":1`, `"label":1,"label":2`), []string{"corpus.jsonl:2", `"label" is given twice`}},
		{"not JSON", s(`{"id":"s2"`, `"id":"s2"`), []string{"corpus.jsonl:2"}},
		{"future", s(`{"id":"s2"`, `{"schema":"attrib.sample/2","new":1,"id":"s2"`), []string{"corpus.jsonl:2", "future"}},
		{"other schema", s(`{"id":"s2"`, `{"schema":"attrib.query/1","id":"s2"`), []string{"corpus.jsonl:2", "attrib.sample/1"}},
		{"duplicate contributor", c(`"id":"bob"`, `"id":"ann"`), []string{`contributors.jsonl:2: contributor "ann": field "id"`, "line 1"}},
		{"duplicate address", c(testAddress("bob"), strings.ToLower(ann)), []string{`contributor "bob": field "address"`, `"ann"`}},
		{"bad checksum", c(ann, swapCase(ann)), []string{`contributor "ann": field "address"`, "checksum", ann}},
		{"short address", c(ann, ann[:40]), []string{`contributor "ann": field "address"`}},
		{"zero address", c(ann, "0x"+strings.Repeat("0", 40)), []string{`contributor "ann": field "address"`, "zero"}},
		{"role", c(`"prompt"`, `"prompter"`), []string{`contributor "pip": field "role": is "prompter"`}},
		{"chain of units", c(`"role":"data"}`, `"role":"data","unit":"x"}`), []string{`contributor "bob": field "unit"`, `"ann"`, `"x"`}},
		{"claim file missing", c(`"role":"data"}`, `"role":"data","claim":"c.json"}`), []string{`contributor "ann": field "claim": "c.json"`}},
		{"claim file outside", c(`"role":"data"}`, `"role":"data","claim":"../c.json"}`), []string{`contributor "ann": field "claim"`, "leaves"}},
		{"claim of the future", c(`"role":"data"}`, `"role":"data","claim":{"schema":"attrib.claim/9"}}`), []string{`contributors.jsonl:1`, `"claim"`, "future"}},
		{"duplicate query", q(`"q2"`, `"q1"`), []string{`queries.jsonl:2: query "q1": field "id"`}},
		{"zero weight", q(`:7`, `:0`), []string{`query "q2": field "weight": is 0`}},
		{"negative weight", q(`:7`, `:"-7"`), []string{`query "q2": field "weight": is -7`}},
		{"fraction", q(`:7`, `:7.5`), []string{"queries.jsonl:2", `"weight"`, "7.5"}},
		{"huge weight", q(`:7`, `:1`+strings.Repeat("0", 78)), []string{"queries.jsonl:2", `"weight"`}},
		{"missing weight", q(`,"weight":7`, ``), []string{`query "q2": field "weight": is missing`}},
		{"label and target", q(`"label":0`, `"label":0,"target":"x"`), []string{`query "q2": field "target"`}},
		{"unknown prompter", q(`"pip"`, `"pop"`), []string{`query "q1": field "promptBy": "pop"`}},
		{"prompter of another role", q(`"pip"`, `"rev"`), []string{`query "q1": field "promptBy"`, `role "review"`}},
		{"unknown reviewer", q(`"rev"`, `"ver"`), []string{`query "q1": field "reviewedBy": "ver"`}},
		{"approval of nothing", a(`"q1"`, `"q9"`), []string{`approvals.jsonl:1`, `field "query": "q9"`}},
		{"approval by nobody", a(`"rev"`, `"ver"`), []string{`approvals.jsonl:1`, `field "by": "ver"`}},
		{"approval by a data contributor", a(`"rev"`, `"ann"`), []string{`field "by": "ann" has the role "data"`}},
		{"verdict", a(`"approved"`, `"fine"`), []string{`field "verdict": is "fine"`}},
		{"two verdicts", g.set("approvals.jsonl", g["approvals.jsonl"]+g["approvals.jsonl"]), []string{`approvals.jsonl:2`, "line 1"}},
	}
}

// swapCase turns one letter, which breaks the checksum.
func swapCase(address string) string {
	i := strings.IndexFunc(address[2:], func(r rune) bool { return r >= 'a' && r <= 'f' }) + 2
	return address[:i] + strings.ToUpper(address[i:i+1]) + address[i+1:]
}

// Every mistake is named, and is the only thing that is reported.
func TestBadFolders(t *testing.T) {
	for _, test := range badFolders(t) {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(test.files.write(t))
			var invalid *Invalid
			if !errors.As(err, &invalid) {
				t.Fatalf("error is %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q:\n%v", want, err)
				}
			}
			if len(invalid.Problems) != 1 {
				t.Errorf("%d problems, want 1:\n%v", len(invalid.Problems), err)
			}
		})
	}
}

func TestLinksMayNotLeaveTheFolder(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(outside, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := good().with(t, "corpus.jsonl", `"content":[4,5,6]`, `"path":"in/link.txt"`).set("in/x", "").write(t)
	if err := os.Symlink(outside, filepath.Join(dir, "in", "link.txt")); err != nil {
		testneed.Missing(t, "symlinks", err.Error())
	}
	_, err := Open(dir)
	if err == nil || !strings.Contains(err.Error(), `sample "s2": field "path": "in/link.txt": a link leads out`) {
		t.Errorf("error is %v", err)
	}
}

func TestAllProblemsTogether(t *testing.T) {
	var lines strings.Builder
	for i := range 30 {
		fmt.Fprintf(&lines, `{"id":"s%d","content":[1],"contributor":"nobody%d"}`+"\n", i, i)
	}
	_, err := Open(good().set("corpus.jsonl", lines.String()).write(t))
	var invalid *Invalid
	if !errors.As(err, &invalid) || len(invalid.Problems) != MaxProblems || invalid.More != 12 { // 30 samples, two query widths
		t.Fatalf("error is %v", err)
	}
	if text := err.Error(); strings.Count(text, "\n") != MaxProblems || !strings.HasSuffix(text, "and 12 more") {
		t.Errorf("message is %s", text)
	}
	var p Problem
	if !errors.As(err, &p) || p.Line != 1 || p.Field != "contributor" || p.Record != `sample "s0"` || filepath.Base(p.File) != "corpus.jsonl" {
		t.Errorf("first problem is %+v", p)
	}
}

func TestNoFolder(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

func TestAddressWithoutChecksumIsAWarning(t *testing.T) {
	ann := testAddress("ann")
	for _, spelt := range []string{strings.ToLower(ann), "0x" + strings.ToUpper(ann[2:])} {
		c := good().with(t, "contributors.jsonl", ann, spelt).open(t)
		if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Error(), ann) || !strings.Contains(c.Warnings[0].Error(), "contributors.jsonl:1") {
			t.Errorf("warnings are %v", c.Warnings)
		}
		if c.Contributors[0].Address != ann {
			t.Errorf("address is %s", c.Contributors[0].Address)
		}
	}
}

// The examples of EIP-55.
func TestEIP55(t *testing.T) {
	for _, s := range []string{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
		"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"} {
		if a, checked, err := ParseAddress(s); err != nil || !checked || a.Hex() != s {
			t.Errorf("%s: %v, %v, %v", s, a, checked, err)
		}
		if _, _, err := ParseAddress(swapCase(s)); err == nil {
			t.Errorf("%s is accepted", swapCase(s))
		}
	}
}

func TestWeightsMayBeLeftOutTogether(t *testing.T) {
	c := good().with(t, "queries.jsonl", `,"weight":7`, ``).with(t, "queries.jsonl", `"weight":"1000000000000000000000",`, ``).open(t)
	if c.Queries[0].Weight.String() != "1" || c.Queries[1].Weight.String() != "1" {
		t.Errorf("weights are %v and %v", c.Queries[0].Weight, c.Queries[1].Weight)
	}
}

func TestTextCorpus(t *testing.T) {
	f := files{"contributors.jsonl": good()["contributors.jsonl"],
		"corpus.jsonl": `{"id":"a","content":"ein Satz","contributor":"ann"}
{"id":"b","path":"t/b.txt","contributor":"bob"}
`, "t/b.txt": "zwei Sätze\n",
		"queries.jsonl": `{"id":"q","content":"drei","target":"vier"}` + "\n"}
	c := f.open(t)
	if c.Kind() != KindText || c.Width() != 0 || c.Classes() != 0 {
		t.Errorf("kind %s, width %d, %d classes", c.Kind(), c.Width(), c.Classes())
	}
	var got []string
	err := c.Samples(func(_ int64, s Sample) error {
		data, err := c.Bytes(s)
		got = append(got, string(data))
		if want := sha256.Sum256(data); s.SHA256 != hex.EncodeToString(want[:]) {
			t.Errorf("%s has the hash %s", s.ID, s.SHA256)
		}
		if _, err := c.Features(s); err == nil || !strings.Contains(err.Error(), s.ID) || !strings.Contains(err.Error(), "encoder") {
			t.Errorf("features of a text: %v", err)
		}
		return err
	})
	if err != nil || !reflect.DeepEqual(got, []string{"ein Satz", "zwei Sätze\n"}) {
		t.Errorf("texts %q, %v", got, err)
	}
}
