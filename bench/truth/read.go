package truth

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"attrib/internal/runfile"
	"attrib/internal/safetensors"
	"attrib/internal/strictjson"
	"attrib/train"
)

// Read reads a truth and checks all of it. The error names the folder's file and what in it is wrong. Where a command
// made the folder, its run.json is checked too.
func Read(dir string) (*Truth, error) {
	if _, err := os.Stat(filepath.Join(dir, Name)); errors.Is(err, fs.ErrNotExist) && begun(dir) {
		return nil, fmt.Errorf("%s: this truth is not finished; run the command that makes it again", dir)
	}
	if err := runfile.Check(dir); err != nil {
		return nil, err
	}
	return read(dir)
}

func read(dir string) (*Truth, error) {
	path := filepath.Join(dir, Name)
	h, err := readHeader(path)
	if err != nil {
		return nil, err
	}
	if err := h.checkFiles(dir); err != nil {
		return nil, err
	}
	t := &Truth{
		Source: h.Source, Arithmetic: h.Arithmetic, Model: h.Model, Data: h.Data, Queries: h.Queries,
		Removal: h.Removal, Measurement: h.Measurement, By: h.By, SubsetSeed: h.SubsetSeed,
	}
	if err := t.readRows(filepath.Join(dir, RowsName), h); err != nil {
		return nil, err
	}
	for _, p := range h.Parts {
		t.Parts = append(t.Parts, Part{Name: p.Name, Removed: p.Removed, Seeds: p.Seeds})
	}
	for _, f := range []struct {
		name string
		read func(*tensorFile, Header) error
	}{{SubsetsName, t.readSubsets}, {OutputsName, t.readOutputs}, {StartsName, t.readStarts}} {
		if f.name == StartsName && !h.has(f.name) {
			continue
		}
		if err := readTensors(filepath.Join(dir, f.name), h, f.read); err != nil {
			return nil, err
		}
	}
	if err := t.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func readHeader(path string) (Header, error) {
	var h Header
	if err := strictjson.ReadFile(path, &h); err != nil {
		return h, err
	}
	if err := strictjson.CheckSchema(h.Schema, Schema); err != nil {
		return h, fmt.Errorf("%s: %w", path, err)
	}
	if sum := h.Model.Hash(); sum != h.ModelHash {
		return h, fmt.Errorf("%s: field modelHash: %q is not the hash of field model, %q", path, h.ModelHash, sum)
	}
	sum, err := h.digest()
	if err != nil {
		return h, err
	}
	if sum != h.Digest {
		return h, fmt.Errorf("%s: field digest: the file was changed after it was made (sha256 %s, digest says %s)", path, sum, h.Digest)
	}
	return h, nil
}

func (h Header) has(name string) bool {
	return slices.ContainsFunc(h.Files, func(f File) bool { return f.Path == name })
}

// checkFiles holds the files against the hashes in truth.json.
func (h Header) checkFiles(dir string) error {
	for _, want := range []string{RowsName, SubsetsName, OutputsName} {
		if !h.has(want) {
			return fmt.Errorf("%s: field files: %s is not listed", filepath.Join(dir, Name), want)
		}
	}
	for _, f := range h.Files {
		if !slices.Contains([]string{RowsName, SubsetsName, OutputsName, StartsName}, f.Path) {
			return fmt.Errorf("%s: field files: %q is not a file of a truth", filepath.Join(dir, Name), f.Path)
		}
		path := filepath.Join(dir, f.Path)
		sum, err := runfile.HashFile(path)
		if err != nil {
			return err
		}
		if sum != f.SHA256 {
			return fmt.Errorf("%s: the file was changed after it was made (sha256 %s, %s says %s)", path, sum, Name, f.SHA256)
		}
	}
	return nil
}

func (t *Truth) readRows(path string, h Header) error {
	var r Rows
	if err := strictjson.ReadFile(path, &r); err != nil {
		return err
	}
	if err := strictjson.CheckSchema(r.Schema, RowsSchema); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(r.Samples) != h.Samples || len(r.Outputs) != h.Outputs {
		return fmt.Errorf("%s: %d samples and %d outputs, %s says %d and %d", path, len(r.Samples), len(r.Outputs), Name, h.Samples, h.Outputs)
	}
	t.Samples, t.Outputs, t.Groups, t.Group = r.Samples, r.Outputs, r.Groups, r.Group
	return nil
}

// tensorFile hands out the tensors of a file by name and knows which were not asked for.
type tensorFile struct {
	tensors map[string]safetensors.Tensor
	used    map[string]bool
}

func readTensors(path string, h Header, read func(*tensorFile, Header) error) error {
	_, tensors, err := safetensors.ReadFile(path)
	if err != nil {
		return err
	}
	f := &tensorFile{map[string]safetensors.Tensor{}, map[string]bool{}}
	for _, t := range tensors {
		f.tensors[t.Name] = t
	}
	if err := read(f, h); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, t := range tensors {
		if !f.used[t.Name] {
			return fmt.Errorf("%s: tensor %q belongs to no part and seed of %s", path, t.Name, Name)
		}
	}
	return nil
}

func (f *tensorFile) take(name string, d safetensors.DType, shape ...int64) (safetensors.Tensor, error) {
	t, ok := f.tensors[name]
	if !ok {
		return t, fmt.Errorf("tensor %q is missing", name)
	}
	f.used[name] = true
	return t, t.CheckShape(d, shape...)
}

func (t *Truth) readSubsets(f *tensorFile, h Header) error {
	for i := range t.Parts {
		p := &t.Parts[i]
		m := int64(h.Parts[i].Subsets)
		keep, err := f.take(keepPrefix+p.Name, safetensors.U8, m, int64(h.Samples))
		if err != nil {
			return err
		}
		p.Keep = keep.Data
		if t.By == ByContributor {
			coalition, err := f.take("coalition."+p.Name, safetensors.U8, m, int64(len(t.Groups)))
			if err != nil {
				return err
			}
			p.Coalition = coalition.Data
		}
	}
	return nil
}

func (t *Truth) readOutputs(f *tensorFile, h Header) error {
	for i := range t.Parts {
		p := &t.Parts[i]
		m := int64(h.Parts[i].Subsets)
		for s := range p.Seeds {
			tensor, err := f.take(t.valuesName(p, s), safetensors.F32, m, int64(h.Outputs))
			if err != nil {
				return err
			}
			v, err := safetensors.Values[float32](tensor)
			if err != nil {
				return err
			}
			p.Values = append(p.Values, v)
			if _, ok := f.tensors[paramsName(p, s)]; !ok {
				continue
			}
			if tensor, err = f.take(paramsName(p, s), safetensors.U8, m, 32); err != nil {
				return err
			}
			p.Params = append(p.Params, tensor.Data)
		}
	}
	return nil
}

func (t *Truth) readStarts(f *tensorFile, h Header) error {
	t.Starts = map[int64]Start{}
	for _, name := range slices.Sorted(maps.Keys(f.tensors)) {
		kind, rest, _ := strings.Cut(name, ".")
		text, _, _ := strings.Cut(rest, ".")
		if kind == "initial" && text == allSeeds {
			continue
		}
		seed, err := strconv.ParseInt(text, 10, 64)
		if err != nil || kind != "initial" && kind != "order" {
			return fmt.Errorf("tensor %q is neither initial.<seed>.<tensor> nor order.<seed>", name)
		}
		t.Starts[seed] = Start{}
	}
	var err error
	if t.Initial, err = f.initial(allSeeds, h.Model); err != nil {
		return err
	}
	for seed := range t.Starts {
		var s Start
		if s.Initial, err = f.initial(strconv.FormatInt(seed, 10), h.Model); err != nil {
			return err
		}
		if s.Order, err = f.order(seed, h); err != nil {
			return err
		}
		t.Starts[seed] = s
	}
	if len(t.Starts) == 0 {
		t.Starts = nil
	}
	return nil
}

// initial takes a seed's initial parameters, in the order of the model where that lists its layers; nil without any.
func (f *tensorFile) initial(seed string, m train.Model) (out train.Params, err error) {
	prefix := "initial." + seed + "."
	for _, name := range slices.Sorted(maps.Keys(f.tensors)) {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		f.used[name] = true
		v, err := safetensors.Values[float32](f.tensors[name])
		if err != nil {
			return nil, err
		}
		shape := []int{}
		for _, d := range f.tensors[name].Shape {
			shape = append(shape, int(d))
		}
		out = append(out, train.Tensor{Name: strings.TrimPrefix(name, prefix), Shape: shape, Data: v})
	}
	if out == nil || m.Builder != "" {
		return out, nil
	}
	net, err := train.NewNetwork(m)
	if err != nil {
		return nil, err
	}
	if out, err = out.Match(net.Specs()); err != nil {
		return nil, fmt.Errorf("tensors %s…: %w", prefix, err)
	}
	return out, nil
}

func (f *tensorFile) order(seed int64, h Header) (out [][]int, err error) {
	name := fmt.Sprintf("order.%d", seed)
	if _, ok := f.tensors[name]; !ok {
		return nil, nil
	}
	tensor, err := f.take(name, safetensors.U32, int64(h.Model.Epochs), int64(h.Samples))
	if err != nil {
		return nil, err
	}
	flat, err := safetensors.Values[uint32](tensor)
	if err != nil {
		return nil, err
	}
	for e := range h.Model.Epochs {
		order := make([]int, h.Samples)
		for i := range order {
			order[i] = int(flat[e*h.Samples+i])
		}
		out = append(out, order)
	}
	return out, nil
}
