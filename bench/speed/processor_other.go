//go:build !linux

package speed

import "runtime"

// Processor is the architecture.
func Processor() string { return runtime.GOARCH }
