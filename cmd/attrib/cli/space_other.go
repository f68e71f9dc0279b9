//go:build !linux

package cli

import "math"

// addressSpace is not known to be limited.
func addressSpace() (left int64, limited bool) { return math.MaxInt64, false }

func fitAddressSpace() {}
