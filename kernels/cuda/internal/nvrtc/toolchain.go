package nvrtc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrNone says that there is no toolchain on this machine.
var ErrNone = errors.New("no CUDA toolchain: set ATTRIB_CUDA to a folder with the unpacked wheels nvidia-cuda-nvrtc-cu12, nvidia-cuda-runtime-cu12 (12.4.127) and nvidia-cuda-nvcc-cu12 (12.4.131), or ATTRIB_PYTHON3 to a Python that has them")

// Toolchain is where the parts of the wheels are.
type Toolchain struct {
	Library string // libnvrtc.so.12
	Ptxas   string // the assembler
	Include string // headers of the CUDA runtime
}

// Find looks in the folder ATTRIB_CUDA, then in the packages of the Python ATTRIB_PYTHON3. A folder that is named but
// holds no toolchain is an error; ErrNone where nothing is named or Python has no such packages.
func Find() (Toolchain, error) {
	if dir := os.Getenv("ATTRIB_CUDA"); dir != "" {
		return in(dir)
	}
	python := os.Getenv("ATTRIB_PYTHON3")
	if python == "" {
		return Toolchain{}, ErrNone
	}
	out, err := exec.Command(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").Output()
	if err != nil {
		return Toolchain{}, ErrNone
	}
	t, err := in(strings.TrimSpace(string(out)))
	if err != nil {
		return Toolchain{}, ErrNone
	}
	return t, nil
}

func in(dir string) (Toolchain, error) {
	root := filepath.Join(dir, "nvidia")
	t := Toolchain{
		Library: filepath.Join(root, "cuda_nvrtc", "lib", "libnvrtc.so.12"),
		Ptxas:   filepath.Join(root, "cuda_nvcc", "bin", "ptxas"),
		Include: filepath.Join(root, "cuda_runtime", "include"),
	}
	for _, path := range []string{t.Library, t.Ptxas, t.Include} {
		if _, err := os.Stat(path); err != nil {
			return Toolchain{}, fmt.Errorf("CUDA toolchain in %s: %w", dir, err)
		}
	}
	return t, nil
}
