package truth

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/kernels/simd"
	"attrib/train"
)

// maxBytes bounds the size of a truth, which is held in memory.
const maxBytes = 16 << 30

// bytes is what subsets, values and hashes take.
func (t *Truth) bytes() (sum float64) {
	for i := range t.Parts {
		p := &t.Parts[i]
		m := float64(p.Subsets(len(t.Samples)))
		sum += m * (float64(len(t.Samples)+len(t.Groups)) + float64(len(p.Seeds))*float64(4*len(t.Outputs)+32))
	}
	return sum
}

// SourceAttrib is the Source of what Make makes.
const SourceAttrib = "attrib"

// DefaultMemory bounds what retraining holds when MakeOptions.Memory is 0.
const DefaultMemory = 1 << 30

// MakeOptions say how a truth is made; none of them changes its bytes. The zero value is usable but for Dir.
type MakeOptions struct {
	Dir      string                        // output folder; what is found there of the same truth is gone on with
	Workers  int                           // default: GOMAXPROCS
	Memory   int64                         // bytes that retraining holds beside data, subsets and values. Default: 1 GiB
	Network  func() (train.Network, error) // for models that list no layers. Default: none
	Device   kernels.CopyTrainer           // retrains models that list dense layers, with the CPU's bits. Default: the CPU
	Note     func(text string)             // is told when Device cannot take the model, and the CPU retrains. Default: none
	Products blas.Device                   // computes products of models that list layers, with the CPU's bits. Default: the CPU
	Progress func(done, total int)         // called after every model. Default: nil

	step func(string) error // called before every write; tests let it fail
}

// New describes a truth that Make is to make: of the model, samples and outputs, without parts.
func New(m train.Model, data, queries train.Data, samples, outputs []string, measurement string) *Truth {
	return &Truth{
		Source: SourceAttrib, Arithmetic: simd.Active().String(), Model: m, Data: data.Hash(), Queries: queries.Hash(),
		Samples: samples, Outputs: outputs, Removal: WeightZero, Measurement: measurement, By: BySample,
	}
}

// Make retrains the model of t for every subset and seed of its parts, on data with removed samples at weight zero,
// measures the outputs, and writes the truth into o.Dir. t's parts come without Values and Params; Make fills them in.
//
// When ctx ends or anything fails, what was retrained stays in the folder, and Make goes on from there when it is called
// again with the same t; whatever moment a process dies at, the truth ends in the same bytes. A folder that holds another
// run's work is an error that names the field that differs.
func Make(ctx context.Context, t *Truth, data, queries train.Data, o MakeOptions) error {
	if o.step == nil {
		o.step = func(string) error { return nil }
	}
	k := &maker{t: t, data: data, queries: queries, o: o, total: t.Runs()}
	if err := k.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return err
	}
	if done, err := k.finished(); done || err != nil {
		return err
	}
	var err error
	if k.journal, err = openJournal(o.Dir, t.plan(), len(t.Outputs), o.step, k.found); err != nil {
		return err
	}
	err = k.retrain(ctx)
	if err = errors.Join(err, k.journal.close()); err != nil {
		return err
	}
	if err := t.write(o.Dir, o.step); err != nil {
		return err
	}
	return k.clear()
}

// maker is a Make in progress.
type maker struct {
	t             *Truth
	data, queries train.Data
	o             MakeOptions
	journal       *journal
	have          []bool // by run
	done, total   int
	net           train.Network // evaluates the outputs
}

// run is one model: subset r of a part under a seed.
type run struct {
	number, part, seed, subset int // seed is a place in the part's Seeds
}

func (k *maker) check() error {
	t := k.t
	bad := t.describe()
	if k.total > 1<<32-1 || t.bytes() > maxBytes {
		return fmt.Errorf("%d models with %d outputs and %d samples are too many for one truth: it would take %.3g bytes, and %d are the limit", k.total, len(t.Outputs), len(t.Samples), t.bytes(), int64(maxBytes))
	}
	for i := range t.Parts {
		p := &t.Parts[i]
		if err := CheckSeeds(p.Seeds); err != nil {
			bad = append(bad, fmt.Errorf("part %s: %w", p.Name, err))
			continue
		}
		m := p.Subsets(len(t.Samples))
		p.Values, p.Params = nil, nil
		for range p.Seeds {
			p.Values = append(p.Values, make([]float32, m*len(t.Outputs)))
			p.Params = append(p.Params, make([]byte, 32*m))
		}
		bad = append(bad, t.checkPart(p))
	}
	if d := k.o.Device; d != nil && !train.HasCPUBits(d) {
		bad = append(bad, fmt.Errorf("%s trains with the arithmetic %q and not with this CPU's: a truth has the bits of the arithmetic %q that it says", d.Info().Name, d.Info().Arithmetic, t.Arithmetic))
	}
	bad = append(bad, t.checkNames(), t.checkStarts())
	k.have = make([]bool, k.total)
	return errors.Join(bad...)
}

// finished says whether the folder holds this truth already; then only the journal may be left to remove.
func (k *maker) finished() (bool, error) {
	if _, err := os.Stat(filepath.Join(k.o.Dir, Name)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	found, err := read(k.o.Dir)
	if err != nil {
		return false, err
	}
	if err := k.t.plan().differs(found.plan()); err != nil {
		return false, fmt.Errorf("%s holds another truth: %w", k.o.Dir, err)
	}
	*k.t = *found
	return true, k.clear()
}

func (k *maker) clear() error {
	if err := k.o.step("remove " + journalName); err != nil {
		return err
	}
	err := os.Remove(filepath.Join(k.o.Dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// runs lists all runs by seed, so that those of one seed are retrained together.
func (k *maker) runs() (out [][]run) {
	var seeds []int64
	number := 0
	for i := range k.t.Parts {
		p := &k.t.Parts[i]
		for s, seed := range p.Seeds {
			at := slices.Index(seeds, seed)
			if at < 0 {
				at, seeds, out = len(seeds), append(seeds, seed), append(out, nil)
			}
			for r := range p.Subsets(len(k.t.Samples)) {
				out[at] = append(out[at], run{number, i, s, r})
				number++
			}
		}
	}
	return out
}

// found takes a record of the journal.
func (k *maker) found(number int, params [32]byte, values []float32) error {
	at := number
	for i := range k.t.Parts {
		p := &k.t.Parts[i]
		m := p.Subsets(len(k.t.Samples))
		if at < m*len(p.Seeds) {
			k.set(run{number, i, at / m, at % m}, params, values)
			return nil
		}
		at -= m * len(p.Seeds)
	}
	return fmt.Errorf("model %d of %d", number, k.total)
}

func (k *maker) set(r run, params [32]byte, values []float32) {
	p := &k.t.Parts[r.part]
	copy(p.Values[r.seed][r.subset*len(values):], values)
	copy(p.Params[r.seed][32*r.subset:], params[:])
	if !k.have[r.number] {
		k.have[r.number] = true
		k.done++
	}
}

// retrain makes the runs that are missing, seed by seed.
func (k *maker) retrain(ctx context.Context) error {
	k.progress()
	for _, runs := range k.runs() {
		runs = slices.DeleteFunc(runs, func(r run) bool { return k.have[r.number] })
		for chunk := range slices.Chunk(runs, k.chunk()) {
			if err := k.train(ctx, chunk); err != nil {
				return err
			}
		}
	}
	return nil
}

// chunk is how many rows of weights may be held at a time: they take up to a quarter of the budget.
func (k *maker) chunk() int { return int(max(1, k.memory()/4/(4*int64(len(k.t.Samples))))) }

func (k *maker) memory() int64 {
	if k.o.Memory == 0 {
		return DefaultMemory
	}
	return k.o.Memory
}

func (k *maker) train(ctx context.Context, runs []run) error {
	seed := k.t.Parts[runs[0].part].Seeds[runs[0].seed]
	weights := make([][]float32, len(runs))
	for i, r := range runs {
		weights[i] = k.t.Parts[r.part].Kept(len(k.t.Samples), r.subset)
	}
	visit := func(i int, p train.Params) error { return k.measure(runs[i], p) }
	err := k.many(ctx, k.t.Retrains(seed), k.t.Start(seed), weights, visit)
	if err != nil {
		return fmt.Errorf("training seed %d%s: %w", seed, k.about(runs, err), err)
	}
	return nil
}

// about says which subset the retraining is that an error names by its number in the call.
func (k *maker) about(runs []run, err error) string {
	var i int
	if n, _ := fmt.Sscanf(err.Error(), "retraining %d:", &i); n == 1 && i >= 0 && i < len(runs) {
		return fmt.Sprintf(", subset %d of part %s", runs[i].subset, k.t.Parts[runs[i].part].Name)
	}
	return ""
}

func (k *maker) many(ctx context.Context, m train.Model, s Start, weights [][]float32, visit func(int, train.Params) error) error {
	if m.Builder != "" {
		_, err := train.Many(ctx, m, k.data, weights, train.ManyOptions{Workers: k.o.Workers, Initial: s.Initial, Order: s.Order, Network: k.o.Network, Visit: visit})
		return err
	}
	memory := k.memory() - 4*int64(len(weights))*int64(len(k.t.Samples))
	if memory < 1 {
		return fmt.Errorf("the budget of %d bytes does not hold the weights of %d samples", k.memory(), len(k.t.Samples))
	}
	_, err := train.Coalitions(ctx, m, k.data, weights, train.CoalitionOptions{Workers: k.o.Workers, Memory: memory, Initial: s.Initial, Order: s.Order,
		Device: k.o.Device, Note: k.o.Note, Products: k.o.Products, Visit: visit})
	return err
}

// measure records a retrained model.
func (k *maker) measure(r run, p train.Params) error {
	if k.net == nil {
		network := k.o.Network
		if network == nil {
			network = func() (train.Network, error) { return train.NewNetwork(k.t.Model) }
		}
		var err error
		if k.net, err = network(); err != nil {
			return err
		}
	}
	part := &k.t.Parts[r.part]
	values := make([]float32, len(k.t.Outputs))
	if err := Evaluate(k.t.Measurement, k.t.Model.Loss, k.net, p, k.queries, values); err != nil {
		return fmt.Errorf("subset %d of part %s: %w", r.subset, part.Name, err)
	}
	var sum [32]byte
	if _, err := hex.Decode(sum[:], []byte(p.Hash())); err != nil {
		return err
	}
	if err := k.o.step("record"); err != nil {
		return err
	}
	if err := k.journal.add(r.number, sum, values); err != nil {
		return err
	}
	k.set(r, sum, values)
	k.progress()
	return nil
}

func (k *maker) progress() {
	if k.o.Progress != nil {
		k.o.Progress(k.done, k.total)
	}
}
