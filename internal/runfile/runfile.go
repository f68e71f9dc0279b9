// Package runfile keeps run.json: what a command was told, what it read, what it made, on which machine and device,
// and how long it took. It stands in every output folder, is enough to repeat the run, and guards the folder: a
// finished run is not overwritten, an unfinished one is resumed only with the same settings.
package runfile

import (
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"attrib/internal/strictjson"
)

// Name is the record's file name in an output folder.
const Name = "run.json"

// lockName differs from the lock of a store, which may live in the same folder.
const lockName = ".attrib.run.lock"

// Schema is the version this program writes.
const Schema = "attrib.run/1"

// The states of a run.
const (
	Running = "running"
	Done    = "done"
)

// Record is the content of run.json. Times are annotations: no result depends on them.
type Record struct {
	Schema   string            `json:"schema"`
	Command  string            `json:"command"`
	State    string            `json:"state"`
	Config   map[string]string `json:"config"`
	Seeds    map[string]string `json:"seeds,omitempty"`
	Dir      string            `json:"workingFolder"`
	Inputs   []File            `json:"inputs,omitempty"`
	Outputs  []File            `json:"outputs,omitempty"`
	Version  Version           `json:"version"`
	Device   string            `json:"device,omitempty"`
	Kernels  []Kernel          `json:"kernels,omitempty"`
	Timings  []Timing          `json:"timings,omitempty"`
	Estimate *Estimate         `json:"estimate,omitempty"`
	Limit    *Limit            `json:"limit,omitempty"`
	Warnings []string          `json:"warnings,omitempty"`
	Blocking []string          `json:"blocking,omitempty"` // warnings that later commands refuse the folder for, unless told otherwise
	Started  string            `json:"started"`
	Finished string            `json:"finished,omitempty"`
}

// File is a file's path and the SHA-256 of its bytes in hex. Outputs are relative to the folder, inputs as given. A
// file that varies says when or where the run was, so that a repeated run need not give the same bytes.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Varies bool   `json:"varies,omitempty"`
}

// Version says which program ran where.
type Version struct {
	Attrib string `json:"attrib"`
	Go     string `json:"go"`
	OS     string `json:"os"`
	Arch   string `json:"arch"`
}

// Kernel is the work of one device operation: bytes read, arithmetic operations, wall seconds.
type Kernel struct {
	Name    string  `json:"name"`
	Calls   int     `json:"calls"`
	Bytes   int64   `json:"bytes"`
	Ops     int64   `json:"operations"`
	Seconds float64 `json:"seconds"`
}

// Estimate compares what was expected of a run before it was made with what it took. No result depends on it.
type Estimate struct {
	Expected Cost `json:"expected"`
	Took     Cost `json:"took"`
}

// Limit says how a run was made to keep to a limit of memory. No result depends on it.
type Limit struct {
	Memory int64 `json:"memory"` // bytes asked for
	Tile   int64 `json:"tile"`   // bytes of rows that a worker holds at a time
	Mapped int64 `json:"mapped"` // bytes of files that are mapped at a time; the rest is copied
}

// Cost is what a run takes.
type Cost struct {
	Bytes   int64   `json:"bytes"`      // read: shards once to verify them and once a pass
	Ops     int64   `json:"operations"` // floating-point
	Seconds float64 `json:"seconds"`    // wall time
	Memory  int64   `json:"memory"`     // bytes of resident memory at most at a time, mapped files included; 0 where the system does not tell
}

// Timing is one stage of the run.
type Timing struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Read reads dir's record.
func Read(dir string) (Record, error) {
	var r Record
	path := filepath.Join(dir, Name)
	if err := strictjson.ReadFile(path, &r); err != nil {
		return r, err
	}
	if err := strictjson.CheckSchema(r.Schema, Schema); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// ThisVersion is the program that runs.
func ThisVersion() Version { return version() }

func version() Version {
	v := Version{Attrib: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Attrib = info.Main.Version
	}
	return v
}
