// Package philox is the counter-based generator behind every random choice of the program: Philox4x32-10 of Salmon,
// Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
//
// A counter-based generator has no state to hand from worker to worker: draw k of stream s is a function of (key, s,
// k), so results are the same for any number of workers and in any order.
package philox

import (
	"encoding/binary"
	"math/bits"
)

const (
	mul0, mul1   = 0xD2511F53, 0xCD9E8D57
	weyl0, weyl1 = 0x9E3779B9, 0xBB67AE85
)

// Block is one call of Philox4x32-10: four 32-bit words from a 128-bit counter and a 64-bit key.
func Block(ctr [4]uint32, key [2]uint32) [4]uint32 {
	for range 10 {
		h0, l0 := bits.Mul32(mul0, ctr[0])
		h1, l1 := bits.Mul32(mul1, ctr[2])
		ctr = [4]uint32{h1 ^ ctr[1] ^ key[0], l1, h0 ^ ctr[3] ^ key[1], l0}
		key[0] += weyl0
		key[1] += weyl1
	}
	return ctr
}

// Stream is a sequence of draws. The zero value is usable. It is not safe for use by several goroutines: give each
// its own stream.
type Stream struct {
	key  [2]uint32
	ctr  [4]uint32
	buf  [4]uint32
	left int
}

// New returns the stream of that number under a 256-bit seed. Different numbers give independent streams. The key is
// the first eight bytes of the seed; the rest of the seed enters through one extra round of mixing, so all 256 bits
// matter.
func New(seed [32]byte, number uint64) *Stream {
	key := [2]uint32{binary.LittleEndian.Uint32(seed[0:]), binary.LittleEndian.Uint32(seed[4:])}
	mixed := Block([4]uint32{
		binary.LittleEndian.Uint32(seed[8:]), binary.LittleEndian.Uint32(seed[12:]),
		binary.LittleEndian.Uint32(seed[16:]), binary.LittleEndian.Uint32(seed[20:]),
	}, [2]uint32{key[0] ^ binary.LittleEndian.Uint32(seed[24:]), key[1] ^ binary.LittleEndian.Uint32(seed[28:])})
	s := &Stream{key: [2]uint32{key[0] ^ mixed[0], key[1] ^ mixed[1]}}
	s.ctr[2], s.ctr[3] = uint32(number)^mixed[2], uint32(number>>32)^mixed[3]
	return s
}

// Uint32 is the next 32 random bits.
func (s *Stream) Uint32() uint32 {
	if s.left == 0 {
		s.buf = Block(s.ctr, s.key)
		s.left = 4
		if s.ctr[0]++; s.ctr[0] == 0 {
			s.ctr[1]++
		}
	}
	s.left--
	return s.buf[3-s.left]
}

// Uint64 is the next 64 random bits. With it a Stream is a math/rand/v2 Source, whose distributions may change
// between Go versions: results that must be the same everywhere use the methods here.
func (s *Stream) Uint64() uint64 {
	lo := s.Uint32()
	return uint64(s.Uint32())<<32 | uint64(lo)
}

// Intn is uniform in [0, n), without bias (Lemire 2019). It panics when n is not in 1..2³²−1.
func (s *Stream) Intn(n int) int {
	if n <= 0 || uint64(n) > 1<<32-1 {
		panic("philox: Intn needs 1 ≤ n < 2³²")
	}
	hi, lo := bits.Mul32(s.Uint32(), uint32(n))
	if lo < uint32(n) {
		for threshold := -uint32(n) % uint32(n); lo < threshold; {
			hi, lo = bits.Mul32(s.Uint32(), uint32(n))
		}
	}
	return int(hi)
}

// Float64 is uniform in [0, 1) with 53 bits.
func (s *Stream) Float64() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

// Perm fills p with a uniform permutation of 0..len(p)−1 (Fisher and Yates).
func (s *Stream) Perm(p []int) {
	for i := range p {
		j := s.Intn(i + 1)
		p[i] = p[j]
		p[j] = i
	}
}
