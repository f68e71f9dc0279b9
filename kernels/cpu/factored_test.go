package cpu_test

import (
	"fmt"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/kernelstest"
	"attrib/kernels/simd"
)

func TestConformanceFactored(t *testing.T) {
	for _, p := range simd.Available() {
		for _, o := range options[:3] {
			o.Path = p
			t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
				t.Parallel() // most have one worker, and references and refusals use one
				kernelstest.ConformanceFactored(t, func(*testing.T) kernels.Device { return cpu.New(o) })
			})
		}
	}
}
