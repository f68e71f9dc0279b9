// Command maketable writes the table of magnitudes of normal numbers: go run attrib/kernels/project/maketable normals.bin
package main

import (
	"fmt"
	"os"

	"attrib/kernels/project/internal/normals"
)

func main() {
	if err := os.WriteFile(os.Args[1], normals.Table(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
