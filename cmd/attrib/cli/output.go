package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// print writes a command's result: v as JSON under --json, otherwise what text prints.
func (e *env) print(v any, text func(w io.Writer)) error {
	if !e.json {
		w := &checkedWriter{w: e.out}
		text(w)
		return w.err
	}
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// checkedWriter remembers the first error, such as that of a full disk.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// table prints rows in columns; the first row is the heading.
func table(w io.Writer, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r, "\t"))
	}
	t.Flush()
}

// progress shows how far a stage is, on a terminal only: done of total, rate, time left. The returned function is
// safe for concurrent use; done ≥ total ends the line.
func (e *env) progress(stage, unit string) func(done, total int64) {
	if e.quiet || e.json || !isTerminal(e.err) {
		return func(int64, int64) {}
	}
	var mu sync.Mutex
	began, last := time.Now(), time.Time{}
	return func(done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if done < total && now.Sub(last) < 100*time.Millisecond {
			return
		}
		last = now
		rate := float64(done) / max(now.Sub(began).Seconds(), 1e-9)
		left := time.Duration(float64(total-done) / max(rate, 1e-9) * float64(time.Second)).Round(time.Second)
		fmt.Fprintf(e.err, "\r\x1b[K%s: %d of %d %s, %.0f/s, %s left", stage, done, total, unit, rate, left)
		if done >= total {
			fmt.Fprint(e.err, "\r\x1b[K")
		}
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
