package store

import (
	"errors"
	"fmt"
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
	var h Header
	if err := strictjson.ReadFile(path, &h); err != nil {
		return Header{}, err
	}
	if err := errors.Join(h.validate(), h.checkShards(), h.checkDigest()); err != nil {
		return Header{}, fmt.Errorf("%s: %w", path, err)
	}
	return h, nil
}

func (h Header) checkDigest() error {
	want := h.Digest
	if _, err := h.seal(); err != nil {
		return err
	}
	if h.Digest != want {
		return fmt.Errorf("digest: %q is not that of the content, %q: the file was changed", want, h.Digest)
	}
	return nil
}
