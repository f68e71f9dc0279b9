package speed

import (
	"os"
	"runtime"
	"strings"
)

// Processor is what the machine calls its processor.
func Processor() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value) + ", " + runtime.GOARCH
		}
	}
	return runtime.GOARCH
}
