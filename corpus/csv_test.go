package corpus

import (
	"errors"
	"strings"
	"testing"
)

// asCSV is the good folder in its other form.
func asCSV(t *testing.T) files {
	t.Helper()
	return files{
		"contributors.csv": "id,address,role,unit,claim\nann," + testAddress("ann") + ",data,,\nbob," + testAddress("bob") + ",data,ann,\npip," +
			testAddress("pip") + ",prompt,,\nrev," + testAddress("rev") + ",review,,\n",
		"corpus.csv": "\xef\xbb\xbfid,features,label,contributor,licence,split,meta\r\n" +
			"s1,1 2.5 -3,0,ann,MIT,,\r\n" + `s2," 4.  5e0 +6",1,bob,MIT,train,"{""a"":[1]}"` + "\r\n" + "s3,7 8 9,2,ann,,,\r\ns4,0 0 1,1,,,held-out,\r\n",
		"queries.csv":   "id,features,label,weight,promptBy,reviewedBy\nq1,1 1 1,3,1000000000000000000000,pip,rev\nq2,2 2 2,0,7,,\n",
		"approvals.csv": "query,by,verdict\nq1,rev,approved\n",
	}
}

func TestCSVIsTheSameCorpus(t *testing.T) {
	lines, rows := good().open(t), asCSV(t).open(t)
	if lines.Hash() != rows.Hash() || lines.QueriesHash() != rows.QueriesHash() {
		t.Error("the two forms differ")
	}
	a, err := lines.Load(SplitTrain)
	if err != nil {
		t.Fatal(err)
	}
	b, err := rows.Load(SplitTrain)
	if err != nil {
		t.Fatal(err)
	}
	equalBatches(t, b, a)
}

func TestCSVText(t *testing.T) {
	f := files{"contributors.jsonl": good()["contributors.jsonl"],
		"corpus.csv":  "contributor,id,content\nann,a,\"1 2, \"\"3\"\"\nend\"\nbob,b,7\n",
		"queries.csv": "id,content,target\nq,x,y\n"}
	c := f.open(t)
	var got []string
	err := c.Samples(func(_ int64, s Sample) error {
		got = append(got, s.Content.Text)
		return nil
	})
	if err != nil || strings.Join(got, "|") != "1 2, \"3\"\nend|7" {
		t.Errorf("texts %q, %v", got, err)
	}
}

func TestBadCSV(t *testing.T) {
	f := asCSV(t)
	s := func(old, new string) files { return f.with(t, "corpus.csv", old, new) }
	for _, test := range []badFolder{
		{"unknown column", s("licence", "license"), []string{`corpus.csv:1: unknown column "license"`, "licence"}},
		{"column twice", s("licence", "label"), []string{`corpus.csv:1: column "label" is there twice`}},
		{"empty file", f.set("corpus.csv", ""), []string{"corpus.csv:1", "empty"}},
		{"header only", f.set("corpus.csv", "id,features\n"), []string{"corpus.csv: has no records"}},
		{"missing cell", s("ann,MIT,,", "ann,MIT,"), []string{"corpus.csv:2: has 6 cells, the header has 7"}},
		{"NaN", s("7 8 9", "7 nan 9"), []string{`corpus.csv:4: column "features": number 1 is nan`}},
		{"infinite", s("7 8 9", "7 8 -Inf"), []string{`corpus.csv:4: column "features": number 2 is -Inf`}},
		{"overflow", s("7 8 9", "1e400 8 9"), []string{`corpus.csv:4: column "features": number 0 is 1e400`}},
		{"no number", s("7 8 9", "7;8 9"), []string{`corpus.csv:4: column "features": number 0 is "7;8"`}},
		{"no label", s("7 8 9,2", "7 8 9,2.5"), []string{`corpus.csv:4: column "label": "2.5"`}},
		{"meta", s(`{""a"":[1]}`, `{a}`), []string{`corpus.csv:3: column "meta"`}},
		{"width", s("7 8 9", "7 8"), []string{`corpus.csv:4: sample "s3"`, "has 2 features"}},
		{"weight", f.with(t, "queries.csv", ",7,", ",-7,"), []string{`queries.csv:3: query "q2": field "weight"`}},
		{"two contents", f.set("corpus.csv", "id,content,features,contributor\na,x,1,ann\nb,y,,bob\n").set("queries.csv", "id,content\nq,x\n").without("approvals.csv"), []string{"corpus.csv:2", "both"}},
		{"quotes", f.with(t, "approvals.csv", "q1,", `"q1,`), []string{"approvals.csv", "line 2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(test.files.write(t))
			var invalid *Invalid
			if !errors.As(err, &invalid) || len(invalid.Problems) != 1 {
				t.Fatalf("error is %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q:\n%v", want, err)
				}
			}
		})
	}
}
