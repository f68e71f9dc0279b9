package train

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"attrib/internal/atomicfile"
	"attrib/internal/safetensors"
)

// runStore keeps finished retrainings in a folder: a safetensors file for every group, whose metadata say what was
// trained. A group is in its file whole or not at all.
type runStore struct {
	dir     string
	job     string // hash of everything that the runs have in common
	hashes  []string
	plan    *coalitionPlan
	release func()
}

const runFiles = "runs-*.safetensors"

// openRuns locks the folder.
func openRuns(dir string, p *coalitionPlan, initial Params, weights [][]float32) (*runStore, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	release, err := atomicfile.Lock(dir)
	if err != nil {
		return nil, err
	}
	s := &runStore{dir: dir, job: p.jobHash(initial), plan: p, release: release}
	for _, w := range weights {
		s.hashes = append(s.hashes, rowHash(w))
	}
	return s, nil
}

// jobHash covers model, data, initial parameters, orders, owners and the class of arithmetic.
func (p *coalitionPlan) jobHash(initial Params) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %s %v\n", p.model.Hash(), p.data.Hash(), initial.Hash(), p.generic)
	for _, order := range p.orders {
		fmt.Fprintln(h, order)
	}
	fmt.Fprintln(h, p.owner)
	if p.arithmetic != "" {
		fmt.Fprintln(h, p.arithmetic)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func rowHash(w []float32) string {
	h := sha256.New()
	writeFloats(h, w)
	return hex.EncodeToString(h.Sum(nil))
}

// save keeps a group: count runs from the first, whose parameters lie one behind the other in theta.
func (s *runStore) save(first, count int, theta []float32) error {
	meta := map[string]string{"job": s.job, "weights": strings.Join(s.hashes[first:first+count], " ")}
	size := s.plan.net.Size()
	path := filepath.Join(s.dir, fmt.Sprintf("runs-%08d-%d.safetensors", first, count))
	return safetensors.WriteFile(path, meta, []safetensors.Tensor{safetensors.New("parameters", theta[:count*size], int64(count), int64(size))})
}

// load hands out the runs that are there, file by file.
func (s *runStore) load(keep func(run int, p Params) error) (done map[int]bool, err error) {
	paths, err := filepath.Glob(filepath.Join(s.dir, runFiles))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	done = map[int]bool{}
	for _, path := range paths {
		if err := s.loadFile(path, done, keep); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return done, nil
}

func (s *runStore) loadFile(path string, done map[int]bool, keep func(run int, p Params) error) error {
	var first, count int
	if _, err := fmt.Sscanf(filepath.Base(path), "runs-%d-%d.safetensors", &first, &count); err != nil || first < 0 || count < 1 {
		return errors.New("not a name of a file of finished retrainings")
	}
	meta, tensors, err := safetensors.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return err
	} else if err != nil {
		return fmt.Errorf("%w; delete the file to retrain what it held", err)
	}
	size := s.plan.net.Size()
	if meta["job"] != s.job {
		return errors.New(`field "job" differs: the folder holds retrainings of another model, data, start, order or class of arithmetic`)
	}
	if len(tensors) != 1 || !slices.Equal(tensors[0].Shape, []int64{int64(count), int64(size)}) {
		return fmt.Errorf("tensors are not one of %d×%d", count, size)
	}
	theta, err := safetensors.Values[float32](tensors[0])
	if err != nil {
		return err
	}
	hashes := strings.Fields(meta["weights"])
	for k := range count {
		run := first + k
		if len(hashes) != count || run >= len(s.hashes) || hashes[k] != s.hashes[run] {
			return fmt.Errorf(`field "weights": retraining %d was another one`, run)
		}
		done[run] = true
		if err := keep(run, s.plan.params(theta[k*size:])); err != nil {
			return err
		}
	}
	return nil
}
