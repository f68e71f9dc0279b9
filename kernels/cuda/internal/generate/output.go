package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"attrib/internal/strictjson"
	"attrib/kernels/cuda/internal/nvrtc"
)

// spill allows a kernel up to so many bytes of spill stores and loads together.
type spill struct {
	Kernel string `json:"kernel"`
	Arch   string `json:"arch"`
	Bytes  int    `json:"bytes"`
	Reason string `json:"reason"`
}

// readSpills reads the table of allowed spills, which is edited by hand.
func readSpills(target string) ([]spill, error) {
	path := filepath.Join(target, "spills.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []spill
	if err := strictjson.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, s := range all {
		if s.Reason == "" || s.Bytes <= 0 {
			return nil, fmt.Errorf("%s: the spill of %s for %s has no bytes or no reason", path, s.Kernel, s.Arch)
		}
	}
	return all, nil
}

// checkSpills fails on what spills more than allowed, and on allowances that are not needed.
func checkSpills(jobs []*job, allowed []spill) error {
	var all error
	used := make([]bool, len(allowed))
	for _, j := range jobs {
		for _, r := range j.resources {
			bytes, most := r.SpillStores+r.SpillLoads, 0
			i := slices.IndexFunc(allowed, func(s spill) bool { return s.Kernel == r.Kernel && s.Arch == r.Arch })
			if i >= 0 {
				most = allowed[i].Bytes
				used[i] = bytes > 0
			}
			if bytes > most {
				all = errors.Join(all, fmt.Errorf("%s for %s spills %d bytes, %d are allowed", r.Kernel, r.Arch, bytes, most))
			}
		}
	}
	for i, s := range allowed {
		if !used[i] {
			all = errors.Join(all, fmt.Errorf("spills.json allows %s for %s to spill, which it does not", s.Kernel, s.Arch))
		}
	}
	return all
}

// write puts the files down and removes PTX that nothing makes any more.
func write(target string, jobs []*job) error {
	var table []nvrtc.Resources
	made := map[string]bool{}
	for _, j := range jobs {
		path := filepath.Join(target, fmt.Sprintf("%s.sm_%s.ptx", j.name, j.arch))
		if err := os.WriteFile(path, j.ptx, 0o644); err != nil {
			return err
		}
		made[path] = true
		table = append(table, j.resources...)
	}
	old, err := filepath.Glob(filepath.Join(target, "*.ptx"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if !made[path] {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return writeTable(filepath.Join(target, "resources.json"), table)
}

// writeTable writes one kernel a line.
func writeTable(path string, table []nvrtc.Resources) error {
	slices.SortFunc(table, func(a, b nvrtc.Resources) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Kernel, b.Kernel), cmp.Compare(a.Arch, b.Arch))
	})
	var out bytes.Buffer
	out.WriteString("[")
	for i, r := range table {
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if i > 0 {
			out.WriteString(",")
		}
		fmt.Fprintf(&out, "\n  %s", line)
	}
	out.WriteString("\n]\n")
	return os.WriteFile(path, out.Bytes(), 0o644)
}
