// Command generate builds the PTX of the kernels: each src/*.cu for the architectures that its first line names, into
// ptx/NAME.sm_XX.ptx, and ptx/resources.json, what ptxas says that each kernel takes. It fails on spills that
// ptx/spills.json does not allow with a reason. Without a CUDA toolchain it leaves the files alone and says so, or
// fails where ATTRIB_REQUIRE asks for everything.
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"attrib/kernels/cuda/internal/nvrtc"
)

func main() {
	err := generate("src", "ptx")
	if errors.Is(err, nvrtc.ErrNone) && !slices.Contains(strings.Split(os.Getenv("ATTRIB_REQUIRE"), ","), "all") {
		fmt.Println("kernels/cuda: the PTX is left as it is:", err)
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "kernels/cuda:", err)
		os.Exit(1)
	}
}

// generate builds all of source into target, which keeps nothing else that is generated.
func generate(source, target string) error {
	tools, err := nvrtc.Find()
	if err != nil {
		return err
	}
	jobs, err := plan(source)
	if err != nil {
		return err
	}
	allowed, err := readSpills(target)
	if err != nil {
		return err
	}
	if err := build(tools, source, jobs); err != nil {
		return err
	}
	if err := checkSpills(jobs, allowed); err != nil {
		return err
	}
	return write(target, jobs)
}
