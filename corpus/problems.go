package corpus

import (
	"fmt"
	"strings"
)

// MaxProblems is how many mistakes of a folder are kept; further ones are counted.
const MaxProblems = 20

// Problem is one mistake in a corpus folder.
type Problem struct {
	File   string // as it was opened; may be empty when Text names it
	Line   int    // from 1; 0 means the file as a whole
	Record string // such as `sample "s17"`; may be empty
	Field  string // may be empty
	Text   string
}

// Error is file:line, record, field and what is wrong.
func (p Problem) Error() string {
	var parts []string
	if p.Line > 0 {
		parts = append(parts, fmt.Sprintf("%s:%d", p.File, p.Line))
	} else if p.File != "" {
		parts = append(parts, p.File)
	}
	if p.Record != "" {
		parts = append(parts, p.Record)
	}
	if p.Field != "" {
		parts = append(parts, fmt.Sprintf("field %q", p.Field))
	}
	return strings.Join(append(parts, p.Text), ": ")
}

// Invalid is the error of a folder that was read and is wrong. Its message has one problem a line.
type Invalid struct {
	Problems []Problem // at most MaxProblems, in the order they were found
	More     int       // problems beyond those
}

// Error lists the problems.
func (e *Invalid) Error() string {
	lines := make([]string, len(e.Problems), len(e.Problems)+1)
	for i, p := range e.Problems {
		lines[i] = p.Error()
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the problems to errors.As.
func (e *Invalid) Unwrap() []error {
	out := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		out[i] = p
	}
	return out
}

func (e *Invalid) add(p Problem) {
	if len(e.Problems) < MaxProblems {
		e.Problems = append(e.Problems, p)
		return
	}
	e.More++
}

// err is nil when nothing was added.
func (e *Invalid) err() error {
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}

// place says where a record stands, to report problems of its fields.
type place struct {
	to     *Invalid
	file   string
	line   int
	record string
}

func (p place) named(kind, id string) place {
	p.record = fmt.Sprintf("%s %q", kind, id)
	return p
}

func (p place) bad(field, format string, args ...any) {
	p.to.add(Problem{p.file, p.line, p.record, field, fmt.Sprintf(format, args...)})
}
