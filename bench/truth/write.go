package truth

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"attrib/internal/runfile"
	"attrib/internal/safetensors"
	"attrib/internal/strictjson"
	"attrib/train"
)

// Write checks the truth and puts it into a folder, truth.json last: a folder without it is not a truth. The same
// truth gives the same bytes.
func (t *Truth) Write(dir string) error {
	return t.write(dir, func(string) error { return nil })
}

// write calls step before each file.
func (t *Truth) write(dir string, step func(string) error) error {
	if err := t.Validate(); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	h := t.header()
	for _, f := range t.contents() {
		if err := step(f.name); err != nil {
			return err
		}
		path := filepath.Join(dir, f.name)
		if err := f.write(path); err != nil {
			return err
		}
		sum, err := runfile.HashFile(path)
		if err != nil {
			return err
		}
		h.Files = append(h.Files, File{f.name, sum})
	}
	var err error
	if h.Digest, err = h.digest(); err != nil {
		return err
	}
	if err := step(Name); err != nil {
		return err
	}
	return strictjson.WriteFile(filepath.Join(dir, Name), h)
}

type content struct {
	name  string
	write func(path string) error
}

func (t *Truth) contents() []content {
	tensors := func(make func() []safetensors.Tensor) func(string) error {
		return func(path string) error { return safetensors.WriteFile(path, nil, make()) }
	}
	out := []content{
		{RowsName, func(path string) error {
			return strictjson.WriteFile(path, Rows{RowsSchema, t.Samples, t.Outputs, t.Groups, t.Group})
		}},
		{SubsetsName, tensors(t.subsetTensors)},
		{OutputsName, tensors(t.outputTensors)},
	}
	if len(t.Starts) > 0 || t.Initial != nil {
		out = append(out, content{StartsName, tensors(t.startTensors)})
	}
	return out
}

func (t *Truth) valuesName(p *Part, s int) string {
	return fmt.Sprintf("%s.%s.%d", t.Measurement, p.Name, p.Seeds[s])
}

func paramsName(p *Part, s int) string { return fmt.Sprintf("params.%s.%d", p.Name, p.Seeds[s]) }

func (t *Truth) subsetTensors() (out []safetensors.Tensor) {
	n, k := int64(len(t.Samples)), int64(len(t.Groups))
	for i := range t.Parts {
		p := &t.Parts[i]
		m := int64(p.Subsets(len(t.Samples)))
		out = append(out, safetensors.Tensor{Name: keepPrefix + p.Name, Type: safetensors.U8, Shape: []int64{m, n}, Data: p.Keep})
		if p.Coalition != nil {
			out = append(out, safetensors.Tensor{Name: "coalition." + p.Name, Type: safetensors.U8, Shape: []int64{m, k}, Data: p.Coalition})
		}
	}
	return out
}

func (t *Truth) outputTensors() (out []safetensors.Tensor) {
	for i := range t.Parts {
		p := &t.Parts[i]
		m := int64(p.Subsets(len(t.Samples)))
		for s := range p.Seeds {
			out = append(out, safetensors.New(t.valuesName(p, s), p.Values[s], m, int64(len(t.Outputs))))
			if p.Params != nil {
				out = append(out, safetensors.Tensor{Name: paramsName(p, s), Type: safetensors.U8, Shape: []int64{m, 32}, Data: p.Params[s]})
			}
		}
	}
	return out
}

// allSeeds stands for a seed in the names of initial parameters that every seed has.
const allSeeds = "all"

func (t *Truth) startTensors() []safetensors.Tensor {
	out := initialTensors(allSeeds, t.Initial)
	for seed, start := range t.Starts {
		out = append(out, initialTensors(strconv.FormatInt(seed, 10), start.Initial)...)
		if start.Order == nil {
			continue
		}
		var flat []uint32
		for _, order := range start.Order {
			for _, v := range order {
				flat = append(flat, uint32(v))
			}
		}
		out = append(out, safetensors.New(fmt.Sprintf("order.%d", seed), flat, int64(len(start.Order)), int64(len(t.Samples))))
	}
	return out
}

func initialTensors(seed string, params train.Params) (out []safetensors.Tensor) {
	for _, p := range params {
		shape := make([]int64, len(p.Shape))
		for i, d := range p.Shape {
			shape[i] = int64(d)
		}
		out = append(out, safetensors.New("initial."+seed+"."+p.Name, p.Data, shape...))
	}
	return out
}
