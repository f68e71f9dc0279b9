//go:build !linux

package driver

import "runtime"

const defaultLibrary = "libcuda.so.1"

func load(string) (uintptr, string) { return 0, "CUDA is used on Linux only, this is " + runtime.GOOS }

func lookup(uintptr, string) uintptr { return 0 }

func invoke(uintptr, ...uintptr) Code { return NotSupported }
