package shapley

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"slices"

	"attrib/kernels/walk"
)

// Curve is an increasing integer function g on 0 ≤ x < 2³¹ with g(0) = 0 and g < 2³¹: how much credit an output gives
// for a total influence x. It is a table with integer interpolation. The table has 1024 knots an octave (every
// integer below 2048), so the error of At is at most 1.5 and a 2⁻²²th of the value, for log1p and sqrt.
type Curve struct {
	Name  string // "log1p", "sqrt" or "table"
	Unit  int64  // the influence, in quanta, that log1p and table count as 1; 0 for sqrt
	Scale int    // a value v of At stands for v·2^Scale
	knots []int64
	at    []Point // a table's own knots; nil otherwise
}

// Point is a knot of a table: credit Y for a total influence of X thousandths of the unit.
type Point struct {
	X int64 `json:"x"`
	Y int64 `json:"y"`
}

const (
	mantissa   = walk.Mantissa // bits of x that select a knot
	knotNumber = walk.Knots    // knots up to x = 2³¹
	curveLimit = 1<<31 - 1     // largest value
)

// At is g(x) for 0 ≤ x < 2³¹.
func (c *Curve) At(x int64) int64 {
	if c.at != nil {
		return c.between(x)
	}
	return walk.At(c.knots, x)
}

// between interpolates a table's own knots and is constant after the last.
func (c *Curve) between(x int64) int64 {
	k, found := slices.BinarySearchFunc(c.at, x, func(p Point, x int64) int { return int(max(-1, min(1, p.X-x))) })
	switch {
	case found:
		return c.at[k].Y
	case k == len(c.at):
		return c.at[k-1].Y
	}
	a, b := c.at[k-1], c.at[k]
	hi, lo := bits.Mul64(uint64(b.Y-a.Y), uint64(x-a.X))
	step, _ := bits.Div64(hi, lo, uint64(b.X-a.X))
	return a.Y + int64(step)
}

// knotAt is the x of knot k.
func knotAt(k int) uint64 {
	e := max(k>>mantissa-1, 0)
	return uint64(k-e<<mantissa) << e
}

// Log1p is g(x) = ln(1 + x/unit), unit from 1 to 2³¹ quanta.
func Log1p(unit int64) (*Curve, error) {
	if unit < 1 || unit > 1<<31 {
		return nil, fmt.Errorf("log1p: unit %d, want 1 to 2^31 quanta", unit)
	}
	c := 31
	for fixedLog1p(1<<31, uint64(unit), c) > curveLimit {
		c--
	}
	g := &Curve{Name: "log1p", Unit: unit, Scale: -c, knots: make([]int64, knotNumber)}
	for k := range g.knots {
		g.knots[k] = fixedLog1p(knotAt(k), uint64(unit), c)
	}
	return g, nil
}

// Sqrt is g(x) = √x; it needs no unit, since shares do not depend on one.
func Sqrt() *Curve {
	g := &Curve{Name: "sqrt", Scale: -15, knots: make([]int64, knotNumber)}
	for k := range g.knots {
		square := new(big.Int).Lsh(new(big.Int).SetUint64(knotAt(k)), 30)
		g.knots[k] = square.Sqrt(square).Int64()
	}
	return g
}

// Table is g through the given points, linear between them, constant after the last; it starts at (0, 0), which need not be
// given. X must increase and Y must not decrease; Y < 2³¹.
func Table(unit int64, points []Point) (*Curve, error) {
	if unit < 1 || unit > 1<<31 {
		return nil, fmt.Errorf("table: unit %d, want 1 to 2^31 quanta", unit)
	}
	g := &Curve{Name: "table", Unit: unit, at: []Point{{0, 0}}}
	var bad []error
	for k, p := range points {
		if k == 0 && p == (Point{}) {
			continue
		}
		last := g.at[len(g.at)-1]
		if p.X < 1 || p.X > 1<<31 {
			bad = append(bad, fmt.Errorf("table: point %d: x %d, want 1 to 2^31 thousandths of the unit", k, p.X))
			continue
		}
		x := p.X * unit / 1000
		if x <= last.X {
			bad = append(bad, fmt.Errorf("table: point %d: x does not increase by a quantum", k))
			continue
		}
		if p.Y < last.Y || p.Y > curveLimit {
			bad = append(bad, fmt.Errorf("table: point %d: y %d, want from the last point's %d to 2^31 - 1", k, p.Y, last.Y))
		}
		g.at = append(g.at, Point{x, p.Y})
	}
	if len(g.at) < 2 {
		bad = append(bad, errors.New("table: needs a point other than the origin"))
	}
	return g, errors.Join(bad...)
}
