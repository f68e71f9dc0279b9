// Command cmd writes one generated assembly file: go run attrib/kernels/internal/asmgen/cmd -root .. blas/gemm_amd64.s
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"attrib/kernels/internal/asmgen"
)

func main() {
	root := flag.String("root", ".", "the folder kernels")
	flag.Parse()
	for _, name := range flag.Args() {
		if err := write(*root, name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func write(root, name string) error {
	text, ok := asmgen.Files()[name]
	if !ok {
		return fmt.Errorf("asmgen: no file %q", name)
	}
	return os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), []byte(text), 0o644)
}
