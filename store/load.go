package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"attrib/internal/strictjson"
)

// ReadHeader reads and checks store.json of the folder, without looking at the shards. A store that is still being
// written has a valid header whose shards are not all done.
func ReadHeader(dir string) (Header, error) {
	path := filepath.Join(dir, HeaderFile)
	var probe struct {
		Schema string `json:"schema"`
	}
	if err := readLoose(path, &probe); err != nil {
		return Header{}, err
	}
	if err := strictjson.CheckSchema(probe.Schema, Schema); err != nil {
		return Header{}, fmt.Errorf("%s: %w", path, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Header{}, err
	}
	var h Header
	if err := strictjson.Unmarshal(data, &h); err != nil {
		return Header{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := errors.Join(h.validate(), h.checkShards(), h.checkDigest(data)); err != nil {
		return Header{}, fmt.Errorf("%s: %w", path, err)
	}
	return h, nil
}

func (h Header) checkDigest(data []byte) error {
	if got := digestOf(data); got != h.Digest {
		return fmt.Errorf("digest: %q is not that of the content, %q: the file was changed", h.Digest, got)
	}
	return nil
}
