package speed

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"attrib/bench/peers/timing"
)

// Peers is a running Python with the libraries that it has.
type Peers struct {
	Versions []string // "numpy 2.4.6"
	Missing  []string // "faiss: ModuleNotFoundError: …"
	has      map[string]bool
	dir      string
	in       io.WriteCloser
	out      *bufio.Reader
	cmd      *exec.Cmd
	errs     strings.Builder
}

// Start runs the peers in an interpreter, which needs numpy, with so many threads.
func Start(python string, threads int) (_ *Peers, err error) {
	p := &Peers{has: map[string]bool{}}
	if p.dir, err = os.MkdirTemp("", "attrib-peers-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	path := filepath.Join(p.dir, "peers.py")
	if err := os.WriteFile(path, timing.Program, 0o644); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(python, path, fmt.Sprint(threads))
	p.cmd.Stderr = &p.errs
	p.cmd.Env = append(foreignSettings(os.Environ()), fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", threads), fmt.Sprintf("OMP_NUM_THREADS=%d", threads))
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		p.cmd = nil
		return nil, fmt.Errorf("peers: %w", err)
	}
	return p, p.greet()
}

// foreignSettings are an environment without those that choose OpenBLAS's kernels.
func foreignSettings(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, "OPENBLAS_") })
}

func (p *Peers) greet() error {
	var hello struct{ Found, Missing map[string]string }
	if err := p.answer(&hello); err != nil {
		return err
	}
	for name, version := range hello.Found {
		p.has[name] = true
		p.Versions = append(p.Versions, name+" "+version)
	}
	for name, why := range hello.Missing {
		p.Missing = append(p.Missing, name+": "+why)
	}
	slices.Sort(p.Versions)
	slices.Sort(p.Missing)
	if !p.has["numpy"] {
		return fmt.Errorf("peers: the interpreter has no numpy: %s", strings.Join(p.Missing, "; "))
	}
	return nil
}

// ask sends a request and reads its answer.
func (p *Peers) ask(request, answer any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return p.gone(err)
	}
	return p.answer(answer)
}

func (p *Peers) answer(v any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return p.gone(err)
	}
	return json.Unmarshal(line, v)
}

// gone is the error of a process that does not answer, with what it said last.
func (p *Peers) gone(err error) error {
	p.in.Close()
	ended := p.cmd.Wait()
	p.cmd = nil
	lines := strings.Split(strings.TrimSpace(p.errs.String()), "\n")
	return errors.Join(fmt.Errorf("peers: %w: %s", err, lines[len(lines)-1]), ended)
}

// Close ends the process and removes its files.
func (p *Peers) Close() error {
	if p.cmd != nil {
		p.in.Close()
		p.cmd.Wait()
		p.cmd = nil
	}
	return os.RemoveAll(p.dir)
}

// contestants hands the numbers over and are the peers that are there.
func (p *Peers) contestants(r *Ready, rounds int) ([]*contestant, error) {
	load := map[string][3]any{}
	for name, m := range r.Data {
		path := filepath.Join(p.dir, name)
		if err := os.WriteFile(path, m.Data, 0o644); err != nil {
			return nil, err
		}
		defer os.Remove(path)
		load[name] = [3]any{path, m.Rows, m.Cols}
	}
	var none struct{}
	if err := p.ask(map[string]any{"load": load}, &none); err != nil {
		return nil, err
	}
	var out []*contestant
	for _, peer := range r.Peers {
		if library, _, _ := strings.Cut(peer.Do, "."); !p.has[library] {
			continue
		}
		out = append(out, &contestant{peer.Name, few(peer.Rounds, rounds), p.run(peer), nil})
	}
	return out, nil
}

func (p *Peers) run(peer Peer) func(context.Context) (float64, float64, error) {
	return func(context.Context) (float64, float64, error) {
		var a struct {
			Seconds float64  `json:"seconds"`
			Check   *float64 `json:"check"`
		}
		if err := p.ask(map[string]any{"do": peer.Do, "k": peer.K}, &a); err != nil {
			return 0, 0, err
		}
		if a.Check == nil {
			return a.Seconds, math.NaN(), nil
		}
		return a.Seconds, *a.Check, nil
	}
}
