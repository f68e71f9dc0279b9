package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"attrib/bench/results"
	"attrib/internal/atomicfile"
	"attrib/internal/strictjson"
)

// runner does the parts one after the other, each in a process of its own with a limit, and writes the result after each.
type runner struct {
	results.Result
	dir  string // where the pack lies
	work string // for what parts hand over
	tiny bool
	said string // by the last part

	only *regexp.Regexp // names of the parts that are wanted; nil for all
	ends time.Time      // no part begins after, or goes on much longer
}

func runAll(args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	tiny := flags.Bool("tiny", false, "shapes that an emulated card can bear")
	out := flags.String("out", "", "folder of the result; default: the pack's own")
	only := flags.String("only", "", "regular expression of the parts to run, beside the card's measures")
	budget := flags.Duration("budget", 9*time.Minute, "time for all parts: those that do not fit are left out")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "attrib-gpu")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r := &runner{dir: filepath.Dir(self), work: work, tiny: *tiny, only: wanted, ends: time.Now().Add(*budget)}
	r.Schema, r.Date, r.Torch = results.Schema, time.Now().UTC().Format("2006-01-02"), "not asked"
	r.Parts, r.Kernels, r.Shapes = []results.Part{}, []results.Kernel{}, []results.Shape{}
	if *out == "" {
		*out = r.dir
	}
	if commit, err := os.ReadFile(filepath.Join(r.dir, "commit")); err == nil {
		r.Program = strings.TrimSpace(string(commit))
	}
	return r.all(*out)
}

func (r *runner) all(out string) error {
	only := r.only
	r.only = nil
	first := r.part("card", 60*time.Second, r.self("card"))
	r.only = only
	if first.State != results.Passed {
		return fmt.Errorf("no card can be used: %s", first.Why)
	}
	path := filepath.Join(out, r.File())
	for _, do := range []func(save func() error) error{r.selfTest, r.tests, r.shapes, r.torch, r.sanitizers} {
		if err := do(func() error { return r.save(path) }); err != nil {
			return err
		}
	}
	fmt.Println("result:", path)
	if r.Emulated {
		fmt.Println("this card is emulated: nothing is proven and no time means anything")
	}
	return nil
}

// save writes the result as it stands.
func (r *runner) save(path string) error {
	r.Judge()
	judgeTargets(r.Shapes)
	text, err := json.MarshalIndent(r.Result, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, append(text, '\n'))
}

func (r *runner) selfTest(save func() error) error {
	r.part(results.SelfTest, 60*time.Second, r.self(results.SelfTest))
	return save()
}

// cardTests are those of kernels/cuda that can run on a card.
var cardTests = []string{
	"TestConformance", "TestConformanceFactored", "TestFactoredBits", "TestSketches", "TestBits", "TestPrecisions", "TestWgmma", "TestTilesInTurn",
	"TestOnCard", "TestOnCardBits", "TestOnCardSketch",
	"TestGramOnCards", "TestProjectOnCards", "TestProjectPlacedLines", "TestWalksOnCards", "TestCholeskyOnCards", "TestRidgeOnCards", "TestGemmOnCards", "TestFamiliesOnTensorCores",
	"TestTrainOnCards", "TestTrainOnTensorCores",
}

func (r *runner) tests(save func() error) error {
	names := cardTests
	if r.tiny {
		names = []string{"TestOnCardBits", "TestWalksOnCards"}
	}
	for _, name := range names {
		r.test(name, name, 90*time.Second)
		if err := save(); err != nil {
			return err
		}
	}
	return nil
}

// test runs a test of the pack, perhaps under a tool, and takes in which kernels were launched.
func (r *runner) test(part, name string, limit time.Duration, tool ...string) {
	trace := filepath.Join(r.work, "trace")
	os.Remove(trace)
	args := append(tool, filepath.Join(r.dir, "cuda.test"), "-test.run", "^"+name+"$", "-test.v", "-test.timeout", "0")
	c := exec.Command(args[0], args[1:]...)
	c.Env = append(os.Environ(), "ATTRIB_TEST_DEVICE=card", "ATTRIB_REQUIRE=all", "ATTRIB_CUDA_TRACE="+trace)
	r.part(part, limit, c)
	r.launched(part, trace)
	p := &r.Parts[len(r.Parts)-1]
	switch {
	case p.State != results.Passed || fileThere(trace):
	case strings.Contains(r.said, "--- SKIP: "+name):
		p.State, p.Why = results.NotRun, tail(r.said)
	default:
		p.State, p.Why = results.Failed, "no kernel was launched: is there a test of that name?"
	}
}

func fileThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// launched takes in a trace.
func (r *runner) launched(part, trace string) {
	text, _ := os.ReadFile(trace)
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		i := slices.IndexFunc(r.Kernels, func(k results.Kernel) bool { return k.Kernel == f[0] && k.Target == f[1] })
		if i < 0 {
			i = len(r.Kernels)
			r.Kernels = append(r.Kernels, results.Kernel{Kernel: f[0], Target: f[1], PTX: f[2]})
		}
		r.Kernels[i].Parts = append(r.Kernels[i].Parts, part)
	}
}

// sanitizers run a test under NVIDIA's tools, where there are any.
func (r *runner) sanitizers(save func() error) error {
	tool := sanitizer()
	for _, kind := range []string{"memcheck", "racecheck"} {
		for _, name := range []string{"TestOnCardBits", "TestWalksOnCards", "TestRidgeOnCards", "TestTrainOnCards"} {
			part := "compute-sanitizer " + kind + " " + name
			if tool == "" {
				r.Parts = append(r.Parts, results.Part{Name: part, State: results.NotRun, Why: "there is no compute-sanitizer on this machine"})
				continue
			}
			r.test(part, name, 120*time.Second, tool, "--tool", kind, "--error-exitcode", "9")
		}
	}
	return save()
}

// sanitizer finds the tool on PATH or where CUDA's own installer puts it.
func sanitizer() string {
	for _, name := range []string{"compute-sanitizer", "/usr/local/cuda/bin/compute-sanitizer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func (r *runner) shapes(save func() error) error {
	for _, g := range groups(r.tiny) {
		r.part("times of "+g.name, 120*time.Second, r.self("times", g.name))
		if err := save(); err != nil {
			return err
		}
	}
	return nil
}

// torch has PyTorch do the same shapes, when there is one that sees the card.
func (r *runner) torch(save func() error) error {
	name := "PyTorch"
	python, err := exec.LookPath("python3")
	script := filepath.Join(r.dir, "peer.py")
	if err != nil || r.Emulated {
		r.Torch = "there is no python3, or no card"
		r.Parts = append(r.Parts, results.Part{Name: name, State: results.NotRun, Why: r.Torch})
		return save()
	}
	shapes := filepath.Join(r.work, "shapes.json")
	text, err := json.Marshal(r.Shapes)
	if err != nil {
		return err
	}
	if err := os.WriteFile(shapes, text, 0o644); err != nil {
		return err
	}
	p := r.part(name, 240*time.Second, exec.Command(python, script, shapes, r.handover()))
	if p.State == results.Failed && strings.Contains(p.Why, "no usable PyTorch") {
		p.State, r.Torch = results.NotRun, p.Why
	}
	return save()
}

// self is a part of this program.
func (r *runner) self(part ...string) *exec.Cmd {
	args := []string{"part", "-out", r.handover()}
	if r.tiny {
		args = append(args, "-tiny")
	}
	return exec.Command(filepath.Join(r.dir, "gpu"), append(args, part...)...)
}

func (r *runner) handover() string { return filepath.Join(r.work, "handover") }

// part runs a process within a limit and takes in what it handed over, also when it did not come to an end.
func (r *runner) part(name string, limit time.Duration, c *exec.Cmd) *results.Part {
	fmt.Printf("%-45s ", name)
	os.Remove(r.handover())
	limit, why := r.allowed(name, limit)
	if why != "" {
		fmt.Println(why)
		r.said = ""
		r.Parts = append(r.Parts, results.Part{Name: name, State: results.LeftOut, Why: why})
		return &r.Parts[len(r.Parts)-1]
	}
	began := time.Now()
	text, err := within(limit, c)
	r.said = text
	p := results.Part{Name: name, State: results.Passed, Seconds: time.Since(began).Round(time.Millisecond).Seconds()}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		p.State, p.Why = results.Timeout, fmt.Sprintf("not done after %s; it last said: %s", limit, tail(text))
	case err != nil:
		p.State, p.Why = results.Failed, strings.TrimSpace(err.Error()+": "+tail(text))
	}
	if err := r.take(); err != nil && p.State == results.Passed {
		p.State, p.Why = results.Failed, err.Error()
	}
	fmt.Printf("%s, %.1f s\n", p.State, p.Seconds)
	r.Parts = append(r.Parts, p)
	return &r.Parts[len(r.Parts)-1]
}

// least is what a part must have left to begin.
const least = 5 * time.Second

// allowed is how long a part may take, or why it is left out.
func (r *runner) allowed(name string, limit time.Duration) (time.Duration, string) {
	if r.only != nil && !r.only.MatchString(name) {
		return 0, "left out: not asked for"
	}
	if r.ends.IsZero() {
		return limit, ""
	}
	left := time.Until(r.ends)
	if left < least {
		return 0, "left out: the time for all parts is used up"
	}
	return min(limit, left), ""
}

// within runs a process and all that it starts, and ends them when the time is over.
func within(limit time.Duration, c *exec.Cmd) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.WaitDelay = 5 * time.Second
	if err := c.Start(); err != nil {
		return "", err
	}
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err := <-done:
		return out.String(), err
	case <-ctx.Done():
		syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		select { // a process that the driver holds may not end
		case <-done:
			return out.String(), ctx.Err()
		case <-time.After(10 * time.Second):
			return "", ctx.Err()
		}
	}
}

// tail is the end of what a part printed.
func tail(text string) string {
	const most = 2000
	text = strings.ToValidUTF8(strings.TrimSpace(text), "?")
	if len(text) > most {
		text = "… " + strings.ToValidUTF8(text[len(text)-most:], "")
	}
	return text
}

// take merges what a part handed over, a line of JSON each.
func (r *runner) take() error {
	text, err := os.ReadFile(r.handover())
	if err != nil {
		return nil // a test, which hands over nothing
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasSuffix(line, "\n") {
			break // cut off by the end of the process
		}
		var h handover
		if err := strictjson.Unmarshal([]byte(line), &h); err != nil {
			return fmt.Errorf("what the part handed over: %w", err)
		}
		h.into(&r.Result)
	}
	return nil
}
