package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"attrib/kernels/cuda/internal/nvrtc"
)

// job is one file for one architecture.
type job struct {
	name string // of the file, without .cu
	arch string // "75", "80", "90a"
	text []byte // the source

	ptx       []byte
	resources []nvrtc.Resources
	err       error
}

// plan lists the jobs of a folder, by name and architecture.
func plan(source string) ([]*job, error) {
	files, err := filepath.Glob(filepath.Join(source, "*.cu"))
	if err != nil {
		return nil, err
	}
	var jobs []*job
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		archs, err := archsOf(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, arch := range archs {
			jobs = append(jobs, &job{name: strings.TrimSuffix(filepath.Base(path), ".cu"), arch: arch, text: text})
		}
	}
	return jobs, nil
}

// archsOf reads a first line such as "// arch: 75 80 90a".
func archsOf(text []byte) ([]string, error) {
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Scan()
	list, ok := strings.CutPrefix(scanner.Text(), "// arch: ")
	archs := strings.Fields(list)
	if !ok || len(archs) == 0 {
		return nil, errors.New(`the first line must name the architectures, as "// arch: 75 80 90a"`)
	}
	for _, a := range archs {
		if a != "75" && a != "80" && a != "90a" {
			return nil, fmt.Errorf("architecture %q is not one of 75, 80, 90a", a)
		}
	}
	return archs, nil
}

// options are NVRTC's. Multiplications and additions stay apart: fused ones are written as such.
func options(tools nvrtc.Toolchain, source, arch string) []string {
	return []string{"--gpu-architecture=compute_" + arch, "-std=c++17", "--fmad=false", "-diag-suppress=177",
		"-DARCH=" + strings.TrimSuffix(arch, "a"), "-I" + source, "-I" + tools.Include}
}

// build compiles and assembles all jobs, some at a time.
func build(tools nvrtc.Toolchain, source string, jobs []*job) error {
	compiler, err := tools.Compiler()
	if err != nil {
		return err
	}
	if v := compiler.Version(); v != "12.4" {
		return fmt.Errorf("NVRTC %s: the committed PTX is made by 12.4", v)
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, j := range jobs {
		wg.Go(func() {
			slots <- struct{}{}
			j.run(tools, compiler, source)
			<-slots
		})
	}
	wg.Wait()
	var all error
	for _, j := range jobs {
		all = errors.Join(all, j.err)
	}
	return all
}

func (j *job) run(tools nvrtc.Toolchain, compiler *nvrtc.Compiler, source string) {
	if j.ptx, j.err = compiler.PTX(j.name+".cu", j.text, options(tools, source, j.arch)); j.err != nil {
		return
	}
	j.resources, j.err = tools.Assemble(j.ptx, "sm_"+j.arch)
	for i := range j.resources {
		j.resources[i].File = j.name
	}
	if j.err != nil {
		j.err = fmt.Errorf("%s: %w", j.name, j.err)
	}
}
