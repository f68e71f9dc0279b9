package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Content is an asset written into the line: numbers when Numbers is not nil, otherwise text.
type Content struct {
	Text    string
	Numbers []float64
}

// Text is a text asset.
func Text(s string) *Content { return &Content{Text: s} }

// Numbers is an asset of features. The slice is kept.
func Numbers(v []float64) *Content { return &Content{Numbers: v} }

// IsText tells text from numbers.
func (c *Content) IsText() bool { return c.Numbers == nil }

// Bytes are the content bytes that are hashed: UTF-8 of a text, little-endian binary64 of numbers.
func (c *Content) Bytes() []byte {
	if c.IsText() {
		return []byte(c.Text)
	}
	b := make([]byte, 0, 8*len(c.Numbers))
	for _, v := range c.Numbers {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

// SHA256 is the hash of Bytes.
func (c *Content) SHA256() [32]byte { return sha256.Sum256(c.Bytes()) }

// Features are the numbers as float32.
func (c *Content) Features() []float32 {
	out := make([]float32, len(c.Numbers))
	for i, v := range c.Numbers {
		out[i] = float32(v)
	}
	return out
}

// check finds what no asset may be: empty, or with a number that is not finite as float32.
func (c *Content) check() error {
	if c.IsText() {
		if c.Text == "" {
			return errors.New("is empty")
		}
		return nil
	}
	if len(c.Numbers) == 0 {
		return errors.New("is an empty array")
	}
	for i, v := range c.Numbers {
		if math.IsNaN(v) || math.IsInf(float64(float32(v)), 0) {
			return fmt.Errorf("number %d is %v: features must be finite float32 values", i, v)
		}
	}
	return nil
}

// MarshalJSON writes a string or an array of numbers.
func (c *Content) MarshalJSON() ([]byte, error) {
	if !c.IsText() {
		return json.Marshal(c.Numbers)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(c.Text)
	return bytes.TrimRight(buf.Bytes(), "\n"), err
}

// UnmarshalJSON reads a string or an array of numbers. The array is taken apart by hand because it is most of a corpus
// file, and so that a bad element is named by its position.
func (c *Content) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	switch data[0] {
	case '"':
		c.Numbers = nil
		return json.Unmarshal(data, &c.Text)
	case '[':
		return c.readNumbers(bytes.TrimSpace(data[1 : len(data)-1]))
	}
	return errors.New("field \"content\": must be a text or an array of numbers")
}

func (c *Content) readNumbers(list []byte) error {
	c.Text, c.Numbers = "", make([]float64, 0, 1+bytes.Count(list, []byte(",")))
	for len(list) > 0 {
		item, rest, _ := bytes.Cut(list, []byte(","))
		v, err := strconv.ParseFloat(string(bytes.TrimSpace(item)), 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return fmt.Errorf("field \"content\": element %d is not a number", len(c.Numbers))
		}
		c.Numbers, list = append(c.Numbers, v), rest
	}
	return nil
}
