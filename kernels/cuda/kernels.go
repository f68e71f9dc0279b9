package cuda

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

var entryLine = regexp.MustCompile(`(?m)^\.visible \.entry (\w+)\(`)

// Kernels lists the kernels of the program that are compiled for a target ("sm_80"), sorted, but for the self-tests.
func Kernels(target string) []string {
	var all []string
	files, _ := fs.Glob(ptxFiles, "ptx/*."+target+".ptx")
	for _, file := range files {
		all = append(all, entries(file)...)
	}
	slices.Sort(all)
	return all
}

// entries are the kernels of a text.
func entries(file string) (all []string) {
	text, _ := ptxFiles.ReadFile(file)
	for _, found := range entryLine.FindAllSubmatch(text, -1) {
		if name := string(found[1]); !strings.HasPrefix(name, "selftest_") {
			all = append(all, name)
		}
	}
	return all
}
