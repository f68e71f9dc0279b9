package packed

import (
	"encoding/binary"
	"slices"
)

// restart is how many texts follow each other of which each leaves out what it shares with the one before.
const restart = 16

// Strings is a column of texts. The zero value is empty. Reading is safe for any number of goroutines while nobody appends.
type Strings struct {
	packed []page
	tail   page
	n      int
	last   []byte // the text before the next one
}

// page holds chunkLen texts: for each the length of what it shares with the one before, that of the rest, and the rest.
type page struct {
	starts []uint32 // of every restart-th text
	data   []byte
}

// Len is the number of texts.
func (c *Strings) Len() int { return c.n }

// Append adds a text.
func (c *Strings) Append(s string) {
	if c.n > 0 && c.n%chunkLen == 0 {
		c.packed = append(c.packed, page{slices.Clone(c.tail.starts), slices.Clone(c.tail.data)})
		c.tail = page{c.tail.starts[:0], c.tail.data[:0]}
	}
	shared := 0
	if c.n%restart == 0 {
		c.tail.starts = append(c.tail.starts, uint32(len(c.tail.data)))
	} else {
		for shared < min(len(s), len(c.last)) && s[shared] == c.last[shared] {
			shared++
		}
	}
	c.tail.data = binary.AppendUvarint(c.tail.data, uint64(shared))
	c.tail.data = binary.AppendUvarint(c.tail.data, uint64(len(s)-shared))
	c.tail.data = append(c.tail.data, s[shared:]...)
	c.last = append(c.last[:0], s...)
	c.n++
}

// At is text i. It panics when there is none.
func (c *Strings) At(i int) string { return string(c.appendTo(nil, i)) }

// Is says whether text i is s.
func (c *Strings) Is(i int, s string) bool {
	var memory [64]byte
	return string(c.appendTo(memory[:0], i)) == s
}

func (c *Strings) appendTo(text []byte, i int) []byte {
	if i < 0 || i >= c.n {
		panic("packed: there is no such text")
	}
	p := &c.tail
	if at := i / chunkLen; at < len(c.packed) {
		p = &c.packed[at]
	}
	i %= chunkLen
	rest := p.data[p.starts[i/restart]:]
	for range i%restart + 1 {
		shared, a := binary.Uvarint(rest)
		n, b := binary.Uvarint(rest[a:])
		rest = rest[a+b:]
		text = append(text[:shared], rest[:n]...)
		rest = rest[n:]
	}
	return text
}
