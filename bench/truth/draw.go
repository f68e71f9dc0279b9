package truth

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"attrib/internal/philox"
	"attrib/internal/safetensors"
)

// MaxAll is the largest number of contributors whose coalitions are all made.
const MaxAll = 12

// Draw makes m random subsets without the part removed of n samples, rounded to whole samples. The part is named by
// its number. A part outside (0, 1), or one that rounds to no sample or to all, is an error.
func Draw(seed int64, n, m int, removed float64) (Part, error) {
	rows, err := draw("attrib/subsets", seed, n, m, removed)
	return Part{Name: name(removed), Removed: removed, Keep: rows}, err
}

// DrawCoalitions is Draw over contributors.
func (t *Truth) DrawCoalitions(seed int64, m int, removed float64) (Part, error) {
	rows, err := draw("attrib/coalitions", seed, len(t.Groups), m, removed)
	if err != nil {
		return Part{}, err
	}
	return t.coalitions(Part{Name: name(removed), Removed: removed, Coalition: rows}), nil
}

// AllCoalitions are all 2^k coalitions of the contributors: bit c of the row number says whether contributor c takes
// part. More than MaxAll contributors are an error.
func (t *Truth) AllCoalitions() (Part, error) {
	k := len(t.Groups)
	if k < 1 || k > MaxAll {
		return Part{}, fmt.Errorf("all coalitions of %d contributors: want 1 to %d", k, MaxAll)
	}
	p := Part{Name: "all", Removed: .5, Coalition: make([]uint8, k<<k)}
	for r := range 1 << k {
		for c := range k {
			p.Coalition[r*k+c] = uint8(r >> c & 1)
		}
	}
	return t.coalitions(p), nil
}

// coalitions fills in which samples the coalitions keep.
func (t *Truth) coalitions(p Part) Part {
	n, k := len(t.Samples), len(t.Groups)
	m := len(p.Coalition) / k
	p.Keep = make([]uint8, 0, m*n)
	for r := range m {
		for _, g := range t.Group {
			keep := uint8(1)
			if g >= 0 {
				keep = p.Coalition[r*k+int(g)]
			}
			p.Keep = append(p.Keep, keep)
		}
	}
	return p
}

func name(removed float64) string { return strconv.FormatFloat(removed, 'f', -1, 64) }

func draw(domain string, seed int64, n, m int, removed float64) ([]uint8, error) {
	if !(removed > 0 && removed < 1) {
		return nil, fmt.Errorf("part %v is not between 0 and 1", removed)
	}
	if m < 1 {
		return nil, fmt.Errorf("%d subsets, want at least 1", m)
	}
	if float64(m)*float64(n) > maxBytes/4 {
		return nil, fmt.Errorf("%d subsets of %d are more than the %d bytes that may be held", m, n, int64(maxBytes/4))
	}
	count := int(math.Round(removed * float64(n)))
	if count < 1 || count >= n {
		return nil, fmt.Errorf("part %v of %d rounds to %d, which removes nothing or everything", removed, n, count)
	}
	var key [32]byte
	copy(key[:], domain)
	binary.LittleEndian.PutUint64(key[24:], uint64(seed))
	rows := make([]uint8, m*n)
	p := make([]int, n)
	for r := range m {
		drawRow(rows[r*n:(r+1)*n], p, count, philox.New(key, uint64(count)<<32|uint64(r)))
	}
	return rows, nil
}

// drawRow sets row to 1 but for count places.
func drawRow(row []uint8, p []int, count int, s *philox.Stream) {
	for i := range p {
		p[i], row[i] = i, 1
	}
	for i := range count {
		j := i + s.Intn(len(p)-i)
		p[i], p[j] = p[j], p[i]
		row[p[i]] = 0
	}
}

// ReadSubsets reads somebody else's subsets of n samples: every tensor keep.<part> of a safetensors file, m×n of U8 or
// BOOL, 1 for a sample that is kept. A part that is named by a number the subsets agree with gets that as Removed, else
// the mean part they remove.
func ReadSubsets(path string, n int) ([]Part, error) {
	_, tensors, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var parts []Part
	for _, tensor := range tensors {
		p, ok, err := subsetsOf(tensor, n)
		if err != nil {
			return nil, fmt.Errorf("%s: tensor %q: %w", path, tensor.Name, err)
		}
		if ok {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: it has no tensor keep.<part>", path)
	}
	return parts, nil
}

const keepPrefix = "keep."

func subsetsOf(tensor safetensors.Tensor, n int) (p Part, ok bool, err error) {
	if len(tensor.Name) <= len(keepPrefix) || tensor.Name[:len(keepPrefix)] != keepPrefix {
		return p, false, nil
	}
	p = Part{Name: tensor.Name[len(keepPrefix):], Keep: tensor.Data}
	switch {
	case !nameForm.MatchString(p.Name):
		return p, false, fmt.Errorf("%q is not a name of letters, digits, dots, dashes and underscores", p.Name)
	case tensor.Type != safetensors.U8 && tensor.Type != safetensors.Bool:
		return p, false, fmt.Errorf("it is %s, want U8 or BOOL", tensor.Type)
	case len(tensor.Shape) != 2 || tensor.Shape[0] < 1 || tensor.Shape[1] != int64(n):
		return p, false, fmt.Errorf("its shape is %v, want subsets × %d samples", tensor.Shape, n)
	}
	if err := bits(p.Keep, n); err != nil {
		return p, false, err
	}
	mean := meanZeros(p.Keep, p.Subsets(n))
	p.Removed = mean / float64(n)
	if asked, err := strconv.ParseFloat(p.Name, 64); err == nil && math.Abs(asked*float64(n)-mean) <= .5 {
		p.Removed = asked
	}
	if !(p.Removed > 0 && p.Removed < 1) {
		return p, false, fmt.Errorf("it removes the part %v of the samples, want more than none and less than all", p.Removed)
	}
	return p, true, nil
}
