package corpus

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// columnKind says how a CSV cell becomes a JSON value. An empty cell is a missing field.
type columnKind uint8

const (
	textColumn    columnKind = iota
	integerColumn            // digits
	numbersColumn            // numbers separated by spaces
	jsonColumn               // a JSON value
)

// readCSV visits the rows of a CSV file (RFC 4180) as JSON objects, so that both forms are decoded by the same code.
func (t table) readCSV(path string, visit visitRecord) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r, header, err := t.openCSV(f)
	if err != nil {
		return fmt.Errorf("%s:1: %w", path, err)
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, csv.ErrFieldCount) {
			return fmt.Errorf("%s: %w", path, err) // the reader cannot find the next row: its message has the line
		}
		line, _ := r.FieldPos(0)
		var data []byte
		if err != nil {
			err = fmt.Errorf("has %d cells, the header has %d", len(cells), len(header))
		} else {
			data, err = t.rowJSON(header, cells)
		}
		if err := visit(line, data, err); err != nil {
			return fmt.Errorf("%s:%d: %w", path, line, err)
		}
	}
}

// openCSV reads and checks the header row, after a byte order mark if there is one.
func (t table) openCSV(f io.Reader) (*csv.Reader, []string, error) {
	in := bufio.NewReader(f)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		in.Discard(3)
	}
	r := csv.NewReader(in)
	header, err := r.Read()
	if err == io.EOF {
		return nil, nil, errors.New("the file is empty: the first row must name the columns")
	}
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, name := range header {
		if _, ok := t.columns[name]; !ok {
			return nil, nil, fmt.Errorf("unknown column %q, want some of %s", name, strings.Join(slices.Sorted(maps.Keys(t.columns)), ", "))
		}
		if seen[name] {
			return nil, nil, fmt.Errorf("column %q is there twice", name)
		}
		seen[name] = true
	}
	return r, header, nil
}

func (t table) rowJSON(header, cells []string) ([]byte, error) {
	row := map[string]json.RawMessage{}
	for i, name := range header {
		if cells[i] == "" {
			continue
		}
		value, err := t.columns[name].value(cells[i])
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		if name == "features" {
			name = "content"
		}
		if row[name] != nil {
			return nil, errors.New("has both content and features; fill in one")
		}
		row[name] = value
	}
	return json.Marshal(row)
}

func (k columnKind) value(cell string) (json.RawMessage, error) {
	switch k {
	case integerColumn:
		v, err := strconv.ParseInt(cell, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a whole number", cell)
		}
		return strconv.AppendInt(nil, v, 10), nil
	case numbersColumn:
		return numbersCell(cell)
	case jsonColumn:
		if !json.Valid([]byte(cell)) {
			return nil, errors.New("is not JSON")
		}
		return json.RawMessage(cell), nil
	}
	return json.Marshal(cell)
}

// numbersCell rewrites numbers in JSON's notation, which is narrower than what programs write into CSV files.
func numbersCell(cell string) (json.RawMessage, error) {
	out := []byte{'['}
	for i, item := range strings.Fields(cell) {
		v, err := strconv.ParseFloat(item, 64)
		if errors.Is(err, strconv.ErrSyntax) {
			return nil, fmt.Errorf("number %d is %q, which is no number", i, item)
		}
		if err := (&Content{Numbers: []float64{v}}).check(); err != nil {
			return nil, fmt.Errorf("number %d is %v: features must be finite float32 values", i, item)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendFloat(out, v, 'g', -1, 64)
	}
	return append(out, ']'), nil
}
