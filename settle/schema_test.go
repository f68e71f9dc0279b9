package settle

import (
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"os"
)

// TestWrittenFilesFollowTheirSchemas: of a first epoch, a second one and a given seed.
func TestWrittenFilesFollowTheirSchemas(t *testing.T) {
	first, e := testBundle(t)
	second, _ := testBundleAfter(t, must(LoadPrevious(first)), 2)
	given := t.TempDir()
	writeInputs(t, given)
	finishBundle(t, given, GivenSeed(e.InputHash, e.Root), nil, 1)
	for _, dir := range []string{first, second, given} {
		for _, name := range []string{FileSeed, FilePrevious, FilePayees, FileEpoch, FileManifest} {
			base := name[:len(name)-len(".json")]
			schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "docs", "schemas", base+".v1.json"))
			if err != nil {
				t.Fatal(err)
			}
			f := must(os.Open(filepath.Join(dir, name)))
			value, err := jsonschema.UnmarshalJSON(f)
			f.Close()
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
