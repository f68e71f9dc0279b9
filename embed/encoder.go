package embed

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Names of the encoders.
const (
	PixelName = "pixel"
	CharName  = "char-ngram"
)

// Item is a sample to encode: numbers or text.
type Item struct {
	Values []float32
	Text   string
}

// Encoder turns an item into a row of Width numbers. Encoders are fixed functions and safe for concurrent use.
type Encoder interface {
	Name() string
	Width() int
	Encode(dst []float32, item Item) error // len(dst) is Width
}

// Options of New. Each encoder reads its own.
type Options struct {
	Width int     // pixel: values in a sample (required); char-ngram: length of a row. Default: 1024 for char-ngram
	Max   float64 // pixel: the largest value there can be (16 for the digits, 255 for bytes). Default: 1
}

// New is the encoder of that name.
func New(name string, o Options) (Encoder, error) {
	var all []error
	if name != PixelName && name != CharName {
		return nil, fmt.Errorf("encoder %q is not one of %s, %s", name, PixelName, CharName)
	}
	if o.Max == 0 {
		o.Max = 1
	}
	if !(o.Max > 0) || math.IsInf(o.Max, 0) {
		all = append(all, fmt.Errorf("the largest value is %v, want a positive number", o.Max))
	}
	if o.Width == 0 && name == CharName {
		o.Width = 1024
	}
	if o.Width < 1 {
		all = append(all, fmt.Errorf("rows of width %d, want at least 1", o.Width))
	}
	if err := errors.Join(all...); err != nil {
		return nil, err
	}
	if name == PixelName {
		return pixel{o.Width, o.Max}, nil
	}
	return char{o.Width}, nil
}

type pixel struct {
	width int
	max   float64
}

func (p pixel) Name() string { return PixelName }
func (p pixel) Width() int   { return p.width }

func (p pixel) Encode(dst []float32, item Item) error {
	if len(item.Values) != p.width {
		return fmt.Errorf("%d values, want %d", len(item.Values), p.width)
	}
	for i, v := range item.Values {
		if !(v >= 0 && float64(v) <= p.max) {
			return fmt.Errorf("value %d is %v, outside 0 … %v", i, v, p.max)
		}
		dst[i] = float32(float64(v) / p.max)
	}
	return nil
}

// maxGram is the longest n-gram of the char encoder.
const maxGram = 3

type char struct{ width int }

func (c char) Name() string { return CharName }
func (c char) Width() int   { return c.width }

// Encode counts the n-grams of the text between two marks. The hash's lowest bit is the sign, which keeps collisions
// from adding up.
func (c char) Encode(dst []float32, item Item) error {
	if strings.TrimSpace(item.Text) == "" {
		return errors.New("the text is empty")
	}
	if !utf8.ValidString(item.Text) {
		return errors.New("the text is not UTF-8")
	}
	runes := []rune("\x02" + item.Text + "\x03")
	counts := make([]float64, c.width)
	for n := 1; n <= maxGram; n++ {
		for i := 0; i+n <= len(runes); i++ {
			h := hash(runes[i : i+n])
			sign := 1 - 2*float64(h&1)
			counts[(h>>1)%uint64(c.width)] += sign
		}
	}
	norm := 0.0
	for _, v := range counts {
		norm += float64(v * v)
	}
	for i, v := range counts {
		if dst[i] = 0; norm > 0 {
			dst[i] = float32(v / math.Sqrt(norm))
		}
	}
	return nil
}

// hash is FNV-1a over the runes, with a last mixing step (that of MurmurHash3) because FNV's low bits are weak.
func hash(gram []rune) uint64 {
	h := uint64(14695981039346656037)
	for _, r := range gram {
		for shift := 0; shift < 32; shift += 8 {
			h = (h ^ uint64(byte(r>>shift))) * 1099511628211
		}
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
