package results

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"attrib/internal/strictjson"
	"attrib/kernels/cuda/driver"
)

// Schema is the form's name.
const Schema = "attrib.gpu/1"

// Result is one run of bench/gpu.sh on one card.
type Result struct {
	Schema     string   `json:"schema"`
	Card       string   `json:"card"` // as the driver names it
	Emulated   bool     `json:"emulated"`
	Date       string   `json:"date"` // YYYY-MM-DD
	Program    string   `json:"program"`
	CUDA       string   `json:"cuda"`       // the driver's version: "12.4"
	Capability string   `json:"capability"` // "9.0"
	Memory     uint64   `json:"memory"`     // bytes
	Torch      string   `json:"torch"`      // version, or why there is none
	Ceilings   Ceilings `json:"ceilings"`
	Parts      []Part   `json:"parts"`
	Kernels    []Kernel `json:"kernels"`
	Shapes     []Shape  `json:"shapes"`
}

// Ceilings are what the card was measured to do in the same run; 0 was not measured.
type Ceilings struct {
	HostToDevice float64 `json:"host_to_device"` // bytes per second, from pinned memory
	Copy         float64 `json:"copy"`           // bytes per second read and written by a copy on the card
	BF16         float64 `json:"bf16"`           // operations per second of cuBLAS, through PyTorch
}

// State is how a part went.
type State string

// The states.
const (
	Passed  State = "passed"
	Failed  State = "failed"
	Timeout State = "timeout"
	NotRun  State = "not run"  // what it needs is not there
	LeftOut State = "left out" // for lack of time, or not asked for
)

// Part is a step of the run: a test, a tool, a group of shapes.
type Part struct {
	Name    string  `json:"name"`
	State   State   `json:"state"`
	Seconds float64 `json:"seconds"`
	Why     string  `json:"why,omitempty"` // the end of what it printed, when it did not pass
}

// Kernel is a kernel that ran.
type Kernel struct {
	Kernel string   `json:"kernel"`
	Target string   `json:"target"` // "sm_80"
	PTX    string   `json:"ptx"`    // SHA-256 of the text
	Proven bool     `json:"proven"`
	Parts  []string `json:"parts"` // in which it was launched
}

// Shape is a piece of work that was timed. Seconds are the median of some rounds of the whole call, with everything
// that a user waits for.
type Shape struct {
	Name    string           `json:"name"` // "q=64 w=512 bf16"
	Work    string           `json:"work"` // what is done, with all sizes
	Sizes   map[string]int64 `json:"sizes"`
	Seconds float64          `json:"seconds"`
	Bytes   float64          `json:"bytes"`             // that have to be read
	Ops     float64          `json:"ops"`               // that have to be done
	OfCopy  float64          `json:"of_copy,omitempty"` // bytes per second ÷ ceiling
	OfBF16  float64          `json:"of_bf16,omitempty"` // operations per second ÷ ceiling
	Peer    float64          `json:"peer,omitempty"`    // seconds of PyTorch for the same
	Speedup float64          `json:"speedup,omitempty"` // Peer ÷ Seconds
	Recall  float64          `json:"recall,omitempty"`  // of the exact top 10
	Target  string           `json:"target,omitempty"`  // what the shape should reach
	Met     *bool            `json:"met,omitempty"`     // null: not measured
}

// Parse reads a file; base is its name, which has to be what [Result.File] says.
func Parse(base string, text []byte) (*Result, error) {
	r := new(Result)
	if err := strictjson.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", base, err)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", base, err)
	}
	if base != r.File() {
		return nil, fmt.Errorf("%s: is of %s on %s: its name should be %s", base, r.Card, r.Date, r.File())
	}
	return r, nil
}

// File is the name of the result: <card>-<date>.json.
func (r *Result) File() string {
	name := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '.':
			return c
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		}
		return '-'
	}, r.Card)
	return strings.Trim(name, "-") + "-" + r.Date + ".json"
}

func (r *Result) check() error {
	var errs []error
	if r.Schema != Schema {
		errs = append(errs, fmt.Errorf("schema is %q, want %q", r.Schema, Schema))
	}
	if r.Card == "" || r.Date == "" {
		errs = append(errs, errors.New("no card or no date"))
	}
	for _, k := range r.Kernels {
		if want := r.proves(k); k.Proven != want {
			errs = append(errs, fmt.Errorf("kernel %s for %s is called proven: %v, by its parts it is %v", k.Kernel, k.Target, k.Proven, want))
		}
	}
	return errors.Join(errs...)
}

// SelfTest is the name of the part that compares the card's layouts with the documented ones.
const SelfTest = "self-test"

// proves says whether the parts prove a kernel.
func (r *Result) proves(k Kernel) bool {
	passed := func(name string) bool {
		i := slices.IndexFunc(r.Parts, func(p Part) bool { return p.Name == name })
		return i >= 0 && r.Parts[i].State == Passed
	}
	leftOut := func(p Part) bool { return p.State == LeftOut && strings.HasPrefix(p.Name, "Test") } // it might have failed
	return !r.Emulated && len(k.Parts) > 0 && passed(SelfTest) && !slices.ContainsFunc(r.Parts, leftOut) && !slices.ContainsFunc(k.Parts, func(p string) bool { return !passed(p) })
}

// Judge sets what follows from parts and times: which kernels are proven, and the fractions of ceilings.
func (r *Result) Judge() {
	for i := range r.Kernels {
		r.Kernels[i].Proven = r.proves(r.Kernels[i])
	}
	for i := range r.Shapes {
		s := &r.Shapes[i]
		s.OfCopy, s.OfBF16, s.Speedup = ratio(s.Bytes/s.Seconds, r.Ceilings.Copy), ratio(s.Ops/s.Seconds, r.Ceilings.BF16), ratio(s.Peer, s.Seconds)
	}
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

//go:embed *
var files embed.FS

// All are the results of this folder, by name.
func All() ([]*Result, error) { return load(files) }

func load(from fs.FS) ([]*Result, error) {
	names, err := fs.Glob(from, "*.json")
	if err != nil {
		return nil, err
	}
	var all []*Result
	for _, name := range names {
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		r, err := Parse(path.Base(name), text)
		if err != nil {
			return nil, fmt.Errorf("bench/results: %w", err)
		}
		all = append(all, r)
	}
	return all, nil
}

// Proofs are the kernels that results prove, each once per card and text: by the last file.
func Proofs(all []*Result) []driver.Proof {
	proofs := []driver.Proof{}
	for _, r := range all {
		for _, k := range r.Kernels {
			if !k.Proven {
				continue
			}
			p := driver.Proof{Card: r.Card, Kernel: k.Kernel, PTX: k.PTX, Result: r.File()}
			same := func(o driver.Proof) bool { return o.Card == p.Card && o.Kernel == p.Kernel && o.PTX == p.PTX }
			proofs = append(slices.DeleteFunc(proofs, same), p)
		}
	}
	return proofs
}
