package settle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// field is one part of a file that is hashed by itself: its JSON pointer (RFC 6901) and its canonical bytes.
type field struct {
	pointer string
	value   []byte
}

// maxDepth bounds the nesting of JSON in a bundle.
const maxDepth = 64

// jsonFields lists the leaves of one JSON value in the order of the file: strings, numbers as they are written, true,
// false, null, and {} and [] where they are empty. Repeated keys, data after the value and keys with control
// characters are refused: such a file would mean different things to different readers.
func jsonFields(data []byte) ([]field, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	w := &fieldWalker{dec: dec}
	if err := w.value("", 0); err != nil {
		return nil, jsonError(data, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("data after the end of the JSON value")
	}
	return w.out, nil
}

func jsonError(data []byte, err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends in the middle of a JSON value")
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("line %d: not JSON: %w", line, err)
	}
	return err
}

type fieldWalker struct {
	dec *json.Decoder
	out []field
}

func (w *fieldWalker) value(at string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	tok, err := w.dec.Token()
	if err != nil {
		return err
	}
	switch tok {
	case json.Delim('{'):
		return w.object(at, depth)
	case json.Delim('['):
		return w.array(at, depth)
	}
	return w.leaf(at, tok)
}

func (w *fieldWalker) leaf(at string, value any) error {
	text, err := canonical(value)
	w.out = append(w.out, field{at, text})
	return err
}

// canonical writes a leaf so that equal values have equal bytes, whatever escapes the file uses.
func canonical(value any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

func (w *fieldWalker) object(at string, depth int) error {
	seen := map[string]bool{}
	for w.dec.More() {
		tok, err := w.dec.Token()
		if err != nil {
			return err
		}
		key := tok.(string)
		if seen[key] {
			return fmt.Errorf("field %s is given twice", Readable(at+"/"+escape(key)))
		}
		if strings.ContainsFunc(key, func(r rune) bool { return r < ' ' }) {
			return fmt.Errorf("field %q has a control character in its name", key)
		}
		seen[key] = true
		if err := w.value(at+"/"+escape(key), depth+1); err != nil {
			return err
		}
	}
	if len(seen) == 0 {
		w.out = append(w.out, field{at, []byte("{}")})
	}
	_, err := w.dec.Token()
	return err
}

func (w *fieldWalker) array(at string, depth int) error {
	n := 0
	for ; w.dec.More(); n++ {
		if err := w.value(at+"/"+strconv.Itoa(n), depth+1); err != nil {
			return err
		}
	}
	if n == 0 {
		w.out = append(w.out, field{at, []byte("[]")})
	}
	_, err := w.dec.Token()
	return err
}

func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

func unescape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// Readable writes a JSON pointer as people do: /payees/3/address becomes payees[3].address.
func Readable(pointer string) string {
	if pointer == "" {
		return ""
	}
	var b strings.Builder
	for _, token := range strings.Split(pointer[1:], "/") {
		key := unescape(token)
		switch {
		case isIndex(key):
			b.WriteString("[" + key + "]")
		case isName(key):
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(key)
		default:
			b.WriteString("[" + strconv.Quote(key) + "]")
		}
	}
	return b.String()
}

func isIndex(s string) bool {
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil
}

func isName(s string) bool {
	ok := func(r rune) bool {
		return r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !ok(r) }) < 0
}
