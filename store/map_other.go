//go:build !unix

package store

import (
	"errors"
	"os"
)

const canMap = false

func mapFile(*os.File, int64, int64) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmap([]byte) {}

func spaceLimit() int64 { return 1 << 62 }
