// Package packed keeps long columns in little memory: what is known of every sample of a corpus of millions of lines.
//
// [Ints] holds integers, about nothing each where they go up in equal steps and as few bytes as their range takes
// elsewhere; [Strings] holds texts without the beginning that each shares with the one before. Both only grow, in pieces that
// are never copied, so that a column takes no more while it is read than afterwards.
package packed

import "encoding/binary"

// chunkLen is how many values are packed together.
const chunkLen = 4096

// Ints is a column of integers. The zero value is empty. Reading is safe for any number of goroutines while nobody appends.
type Ints struct {
	packed []chunk
	tail   []int64 // fewer than chunkLen
}

// chunk is value i = base + i·step + offset i, offsets of width bytes each: 0 for none, 1, 2, 4 or 8.
type chunk struct {
	base, step int64
	width      int
	offsets    []byte
}

// Len is the number of values.
func (c *Ints) Len() int { return len(c.packed)*chunkLen + len(c.tail) }

// Append adds a value.
func (c *Ints) Append(v int64) {
	if c.tail == nil {
		c.tail = make([]int64, 0, chunkLen)
	}
	if c.tail = append(c.tail, v); len(c.tail) == chunkLen {
		c.packed = append(c.packed, pack(c.tail))
		c.tail = c.tail[:0]
	}
}

// At is value i. It panics when there is none.
func (c *Ints) At(i int) int64 {
	if at := i / chunkLen; at < len(c.packed) {
		return c.packed[at].at(i % chunkLen)
	}
	return c.tail[i-len(c.packed)*chunkLen]
}

func pack(v []int64) chunk {
	if step := v[1] - v[0]; even(v, step) {
		return chunk{base: v[0], step: step}
	}
	low, high := v[0], v[0]
	for _, x := range v {
		low, high = min(low, x), max(high, x)
	}
	c := chunk{base: low, width: widthOf(uint64(high) - uint64(low))}
	c.offsets = make([]byte, c.width*len(v))
	for i, x := range v {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], uint64(x)-uint64(low))
		copy(c.offsets[i*c.width:], b[:c.width])
	}
	return c
}

func even(v []int64, step int64) bool {
	for i := range v[1:] {
		if v[i+1]-v[i] != step {
			return false
		}
	}
	return true
}

func widthOf(spread uint64) int {
	for _, w := range []int{1, 2, 4} {
		if spread < 1<<(8*w) {
			return w
		}
	}
	return 8
}

func (c *chunk) at(i int) int64 {
	base, o := c.base+int64(i)*c.step, c.offsets[i*c.width:]
	switch c.width {
	case 0:
		return base
	case 1:
		return base + int64(o[0])
	case 2:
		return base + int64(binary.LittleEndian.Uint16(o))
	case 4:
		return base + int64(binary.LittleEndian.Uint32(o))
	}
	return base + int64(binary.LittleEndian.Uint64(o))
}
