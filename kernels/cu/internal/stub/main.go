// Command stub writes C source of a library that has every function which a cuda.h declares, under its plain name and
// under the versioned one, and answers each call with CUDA_ERROR_STUB_LIBRARY (34). Linked as libcuda.so.1 it lets a
// program be built and started on a machine without a driver.
//
//	go run ./kernels/cu/internal/stub -header cuda.h [-except names] >stub.c && gcc -shared -fPIC -Wl,-soname,libcuda.so.1 -o libcuda.so stub.c
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	header := flag.String("header", "", "a cuda.h")
	except := flag.String("except", "", "a file of names, one a line, that are left out")
	flag.Parse()
	if err := run(*header, *except, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "stub:", err)
		os.Exit(1)
	}
}

func run(header, except string, to io.Writer) error {
	text, err := os.ReadFile(header)
	if err != nil {
		return err
	}
	out := ""
	if except != "" {
		skip, err := os.ReadFile(except)
		if err != nil {
			return err
		}
		out = string(skip)
	}
	all := names(string(text))
	if len(all) == 0 {
		return errors.New(header + " declares no functions of the driver")
	}
	return write(to, slices.DeleteFunc(all, func(n string) bool { return slices.Contains(strings.Fields(out), n) }))
}

var (
	declared = regexp.MustCompile(`\bCUDAAPI\s+(cu[A-Z]\w*)\s*\(`)
	mapped   = regexp.MustCompile(`(?m)^\s*#\s*define\s+(cu[A-Z]\w*)\s+(?:__CUDA_API_PT\w+\()?(cu[A-Z]\w*)\)?\s*$`)
	wrapped  = regexp.MustCompile(`(?m)^\s*#\s*define\s+(cu[A-Z]\w*)\s+__CUDA_API_\w+\((cu[A-Z]\w*)\)`)
)

// names are the functions of a cuda.h, sorted, each once.
func names(header string) []string {
	found := map[string]bool{}
	for _, m := range declared.FindAllStringSubmatch(header, -1) {
		found[m[1]] = true
	}
	for _, m := range slices.Concat(mapped.FindAllStringSubmatch(header, -1), wrapped.FindAllStringSubmatch(header, -1)) {
		found[m[1]], found[m[2]] = true, true
	}
	return slices.Sorted(maps.Keys(found))
}

func write(to io.Writer, names []string) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, "// %d functions of CUDA's driver without a driver.\n", len(names))
	for _, n := range names {
		fmt.Fprintf(w, "int %s() { return 34; }\n", n)
	}
	return w.Flush()
}
