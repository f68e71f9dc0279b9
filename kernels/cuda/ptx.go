package cuda

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:generate go run ./internal/generate

//go:embed ptx/*.ptx
var ptxFiles embed.FS

// PTX returns the kernels of src/<name>.cu as PTX for a card of the given compute capability, and the target that the
// text was made for ("sm_75", "sm_80" or "sm_90a"). Text for sm_90a runs on capability 9.0 alone; a file without it,
// and newer cards, take sm_80. Errors say that the card is too old or that there is no such file.
func PTX(name string, major, minor int) (text []byte, target string, err error) {
	for _, target := range targetsFor(10*major + minor) {
		text, err := fs.ReadFile(ptxFiles, "ptx/"+name+"."+target+".ptx")
		if err == nil {
			return text, target, nil
		}
	}
	if 10*major+minor < 75 {
		return nil, "", fmt.Errorf("a card of compute capability %d.%d is too old: 7.5 is the least", major, minor)
	}
	return nil, "", fmt.Errorf("no kernels %q for compute capability %d.%d", name, major, minor)
}

// targetsFor lists what runs on a capability, best first.
func targetsFor(capability int) []string {
	switch {
	case capability < 75:
		return nil
	case capability < 80:
		return []string{"sm_75"}
	case capability == 90:
		return []string{"sm_90a", "sm_80", "sm_75"}
	default:
		return []string{"sm_80", "sm_75"}
	}
}
