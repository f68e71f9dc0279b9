package cuda

import (
	"maps"
	"slices"

	"attrib/kernels"
)

// Launches counts the launches of kernels on all cards since New.
func (d *device) Launches() []kernels.Launch {
	total := map[string]int64{}
	for _, g := range d.gpus {
		g.mu.Lock()
		for name, n := range g.launches {
			total[name] += n
		}
		g.mu.Unlock()
	}
	var out []kernels.Launch
	for _, name := range slices.Sorted(maps.Keys(total)) {
		out = append(out, kernels.Launch{Kernel: name, Count: total[name]})
	}
	return out
}
