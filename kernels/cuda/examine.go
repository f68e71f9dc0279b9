package cuda

import (
	"errors"
	"fmt"
	"io"
	"time"

	"attrib/kernels/cuda/driver"
)

// Rates are what a card was measured to do. Copies are in bytes per second, those on the device count what is read and written.
// Matrix is in operations per second, a multiply-add being two: products of bfloat16 (float16 before compute capability 8.0)
// on tensor cores, by the instruction that every card has (mma.sync), which reaches about two thirds of a Hopper's rate.
type Rates struct{ HostToDevice, DeviceToDevice, Matrix float64 }

// Bytes that are copied at most: more than a cache holds, and what an emulated card can bear.
const (
	examineHost     = 256 << 20
	examineDevice   = 1 << 30
	examineEmulated = 4 << 20
	examineRounds   = 5
)

// Measure copies within an eighth of the memory that is free and takes the best of some rounds.
func Measure(c *driver.Context) (r Rates, err error) {
	free, _, err := c.MemoryInfo()
	if err != nil {
		return r, err
	}
	most := free / 8
	if c.Device().Info().Emulated {
		most = min(most, examineEmulated)
	}
	if most == 0 {
		return r, fmt.Errorf("%s: %w: %d bytes are free", c.Device(), driver.ErrOutOfMemory, free)
	}
	hostBytes, deviceBytes := min(most, examineHost), min(most, examineDevice)
	from, err := c.Alloc(deviceBytes)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := c.Alloc(deviceBytes)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	host, err := c.AllocHost(int(hostBytes))
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	s, err := c.NewStream()
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if r.HostToDevice, err = rate(s, float64(hostBytes), func() error { return s.CopyIn(from, 0, host.Bytes()) }); err != nil {
		return r, err
	}
	if r.DeviceToDevice, err = rate(s, 2*float64(deviceBytes), func() error { return s.Copy(to, 0, from, 0, deviceBytes) }); err != nil {
		return r, err
	}
	r.Matrix, err = matrixRate(s, to)
	return r, err
}

// The products of rate.cu: rounds of so many a warp, in blocks of 8 warps, of which a multiprocessor has two.
const (
	rateProducts = 8
	rateWarps    = 8
	rateBlocks   = 2
	rateRounds   = 1 << 14
)

// matrixRate times products in registers on all multiprocessors; out has room for a number a thread.
func matrixRate(s *driver.Stream, out *driver.Memory) (best float64, err error) {
	info := s.Context().Device().Info()
	capability := int(info.Capability)
	text, target, err := PTX("rate", capability/10, capability%10)
	if err != nil {
		return 0, err
	}
	m, err := s.Context().Load("rate."+target, text)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	f, err := m.Function("selftest_rate")
	if err != nil {
		return 0, err
	}
	blocks, rounds, depth := uint32(rateBlocks*info.Multiprocessors), int32(rateRounds), 16
	if capability < 80 {
		depth = 8
	}
	if info.Emulated {
		blocks, rounds = 1, 2
	}
	ops := float64(blocks) * rateWarps * float64(rounds) * rateProducts * 2 * 16 * 8 * float64(depth)
	return rate(s, ops, func() error {
		return s.Launch(f, driver.Launch{Grid: driver.Dim{X: blocks}, Block: driver.Dim{X: 32 * rateWarps}}, driver.Args(out.Pointer(), rounds))
	})
}

// rate times work between two events, after a first time that does not count.
func rate(s *driver.Stream, amount float64, work func() error) (best float64, err error) {
	begin, err := s.Context().NewEvent(true)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, begin.Close()) }()
	end, err := s.Context().NewEvent(true)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, end.Close()) }()
	for round := range examineRounds + 1 {
		if err := errors.Join(s.Record(begin), work(), s.Record(end), end.Synchronise()); err != nil {
			return 0, err
		}
		took, err := end.Since(begin)
		if err != nil {
			return 0, err
		}
		if round > 0 {
			best = max(best, amount/max(took, time.Nanosecond).Seconds())
		}
	}
	return best, nil
}

// Outcome is a self-test that was run.
type Outcome struct {
	Form        string
	Differences []string // none: the card is as LAYOUTS.md says
}

// RunSelfTests runs the self-tests of the card and, for w that is not nil, prints the card's own tables.
func RunSelfTests(c *driver.Context, w io.Writer) (all []Outcome, err error) {
	capability := int(c.Device().Info().Capability)
	tests, err := SelfTests(capability/10, capability%10)
	if err != nil {
		return nil, err
	}
	text, target, err := PTX("selftest", capability/10, capability%10)
	if err != nil {
		return nil, err
	}
	m, err := c.Load("selftest."+target, text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	s, err := c.NewStream()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, test := range tests {
		words, err := test.run(s, m)
		if err != nil {
			return all, err
		}
		if w != nil {
			if err := test.Print(w, words); err != nil {
				return all, err
			}
		}
		differences, err := test.Differences(words)
		if err != nil {
			return all, err
		}
		all = append(all, Outcome{test.Form, differences})
	}
	return all, nil
}

// run launches the test as its comment says.
func (t SelfTest) run(s *driver.Stream, m *driver.Module) (words []uint32, err error) {
	f, err := m.Function(t.Kernel())
	if err != nil {
		return nil, err
	}
	if err := f.AllowShared(t.Shared); err != nil {
		return nil, err
	}
	words = make([]uint32, t.Words)
	out, err := s.Context().Alloc(uint64(4 * t.Words))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	args := []any{out}
	if t.Map {
		matrix, tiles, err := selfTestMatrix(s)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, matrix.Close()) }()
		args = []any{*tiles, out}
	}
	err = errors.Join(s.CopyIn(out, 0, driver.Bytes(words)),
		s.Launch(f, driver.Launch{Block: driver.Dim{X: uint32(t.Threads)}, Shared: uint32(t.Shared)}, driver.Args(args...)),
		s.CopyOut(driver.Bytes(words), out, 0))
	return words, err
}

// selfTestMatrix is the matrix of SelfTest.Map on the card, and its map.
func selfTestMatrix(s *driver.Stream) (*driver.Memory, *driver.TensorMap, error) {
	elements := make([]uint16, 64*64)
	for i := range elements {
		elements[i] = uint16(i)
	}
	m, err := s.Context().Alloc(uint64(2 * len(elements)))
	if err != nil {
		return nil, nil, err
	}
	tiles, err := m.EncodeTiled(0, driver.TensorLayout{Type: driver.BFloat16, Sizes: []uint64{64, 64}, Strides: []uint64{128}, Box: []uint32{64, 64}, Swizzle: driver.Swizzle128})
	if err = errors.Join(err, s.CopyIn(m, 0, driver.Bytes(elements))); err != nil {
		return nil, nil, errors.Join(err, m.Close())
	}
	return m, tiles, nil
}
