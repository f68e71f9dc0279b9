//go:build !linux

package nvrtc

import "errors"

// Compiler is the loaded library; there is none for this system.
type Compiler struct{}

// Compiler fails: the wheels are for Linux.
func (t Toolchain) Compiler() (*Compiler, error) {
	return nil, errors.New("the CUDA toolchain is for Linux alone")
}

// Version is the library's.
func (c *Compiler) Version() string { return "" }

// PTX compiles nothing.
func (c *Compiler) PTX(name string, source []byte, options []string) ([]byte, error) {
	return nil, ErrNone
}
