package cpu

import (
	"fmt"
	"slices"
	"testing"
	"unsafe"

	"attrib/internal/philox"
	"attrib/kernels/simd"
)

func randomBytes(rnd *philox.Stream, n int) []byte {
	v := make([]byte, n)
	for i := range v {
		v[i] = byte(rnd.Uint64())
	}
	return v
}

// The kernels of bytes are exact for every rest of rows, in one go and paused, and touch nothing beyond their operands.
func TestSketchBlocks(t *testing.T) {
	eachForm(t, func(name string, p simd.Path, u *sketchUnit) {
		if u == nil {
			return
		}
		t.Run(name, func(t *testing.T) {
			for vectors := 1; vectors <= u.unit.most; vectors++ {
				for round := range 60 {
					rnd := stream(uint64(9000 + 100*vectors + round))
					checkSketchBlock(t, u, vectors, 1+round%27, 1+rnd.Intn(9), 8*rnd.Intn(3), rnd, round%2 == 0)
				}
			}
		})
	})
}

func checkSketchBlock(t *testing.T, u *sketchUnit, vectors, count, depth, gap int, rnd *philox.Stream, upper bool) {
	t.Helper()
	lanes, near := vectors*u.unit.lanes, fencing(t, upper)
	cols := depth * sketchColumns
	stride := cols + gap
	rows := near.bytes(randomBytes(rnd, (count-1)*stride+cols))
	query := near.bytes(make([]byte, cols*lanes))
	for i := range query { // also the most a form takes, against rows of the most
		query[i] = byte(int8(rnd.Intn(2*u.levels+1) - u.levels))
		if rnd.Intn(3) > 0 {
			query[i] = byte(int8(u.levels * (1 - 2*(i&1))))
		}
	}
	for i := range rows {
		if rnd.Intn(3) > 0 {
			rows[i] = 127
		}
	}
	start, factor := near.ints(make([]int32, lanes)), near.floats(numbers(rnd, count))
	waiting := make([]int32, count*lanes)
	for _, v := range [][]int32{start, waiting} {
		for i := range v {
			v[i] = int32(rnd.Intn(1<<20) - 1<<19)
		}
	}
	for mode := range 4 {
		out := near.ints(waiting)
		b := &sketchBlock{rows: &rows[0], stride: stride, count: count, query: (*int8)(unsafe.Pointer(&query[0])), depth: depth, ahead: &rows[0],
			start: &start[0], out: &out[0], factor: &factor[0], resume: mode&1 != 0, pause: mode&2 != 0}
		u.dot[vectors-1](b)
		for at, got := range out {
			row, lane := at/lanes, at%lanes
			sum := start[lane]
			if b.resume {
				sum = waiting[at]
			}
			for k := range cols {
				sum += (int32(int8(rows[row*stride+k])) + 128) * int32(int8(query[(k/4*lanes+lane)*4+k%4]))
			}
			if want := float32(sum) * factor[row]; !b.pause {
				sameBits(t, fmt.Sprint(vectors, count, depth, mode, at), []float32{*(*float32)(unsafe.Pointer(&got))}, []float32{want})
			} else if got != sum {
				t.Fatalf("%d vectors, %d rows, depth %d, mode %d: sum %d is %d, want %d", vectors, count, depth, mode, at, got, sum)
			}
		}
	}
}

// A query is rounded to the nearest whole numbers, and its largest has the most levels.
func TestQuantise(t *testing.T) {
	for _, levels := range []int{31, 127} {
		got := make([]int8, 5)
		quantise(got, []float32{-2, 1, 0, 2e-9, .5}, levels)
		want := []int8{int8(-levels), int8((levels + 1) / 2), 0, 0, int8((levels + 1) / 4)}
		if levels == 31 {
			want[1] = 16 // 15.5, half to even
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d levels: %v, want %v", levels, got, want)
		}
		quantise(got, make([]float32, 5), levels)
		if !slices.Equal(got, make([]int8, 5)) {
			t.Errorf("zeros become %v", got)
		}
		quantise(got, []float32{3e-45, -3e38, 3.4e38, 0, 0}, levels)
		if got[2] != int8(levels) || got[0] != 0 {
			t.Errorf("extremes become %v", got)
		}
	}
}

// Plain Go counts the same.
func TestDotBytes(t *testing.T) {
	for n := range 40 {
		rnd, want := stream(uint64(n)), int64(0)
		a, b := make([]int8, n), make([]int8, n)
		for i := range a {
			a[i], b[i] = int8(rnd.Uint64()), int8(rnd.Uint64())
			want += int64(a[i]) * int64(b[i])
		}
		if got := dotBytes(a, b); got != want {
			t.Errorf("%d bytes: %d, want %d", n, got, want)
		}
	}
	most := slices.Repeat([]int8{-128}, 3*sketchRun+5)
	if got := dotBytes(most, most); got != int64(len(most))<<14 {
		t.Errorf("%d", got)
	}
}
