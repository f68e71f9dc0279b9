//go:build linux

package cuda

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/cuda/internal/emulib"
)

// raceMutant is a mistake that the watch must report as a race. Suite runs it, or, without one, the probe of the scans
// in Source: on sm_80, those of wgmma on sm_90.
type raceMutant struct {
	Suite, Source string
	emulib.Mutant
	spare string // why nobody need notice, if so
}

// spareBarriers are those that nothing needs, and why.
var spareBarriers = map[string]string{
	"    subtractPanel(s, at);\n    __syncthreads();": "the next corner is written and read by the same lanes of the first warp, and a barrier follows it",
}

// raceMutants give the right numbers in the eight orders, all of them or most.
var raceMutants = []raceMutant{
	{"", "scan.cu", emulib.Mutant{File: "scan.cu", Old: "a.spare + (which ? (long long)a.queries * a.k[0] : 0) + (long long)query * k;", New: "a.spare + ((long long)which * a.queries + query) * k;", Why: "two blocks of a merge share spare memory"}, ""},
	{"", "scan.cu", emulib.Mutant{File: "scan.cu", Old: "    atomicOr(a.shifted, 1);", New: "    *a.shifted = 1;", Why: "blocks write the same flag"}, ""},
	{"", "scan.cu", emulib.Mutant{File: "fold.cuh", Old: "atomicAdd((unsigned long long *)at, (unsigned long long)v);", New: "*at += v;", Why: "sums of groups without atomics"}, ""},
	{"", "scan.cu", emulib.Mutant{File: "fold.cuh", Old: "if (*(volatile long long *)at < v)", New: "if (*at < v)", Why: "a plain read beside atomics"}, ""},
	{"walks", "", emulib.Mutant{File: "walks.cu", Old: "atomicAdd(a.gain + first + a.order[first + (pass ? a.players - 1 - i : i)], (unsigned long long)all);", New: "a.gain[first + a.order[first + (pass ? a.players - 1 - i : i)]] += (unsigned long long)all;", Why: "gains of tiles of outputs without atomics"}, ""},
	{"gram", "", emulib.Mutant{File: "gram.cu", Old: "atomicOr(a.scaled + run, 1);", New: "a.scaled[run] = 1;", Why: "columns write the same flag"}, ""},
	{"cholesky", "", emulib.Mutant{File: "choleskysmall.cuh", Old: "__syncwarp();", New: "__shfl_sync(~0u, 0, 0);", Why: "a shuffle in a barrier's place, which orders no memory"}, ""},
	{"cholesky", "", emulib.Mutant{File: "choleskysmall.cuh", Old: "col0 + j < s.n && col0 + j <= own ? to[j]", New: "col0 + j < s.n && col0 + j <= row ? to[j]", Why: "rows that are not there read the last row's numbers"}, ""},
}

// sweptFiles are those whose barriers are left out one by one, and what runs them.
var sweptFiles = map[string][2]string{
	"gemm.cu": {"gemm"}, "gram.cu": {"gram"}, "walks.cu": {"walks"}, "project.cu": {"project"}, "projecthalf.cuh": {"project"}, "projectsparse.cuh": {"project"},
	"choleskysmall.cuh": {"cholesky"}, "choleskylarge.cuh": {"cholesky"}, "train.cu": {"train"}, "gemm.cuh": {"train"},
	"scan.cu": {"", "scan.cu"}, "simt.cuh": {"", "scan.cu"}, "fold.cuh": {"", "scan.cu"}, "norms.cuh": {"", "factored.cu"}, "mma.cuh": {"", "scan_mma.cu"}, "scan_wgmma.cu": {"", "scan_wgmma.cu"},
}

// barriers are mutants, each without one of the barriers of the files.
func barriers(t *testing.T) (list []raceMutant) {
	barrier := regexp.MustCompile(`__sync(threads|warp)\(\);`)
	for file, by := range sweptFiles {
		data, err := os.ReadFile(filepath.Join("src", file))
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		for _, at := range barrier.FindAllStringIndex(text, -1) {
			from, to := at[0], at[1]
			for strings.Count(text, text[from:to]) > 1 {
				from = strings.LastIndexByte(text[:from-1], '\n') + 1
				to += strings.IndexByte(text[to:]+"\n", '\n')
			}
			line := 1 + strings.Count(text[:at[0]], "\n")
			list = append(list, raceMutant{by[0], by[1], emulib.Mutant{File: file, Old: text[from:to], New: text[from:at[0]] + "(void)0;" + text[at[1]:to], Why: fmt.Sprintf("%s:%d without its barrier", file, line)}, spareBarriers[text[from:to]]})
		}
	}
	slices.SortFunc(list, func(a, b raceMutant) int { return strings.Compare(a.Why, b.Why) })
	return list
}

// TestRaceMutants: races that were put in are reported. A plain run takes every third; ATTRIB_MUTANTS=all leaves out every barrier in turn as well.
func TestRaceMutants(t *testing.T) {
	if !apart(t) {
		return
	}
	if testing.Short() {
		t.Skip("builds an emulator for every fault")
	}
	exactCPU(t)
	list := raceMutants
	if os.Getenv("ATTRIB_MUTANTS") == "all" {
		list = append(slices.Clone(list), barriers(t)...)
	}
	for i, m := range list {
		if i%3 != 0 && os.Getenv("ATTRIB_MUTANTS") != "all" {
			continue
		}
		t.Run(m.Why, func(t *testing.T) {
			child := exec.Command(os.Args[0], "-test.run=^TestRaceMutantChild$", "-test.v")
			child.Env = append(os.Environ(), "ATTRIB_RACE_SUITE="+m.Suite)
			if m.Suite != "" {
				dir, err := m.Plant("src", t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				child.Env = append(child.Env, "ATTRIB_RACE_SOURCE="+dir)
			} else {
				at := slices.IndexFunc(mutants, func(p mutant) bool { return p.source == m.Source && p.arch >= 80 })
				probe := mutants[at]
				probe.File, probe.Old, probe.New = m.File, m.Old, m.New
				path := fake.Build(t, probe.arch, append([]string{fake.Watched}, mutatedOf(t, probe, watchedSources[probe.arch])...)...)
				child.Env = append(child.Env, fmt.Sprintf("ATTRIB_RACE_PROBE=%d", at), "ATTRIB_RACE_SOURCE="+path)
			}
			text, err := child.CombinedOutput()
			var exit *exec.ExitError
			switch {
			case m.spare != "" && err == nil:
			case err == nil && bytes.Contains(text, []byte("SKIP")):
				t.Skip("no emulator")
			case err == nil:
				t.Error("nobody notices")
			case !errors.As(err, &exit) || !bytes.Contains(text, []byte(": race: ")):
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
}

// TestRaceMutantChild fails where a race is reported.
func TestRaceMutantChild(t *testing.T) {
	suite, source := os.Getenv("ATTRIB_RACE_SUITE"), os.Getenv("ATTRIB_RACE_SOURCE")
	if source == "" {
		t.Skip("run by TestRaceMutants")
	}
	if suite != "" {
		runWatched(t, suiteNamed(suite), 80, source)
		return
	}
	i, err := strconv.Atoi(os.Getenv("ATTRIB_RACE_PROBE"))
	if err != nil {
		t.Fatal(err)
	}
	lib, err := driver.OpenFile(source)
	if err != nil {
		t.Fatal(err)
	}
	probeWatched(t, lib, mutants[i], exactCPU(t))
}
