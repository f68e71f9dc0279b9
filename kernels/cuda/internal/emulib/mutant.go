package emulib

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Mutant is a mistake put into a source on purpose, which tests must notice: in File (below the source folder) the
// text Old, which occurs once, becomes New.
type Mutant struct{ File, Old, New, Why string }

// Plant copies the source folder to a new one below dir and makes the mistake there.
func (m Mutant) Plant(source, dir string) (string, error) {
	to, err := os.MkdirTemp(dir, "mutant")
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(to, os.DirFS(source)); err != nil {
		return "", err
	}
	path := filepath.Join(to, m.File)
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.Old); n != 1 {
		return "", fmt.Errorf("mutant %q: %q occurs %d times in %s", m.Why, m.Old, n, m.File)
	}
	return to, os.WriteFile(path, []byte(strings.Replace(string(text), m.Old, m.New, 1)), 0o644)
}
