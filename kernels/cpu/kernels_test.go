package cpu

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/simd"
)

// The kernels of scores hold the model to the bit for every rest of rows and columns, and touch nothing beyond their
// operands: these end, or begin, where the memory does.
func TestBlocks(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for vectors := 1; vectors <= u.most; vectors++ {
			for round := range 60 {
				rnd := stream(uint64(100*vectors + round))
				count, depth, gap := 1+round%27, 1+rnd.Intn(23), rnd.Intn(3)
				checkBlock(t, u, vectors, count, depth, gap, rnd, round%2 == 0)
			}
		}
	})
}

func checkBlock(t *testing.T, u *unit, vectors, count, depth, gap int, rnd *philox.Stream, upper bool) {
	t.Helper()
	lanes, near := vectors*u.lanes, fencing(t, upper)
	rows := matrix(rnd, count, depth, gap)
	query := near.floats(numbers(rnd, depth*lanes))
	old, waiting := numbers(rnd, count*lanes), numbers(rnd, count*lanes)
	values := near.floats(rows.Floats()[:(count-1)*rows.Stride+depth])
	for mode := range 8 {
		b := &block{rows: &values[0], stride: rows.Stride, count: count, query: &query[0], depth: depth, lanes: lanes,
			resume: mode&1 != 0, pause: mode&2 != 0, first: mode&4 != 0}
		for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.L2} {
			out, part := near.floats(old), near.floats(waiting)
			b.out, b.part = &out[0], &part[0]
			kernel := u.dot
			if metric == kernels.L2 {
				kernel = u.distance
			}
			kernel[vectors-1](b)
			wantOut, wantPart := modelBlock(b, values, query, old, waiting, metric)
			what := fmt.Sprintf("%v, %d vectors, %d rows of %d, mode %d", metric, vectors, count, depth, mode)
			sameBits(t, what, out, wantOut)
			sameBits(t, what+" (paused)", part, wantPart)
		}
	}
}

// modelBlock is the block one score after the other.
func modelBlock(b *block, rows, query, out, part []float32, metric kernels.Metric) (newOut, newPart []float32) {
	out, part = slices.Clone(out), slices.Clone(part)
	for at := range out {
		row, lane, sum := rows[at/b.lanes*b.stride:], at%b.lanes, float32(0)
		if b.resume {
			sum = part[at]
		}
		for k := range b.depth {
			x, y := query[k*b.lanes+lane], row[k]
			if metric == kernels.L2 {
				x = y - x
				y = x
			}
			sum = fma32(x, y, sum)
		}
		old := out[at]
		if b.first {
			old = 0
		}
		switch {
		case b.pause:
			part[at] = sum
		case metric == kernels.L2:
			out[at] = old - sum
		default:
			out[at] = old + sum
		}
	}
	return out, part
}

// The search stops at the first row with a score beyond its threshold.
func TestPick(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for round := range 200 {
			rnd := stream(uint64(5000 + round))
			vectors, rows := 1+round%u.most, 1+rnd.Intn(20)
			lanes, near := vectors*u.lanes, fencing(t, round%2 == 0)
			scores := near.floats(numbers(rnd, rows*lanes))
			best, worst := make([]float32, lanes), make([]float32, lanes)
			for i := range best {
				best[i], worst[i] = 3.9, -3.9
				if rnd.Intn(4) == 0 { // thresholds that are met exactly are not passed
					best[i], worst[i] = slices.Max(scores), slices.Min(scores)
				}
			}
			k := &pick{scores: &scores[0], best: &near.floats(best)[0], worst: &near.floats(worst)[0], rows: rows, both: round%3 == 0}
			for k.from = 0; k.from <= rows; k.from++ {
				want, hits := k.from, uint64(0)
				for ; want < rows && hits == 0; want++ {
					hits = beyond(scores[want*lanes:(want+1)*lanes], best, worst, k.both)
				}
				if hits != 0 {
					want--
				}
				k.hits = 0
				if got := u.pick[vectors-1](k); got != want || k.hits != hits {
					t.Fatalf("round %d: row %d, lanes %x from %d on, want %d of %d, %x", round, got, k.hits, k.from, want, rows, hits)
				}
			}
		}
	})
}

// beyond has a bit for every score that passes its threshold.
func beyond(scores, best, worst []float32, both bool) (bits uint64) {
	for lane, s := range scores {
		if s > best[lane] || both && s < worst[lane] {
			bits |= 1 << lane
		}
	}
	return bits
}

// The largest magnitude counts NaN and infinities as larger than every number.
func TestLargest(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for n := u.lanes; n <= 12*u.lanes; n += u.lanes {
			for at := range n {
				v := fencing(t, n%32 == 0).floats(numbers(stream(uint64(n)), n))
				for _, x := range []float32{0, -7, 9, float32(math.Inf(-1)), float32(math.NaN()), -math.MaxFloat32, 1e-45} {
					v[at] = x
					want := uint32(0)
					for _, y := range v {
						want = max(want, math.Float32bits(y)&0x7fffffff)
					}
					if got := u.largest(&v[0], n); got != want {
						t.Fatalf("%d numbers, %g at %d: %x, want %x", n, x, at, got, want)
					}
				}
				if n > 3*u.lanes {
					break
				}
			}
		}
	})
}

// Every reduction adds what kernels.Rounder says, to the group of the row alone.
func TestAdds(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for round := range 120 {
			rnd := stream(uint64(7000 + round))
			rows, lanes, groups := 1+rnd.Intn(20), u.lanes*(1+round%u.most), 1+rnd.Intn(5)
			step := u.sumLanes * (1 + rnd.Intn(lanes/u.sumLanes))
			scale, n := rnd.Intn(60)-30, int64(1<<13)<<rnd.Intn(20)
			unit := kernels.UnitFor(math.Ldexp(4, scale), n)
			scores := numbers(rnd, rows*lanes)
			for i := range scores {
				scores[i] = float32(math.Ldexp(float64(scores[i]), scale))
			}
			group := make([]int32, rows)
			for i := range group {
				group[i] = int32(rnd.Intn(groups+1)) - 1
			}
			for kind := range u.add {
				checkAdds(t, u, kernels.Reduce(kind), fencing(t, round%2 == 0), scores, group, groups, lanes, step, unit, n)
			}
		}
	})
}

func checkAdds(t *testing.T, u *unit, kind kernels.Reduce, near guard, scores []float32, group []int32, groups, lanes, step, unit int, n int64) {
	t.Helper()
	rnd, r := stream(3), kernels.NewRounder(unit, n)
	want := make([]int64, groups*step)
	for i := range want {
		want[i] = int64(rnd.Uint64() >> 20)
	}
	sums := near.longs(want)
	a := &adds{&near.floats(scores)[0], &near.ints(group)[0], &sums[0], len(group), lanes, step, math.Ldexp(1, -unit)}
	if kind == kernels.SumOfSquares {
		a.scale = math.Ldexp(1, -kernels.SquareUnit(unit, n))
	}
	for i, g := range group {
		for lane := 0; g >= 0 && lane < step; lane++ {
			s, at := scores[i*lanes+lane], int(g)*step+lane
			v, ok := r.Linear(s)
			if !ok {
				t.Fatalf("the test's score %g does not fit 2^%d", s, unit)
			}
			want[at] = map[kernels.Reduce]int64{kernels.Sum: want[at] + v, kernels.PositiveSum: want[at] + max(v, 0),
				kernels.Max: max(want[at], v), kernels.SumOfSquares: want[at] + r.Square(s)}[kind]
		}
	}
	u.add[kind](a)
	if !slices.Equal(sums, want) {
		t.Fatalf("%v of %d rows, %d of %d lanes in 2^%d:\n%v\nwant\n%v", kind, len(group), step, lanes, unit, sums, want)
	}
}

func TestNorms(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for cols := 1; cols < 70; cols++ {
			rows, near := matrix(stream(uint64(cols)), 1+cols%5, cols, cols%3), fencing(t, cols%2 == 0)
			values := near.floats(rows.Floats()[:(rows.Rows-1)*rows.Stride+cols])
			out := near.doubles(make([]float64, rows.Rows))
			u.norms(&values[0], rows.Stride, rows.Rows, cols, &out[0])
			for i, got := range out {
				if want := modelNorm(rows.Row(i)); got != want {
					t.Fatalf("%d columns: %g, want %g", cols, got, want)
				}
			}
		}
	})
}

func TestScaleRows(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for lanes := u.lanes; lanes <= u.most*u.lanes; lanes += u.lanes {
			for rows := 1; rows < 8; rows++ {
				near, rnd := fencing(t, rows%2 == 0), stream(uint64(rows))
				x, by := near.floats(numbers(rnd, rows*lanes)), near.floats(numbers(rnd, rows))
				want := slices.Clone(x)
				for i := range want {
					want[i] *= by[i/lanes]
				}
				u.scaleRows(&x[0], &by[0], rows, lanes)
				sameBits(t, lanes, x, want)
			}
		}
	})
}

// Numbers of every type get the bits of Matrix.Decode: all of them, in rows of odd lengths, beside fences.
func TestDecode(t *testing.T) {
	types := []kernels.DType{kernels.TypeBF16, kernels.TypeF16, kernels.TypeI8}
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for _, kind := range types {
			for cols := 1; cols < 70; cols++ {
				rnd, size := stream(uint64(cols)), kind.Size()
				m := kernels.Matrix{Rows: 1 + cols%4, Cols: cols, Stride: cols + cols%3, Type: kind}
				data := make([]byte, ((m.Rows-1)*m.Stride+cols)*size)
				for i := range data {
					data[i] = byte(rnd.Uint64())
				}
				if kind == kernels.TypeI8 {
					m.Scale = numbers(rnd, m.Rows)
				}
				near := fencing(t, cols%2 == 0)
				m.Data = near.bytes(data)
				got, want := near.floats(make([]float32, m.Rows*cols)), make([]float32, m.Rows*cols)
				u.decode(got, m)
				m.Decode(want)
				sameNumbers(t, fmt.Sprint(kind, cols), got, want)
			}
		}
		all := make([]uint16, 1<<16)
		for i := range all {
			all[i] = uint16(i)
		}
		for _, kind := range types[:2] {
			m := kernels.Matrix{Rows: 1, Cols: 1 << 16, Stride: 1 << 16, Type: kind, Data: kernels.Bytes(all)}
			got, want := make([]float32, 1<<16), make([]float32, 1<<16)
			u.decode(got, m)
			m.Decode(want)
			sameNumbers(t, kind, got, want)
		}
	})
}

// sameNumbers is sameBits, but a NaN may be any NaN.
func sameNumbers(t *testing.T, what any, got, want []float32) {
	t.Helper()
	for i := range want {
		if want[i] != want[i] && got[i] != got[i] {
			got[i], want[i] = 0, 0
		}
	}
	sameBits(t, what, got, want)
}

func TestTransposed(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for round := range 60 {
			rnd, near := stream(uint64(round)), fencing(t, round%2 == 0)
			rows, cols := 1+rnd.Intn(20), 1+rnd.Intn(20)
			dstStride, srcStride := rows+rnd.Intn(3), cols+rnd.Intn(3)
			src := near.floats(numbers(rnd, (rows-1)*srcStride+cols))
			want := numbers(rnd, (cols-1)*dstStride+rows)
			got := near.floats(want)
			for i := range rows {
				for j := range cols {
					want[j*dstStride+i] = src[i*srcStride+j]
				}
			}
			u.transposed(got, src, dstStride, srcStride, rows, cols)
			sameBits(t, round, got, want)
		}
	})
}

// The kernels for few queries, the same way: scores lie query after query.
func TestFew(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for q := 1; q <= mostFew; q++ {
			for depth := 1; depth < 24; depth++ {
				for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.L2} {
					checkFew(t, u, metric, q, fewRows*(1+depth%3), depth, stream(uint64(depth)), fencing(t, depth%2 == 0))
				}
			}
		}
	})
}

func checkFew(t *testing.T, u *unit, metric kernels.Metric, q, count, depth int, rnd *philox.Stream, near guard) {
	t.Helper()
	kernel := u.fewDot
	if metric == kernels.L2 {
		kernel = u.fewDistance
	}
	rows, old := matrix(rnd, count, depth, depth%3), numbers(rnd, count*q)
	values := near.floats(rows.Floats()[:(count-1)*rows.Stride+depth])
	query := near.floats(numbers(rnd, depth*q))
	for _, first := range []bool{true, false} {
		out := near.floats(old)
		b := &block{rows: &values[0], stride: rows.Stride, count: count, query: &query[0], depth: depth, lanes: count,
			ahead: fewRows * rows.Stride, out: &out[0], first: first}
		kernel[q-1](b)
		var before []float32 // row after row, as the model has it
		for i := range old {
			before = append(before, old[i%q*count+i/q])
		}
		want, _ := modelBlock(&block{stride: b.stride, depth: depth, lanes: q, first: first}, values, query, before, nil, metric)
		for i := range want {
			sameBits(t, fmt.Sprint(metric, q, count, depth), out[i%q*count+i/q:][:1], want[i:i+1])
		}
	}
}
