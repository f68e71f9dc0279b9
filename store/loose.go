package store

import (
	"encoding/json"
	"fmt"
	"os"
)

// readLoose reads only the fields that v has: enough to see which version a file is before it is read strictly.
func readLoose(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: not JSON: %w", path, err)
	}
	return nil
}
