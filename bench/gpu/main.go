// Command gpu tests and times the kernels on a machine with a card and nothing else: see bench/gpu.sh, which packs it.
//
//	gpu run [-tiny]    self-test, tests, tools and times; writes <card>-<date>.json into the folder it lies in
//	gpu table [files]  the README's table of bench/results, or of files; prints nothing when there is no result
//	gpu proven         writes kernels/cuda/driver/proven.json from bench/results
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"attrib/bench/results"
	"attrib/internal/atomicfile"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gpu:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	if len(args) == 0 {
		return errors.New("want run, table or proven")
	}
	switch args[0] {
	case "run":
		return runAll(args[1:])
	case "part": // what run starts, a process each
		return runPart(args[1:])
	case "table":
		return table(args[1:])
	case "proven":
		return proven("kernels/cuda/driver/proven.json")
	}
	return fmt.Errorf("unknown command %q, want run, table or proven", args[0])
}

func table(names []string) error {
	all, err := results.All()
	if len(names) > 0 {
		all = nil
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			r, err := results.Parse(filepath.Base(name), text)
			if err != nil {
				return err
			}
			all = append(all, r)
		}
	}
	if err != nil {
		return err
	}
	return results.Table(os.Stdout, all)
}

// proven is run from the root of the repository.
func proven(path string) error {
	all, err := results.All()
	if err != nil {
		return err
	}
	text, err := provenText(all)
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, text)
}

func provenText(all []*results.Result) ([]byte, error) {
	text, err := json.MarshalIndent(results.Proofs(all), "", "  ")
	return append(text, '\n'), err
}
