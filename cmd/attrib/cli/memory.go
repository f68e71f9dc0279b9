package cli

import (
	"bytes"
	"os"
	"strconv"
)

// residentMemory is the memory the process holds now and has held at most, mapped files included, in bytes; 0 where the
// system does not tell.
func residentMemory() (now, most int64) {
	return kilobytes("/proc/self/status", "VmRSS:"), kilobytes("/proc/self/status", "VmHWM:")
}

// freeMemory is what the machine could give without swapping, in bytes; 0 where the system does not tell.
func freeMemory() int64 { return kilobytes("/proc/meminfo", "MemAvailable:") }

// kilobytes reads a line such as "VmHWM:  1234 kB".
func kilobytes(path, field string) int64 {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(data) {
		rest, ok := bytes.CutPrefix(line, []byte(field))
		if !ok {
			continue
		}
		n, _ := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte("kB")))), 10, 64)
		return n << 10
	}
	return 0
}
