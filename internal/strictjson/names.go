package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// checkNames refuses what encoding/json lets pass: a key that is given twice (it keeps the last one) and a key that
// differs from the field's name in the case of its letters (it takes it for the field). data is known to be one valid
// JSON value that decodes into t.
func checkNames(data []byte, t reflect.Type) error {
	s := &nameScanner{data: data}
	return s.value(t)
}

// nameScanner walks valid JSON beside the Go type that it was decoded into. A nil type stands for anything.
type nameScanner struct {
	data []byte
	at   int
}

func (s *nameScanner) space() byte {
	for {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
}

func (s *nameScanner) value(t reflect.Type) error {
	t = plain(t)
	switch s.space() {
	case '{':
		return s.object(t)
	case '[':
		return s.array(t)
	case '"':
		s.text()
		return nil
	}
	for s.at < len(s.data) && !bytes.ContainsRune([]byte(",]} \t\r\n"), rune(s.data[s.at])) {
		s.at++
	}
	return nil
}

func (s *nameScanner) array(t reflect.Type) error {
	var elem reflect.Type
	if t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
		elem = t.Elem()
	}
	for s.at++; s.space() != ']'; {
		if err := s.value(elem); err != nil {
			return err
		}
		if s.space() == ',' {
			s.at++
		}
	}
	s.at++
	return nil
}

func (s *nameScanner) object(t reflect.Type) error {
	seen := map[string]bool{}
	for s.at++; s.space() != '}'; {
		key := s.text()
		if seen[key] {
			return fmt.Errorf("line %d: field %q is given twice", lineAt(s.data, int64(s.at)), key)
		}
		seen[key] = true
		child, err := childType(t, key)
		if err != nil {
			return fmt.Errorf("line %d: %w", lineAt(s.data, int64(s.at)), err)
		}
		s.space()
		s.at++ // the colon
		if err := s.value(child); err != nil {
			return err
		}
		if s.space() == ',' {
			s.at++
		}
	}
	s.at++
	return nil
}

// text reads the string that begins here.
func (s *nameScanner) text() string {
	first := s.at
	escaped := false
	for s.at++; s.data[s.at] != '"'; s.at++ {
		if s.data[s.at] == '\\' {
			escaped = true
			s.at++
		}
	}
	s.at++
	if !escaped {
		return string(s.data[first+1 : s.at-1])
	}
	var out string
	_ = json.Unmarshal(s.data[first:s.at], &out) // the value is known to be valid
	return out
}

// childType is the type of a key's value: nil where anything goes, an error where no field has exactly this name.
func childType(t reflect.Type, key string) (reflect.Type, error) {
	if t == nil {
		return nil, nil
	}
	if t.Kind() == reflect.Map {
		return t.Elem(), nil
	}
	if t.Kind() != reflect.Struct {
		return nil, nil
	}
	names := fieldsOf(t)
	child, ok := names[key]
	if ok {
		return child, nil
	}
	for name := range names {
		if strings.EqualFold(name, key) {
			return nil, fmt.Errorf("unknown field %q: the field is written %q", key, name)
		}
	}
	return nil, fmt.Errorf("unknown field %q", key)
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// plain strips pointers; types that read themselves are walked as anything.
func plain(t reflect.Type) reflect.Type {
	for t != nil {
		if t.Implements(unmarshaler) || reflect.PointerTo(t).Implements(unmarshaler) {
			return nil
		}
		if t.Kind() != reflect.Pointer {
			return t
		}
		t = t.Elem()
	}
	return nil
}

var fieldCache sync.Map // reflect.Type → map[string]reflect.Type

// fieldsOf are the JSON names of a struct's fields, those of embedded structs included.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if known, ok := fieldCache.Load(t); ok {
		return known.(map[string]reflect.Type)
	}
	out := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		out[name] = f.Type
	}
	fieldCache.Store(t, out)
	return out
}
