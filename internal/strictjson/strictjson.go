// Package strictjson reads JSON that must mean exactly what it says: unknown fields, repeated keys, trailing data and
// schemas from the future are errors that name the file, the line and the field.
package strictjson

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"attrib/internal/atomicfile"
)

// MaxLine bounds one line of a JSON Lines file.
const MaxLine = 64 << 20

// ReadFile decodes the whole file into v.
func ReadFile(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Unmarshal decodes one JSON value strictly.
func Unmarshal(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return describe(data, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("data after the end of the JSON value")
	}
	return checkNames(data, reflect.TypeOf(v))
}

// describe puts the line of the mistake and the field's name into an error of encoding/json.
func describe(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: not JSON: %w", lineAt(data, syntax.Offset), err)
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: field %q: cannot read a %s as %s", lineAt(data, kind.Offset), kind.Field, kind.Value, kind.Type)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the file ends in the middle of a JSON value")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("unknown field %s", name)
	}
	return err
}

func lineAt(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
}

// Lines decodes a JSON Lines file: visit gets the line's number (from 1) and its bytes. Empty lines are skipped.
// Errors of visit are returned with file and line in front.
func Lines(path string, visit func(line int, data []byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	scan.Buffer(make([]byte, 0, 1<<16), MaxLine)
	line := 0
	for scan.Scan() {
		line++
		data := bytes.TrimSpace(scan.Bytes())
		if len(data) == 0 {
			continue
		}
		if err := visit(line, data); err != nil {
			return fmt.Errorf("%s:%d: %w", path, line, err)
		}
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", path, line+1, err)
	}
	return nil
}

// Marshal renders v as indented JSON with a final newline. The same value always gives the same bytes: struct order
// for structs, sorted keys for maps.
func Marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// WriteFile writes v as Marshal renders it, whole or not at all.
func WriteFile(path string, v any) error {
	data, err := Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return atomicfile.WriteBytes(path, data)
}

// CheckSchema compares a file's "schema" field, such as "attrib.scores/1", with the one this program writes. A higher
// version of the same schema is reported as coming from the future.
func CheckSchema(got, want string) error {
	if got == want {
		return nil
	}
	gotName, gotVersion, _ := strings.Cut(got, "/")
	wantName, wantVersion, _ := strings.Cut(want, "/")
	switch {
	case got == "":
		return fmt.Errorf("field \"schema\" is missing, want %q", want)
	case gotName != wantName:
		return fmt.Errorf("field \"schema\" is %q, want %q", got, want)
	case newer(gotVersion, wantVersion):
		return fmt.Errorf("schema %q is from the future: this program reads up to %q; use a newer attrib", got, want)
	}
	return fmt.Errorf("schema %q is not read by this program, want %q", got, want)
}

func newer(a, b string) bool {
	var x, y int
	if _, err := fmt.Sscanf(a, "%d", &x); err != nil {
		return false
	}
	if _, err := fmt.Sscanf(b, "%d", &y); err != nil {
		return false
	}
	return x > y
}
