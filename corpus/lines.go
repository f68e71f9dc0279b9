package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"attrib/internal/strictjson"
)

// table is one of the folder's record files.
type table struct {
	name    string // without extension
	schema  string
	columns map[string]columnKind // of the CSV form
}

var (
	sampleTable = table{"corpus", SampleSchema, map[string]columnKind{
		"schema": textColumn, "id": textColumn, "content": textColumn, "features": numbersColumn, "path": textColumn, "label": integerColumn,
		"contributor": textColumn, "licence": textColumn, "sha256": textColumn, "split": textColumn, "meta": jsonColumn}}
	contributorTable = table{"contributors", ContributorSchema, map[string]columnKind{
		"schema": textColumn, "id": textColumn, "address": textColumn, "role": textColumn, "claim": textColumn, "unit": textColumn, "meta": jsonColumn}}
	queryTable = table{"queries", QuerySchema, map[string]columnKind{
		"schema": textColumn, "id": textColumn, "content": textColumn, "features": numbersColumn, "path": textColumn, "label": integerColumn,
		"target": textColumn, "weight": textColumn, "promptBy": textColumn, "reviewedBy": textColumn}}
	approvalTable = table{"approvals", ApprovalSchema, map[string]columnKind{
		"schema": textColumn, "query": textColumn, "by": textColumn, "verdict": textColumn}}
	claimTable = table{schema: ClaimSchema} // one claim a file, or inside a contributor's line
)

// find returns the path of the table's file, which must be one of NAME.jsonl and NAME.csv. A missing file is
// os.ErrNotExist.
func (t table) find(dir string) (string, error) {
	var found []string
	for _, ext := range []string{".jsonl", ".csv"} {
		path := filepath.Join(dir, t.name+ext)
		if _, err := os.Stat(path); err == nil {
			found = append(found, path)
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 2:
		return "", fmt.Errorf("both %s and %s are there; keep one", found[0], found[1])
	}
	return "", fmt.Errorf("%s: %w (nor %s.csv)", filepath.Join(dir, t.name+".jsonl"), os.ErrNotExist, t.name)
}

// visitRecord gets a record's line and its JSON form, or the reason why it could not be read.
type visitRecord func(line int, data []byte, bad error) error

// read visits the records of the file at path.
func (t table) read(path string, visit visitRecord) error {
	if strings.HasSuffix(path, ".csv") {
		return t.readCSV(path, visit)
	}
	return strictjson.Lines(path, func(line int, data []byte) error { return visit(line, data, nil) })
}

// decode reads one record strictly. The schema is looked at first where the record cannot be read, so that a record of a later version is
// reported as that and not by the field that is new.
func (t table) decode(data []byte, v any, schema *string) error {
	err := strictjson.Unmarshal(data, v)
	if err != nil {
		var head struct {
			Schema string `json:"schema"`
		}
		if json.Unmarshal(data, &head) != nil || head.Schema == "" {
			return clearer(data, err)
		}
		*schema = head.Schema
	}
	if *schema != "" {
		if wrong := strictjson.CheckSchema(*schema, t.schema); wrong != nil {
			return wrong
		}
	}
	return clearer(data, err)
}

var notFinite = regexp.MustCompile(`[\[,:]\s*([-+]?(?:NaN|nan|Infinity|inf|Inf))\b`)

// clearer words a decoding error for one line: without a line number inside it, and with the literals that other
// languages write for numbers JSON cannot hold.
func clearer(data []byte, err error) error {
	if err == nil {
		return nil
	}
	if m := notFinite.FindSubmatchIndex(data); m != nil && strings.Contains(err.Error(), "not JSON") {
		element := strings.Count(string(data[strings.LastIndex(string(data[:m[2]]), "[")+1:m[2]]), ",")
		return fmt.Errorf("field \"content\": number %d is %s: features must be finite float32 values", element, data[m[2]:m[3]])
	}
	text := strings.TrimPrefix(err.Error(), "line 1: ")
	return errors.New(text)
}
