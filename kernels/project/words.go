package project

import (
	_ "embed"
	"encoding/binary"
	"math"
	"sync"

	"attrib/internal/philox"
	"attrib/kernels/project/internal/normals"
	"attrib/kernels/simd"
)

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. project/words_amd64.s

//go:embed normals.bin
var normalsFile []byte

// magnitudes of normal numbers, by 12 bits.
var magnitudes = sync.OnceValue(func() []float32 {
	v := make([]float32, normals.Len)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(normalsFile[4*i:]))
	}
	return v
})

// unit is the generator on one path.
type unit struct {
	lanes   int // counters at a time
	words   func(out []uint32, groups int, counter *[4]uint32, keys *[20]uint32)
	signs   func(dst []float32, words []uint32)
	normals func(dst []float32, words []uint32, table []float32)
}

// plain is a counter at a time.
var plain = unit{lanes: 1, words: wordsPlain, signs: signsPlain, normals: normalsPlain}

func wordsPlain(out []uint32, groups int, counter *[4]uint32, keys *[20]uint32) {
	c := *counter
	for g := range groups {
		w := philox.Block(c, [2]uint32{keys[0], keys[1]})
		copy(out[4*g:], w[:])
		c[0]++
	}
}

func signsPlain(dst []float32, words []uint32) {
	for i := range dst {
		dst[i] = math.Float32frombits(0x3f800000 | words[i/32]>>(i%32)<<31)
	}
}

func normalsPlain(dst []float32, words []uint32, table []float32) {
	for i := range dst {
		half := words[i/2] >> (16 * (i % 2))
		dst[i] = math.Float32frombits(math.Float32bits(table[half&0xfff]) ^ half>>15<<31)
	}
}

// blockEntries is how many entries of a kind a block of the generator makes.
func blockEntries(kind Kind) int {
	if kind == Gaussian {
		return 8
	}
	return 128
}

// maker makes entries of a matrix on one path, in memory of its own. It belongs to one goroutine.
type maker struct {
	unit    *unit
	number  [2]uint32
	keys    [20]uint32 // of the ten rounds
	counter [4]uint32
	group   []uint32 // words of a group of counters, word by word
	words   []uint32 // the same, counter by counter
	rest    []float32
}

// makerEntries is the most that a maker makes in one piece.
const makerEntries = 2048

func (m Matrix) maker(p simd.Path) *maker {
	u := &units[p]
	w := &maker{unit: u, number: m.number, group: make([]uint32, 4*u.lanes), words: make([]uint32, 4*makerEntries/8), rest: make([]float32, 128)}
	k := m.key
	for r := range 10 {
		w.keys[2*r], w.keys[2*r+1] = k[0], k[1]
		k[0] += 0x9E3779B9
		k[1] += 0xBB67AE85
	}
	return w
}

// blocks are the words of n blocks of a row, four each, valid until the next call.
func (w *maker) blocks(row, from uint32, n int) []uint32 {
	if len(w.words) < 4*n {
		w.words = make([]uint32, 4*n)
	}
	lanes := w.unit.lanes
	for b := 0; b < n; b += lanes {
		w.counter = [4]uint32{from + uint32(b), row, w.number[0], w.number[1]}
		w.unit.words(w.group, 1, &w.counter, &w.keys)
		out := w.words[4*b : 4*min(b+lanes, n)]
		for j := range 4 {
			for i, v := range w.group[j*lanes : j*lanes+len(out)/4] {
				out[4*i+j] = v
			}
		}
	}
	return w.words[:4*n]
}

// entries sets dst to entries of a row from column on, which is a multiple of what a block holds.
func (w *maker) entries(kind Kind, row, column uint32, dst []float32) {
	per := blockEntries(kind)
	for len(dst) > 0 {
		n := min(makerEntries, len(dst))
		words := w.blocks(row, column/uint32(per), (n+per-1)/per)
		if whole := n / per * per; whole > 0 {
			w.expand(kind, dst[:whole], words)
		}
		if left := n % per; left > 0 {
			w.expand(kind, w.rest[:per], words[n/per*4:])
			copy(dst[n-left:n], w.rest)
		}
		dst, column = dst[n:], column+uint32(n)
	}
}

func (w *maker) expand(kind Kind, dst []float32, words []uint32) {
	if kind == Gaussian {
		w.unit.normals(dst, words, magnitudes())
		return
	}
	w.unit.signs(dst, words)
}
