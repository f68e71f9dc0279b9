package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var (
	schemasMu sync.Mutex
	schemas   = map[string]*jsonschema.Schema{}
)

// publishedSchema compiles docs/schemas/<name>.v1.json once.
func publishedSchema(name string) (*jsonschema.Schema, error) {
	schemasMu.Lock()
	defer schemasMu.Unlock()
	if s := schemas[name]; s != nil {
		return s, nil
	}
	path, err := filepath.Abs(filepath.Join("..", "..", "..", "docs", "schemas", name+".v1.json"))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(path)
	schemas[name] = s
	return s, err
}

// validJSON holds one JSON value against a published schema.
func validJSON(name, text string) error {
	s, err := publishedSchema(name)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return fmt.Errorf("%w in %q", err, text)
	}
	return s.Validate(value)
}

// Every published schema compiles, says which schema it is of, and refuses what it does not know.
func TestPublishedSchemasCompileAndAreStrict(t *testing.T) {
	files, err := filepath.Glob("../../../docs/schemas/*.json")
	if err != nil || len(files) < 39 {
		t.Fatalf("schemas: %d, %v", len(files), err)
	}
	for _, path := range files {
		name, ok := strings.CutSuffix(filepath.Base(path), ".v1.json")
		if !ok {
			t.Errorf("%s: the name does not end in .v1.json", path)
			continue
		}
		if err := validJSON(name, `{"no such field": 1}`); err == nil {
			t.Errorf("%s: an unknown field passes", path)
		} else if !strings.Contains(err.Error(), "no such field") {
			t.Errorf("%s: an unknown field is refused for another reason: %v", path, err)
		}
	}
}
