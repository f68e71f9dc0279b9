package cuda

import (
	"embed"
	"fmt"
)

//go:embed ptx
var ptxFiles embed.FS

// archs are the architectures that kernels are compiled for, newest first. The newest that a card's compute capability
// reaches is used; that of sm_90a runs on capability 9.0 alone.
var archs = []int{90, 80, 75}

// archFor is the architecture to use on a card.
func archFor(capability int) int {
	for _, a := range archs {
		if a == capability || a < capability && a != 90 {
			return a
		}
	}
	return 0
}

// ptx is the compiled form of a source file.
func ptx(source string, arch int) ([]byte, error) {
	name := fmt.Sprintf("sm_%d", arch)
	if arch == 90 {
		name = "sm_90a"
	}
	text, err := ptxFiles.ReadFile(fmt.Sprintf("ptx/%s.%s.ptx", source, name))
	if err != nil {
		return nil, fmt.Errorf("kernels of %s.cu for %s are not part of this program: %w", source, name, err)
	}
	return text, nil
}
