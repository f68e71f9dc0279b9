package shapley

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"attrib/kernels"
)

// plainWalker walks by definition: the coalition's worth before and after every player, output by output.
type plainWalker struct {
	calls, orders int
	fail          int // the call that fails, from 1
	stop          func()
}

var errLost = errors.New("the card is lost")

func (w *plainWalker) WalkPermutations(ctx context.Context, p kernels.PermutationWalk) error {
	w.calls++
	w.orders += len(p.Orders) / p.Players
	if w.calls == w.fail {
		return errLost
	}
	if w.stop != nil {
		w.stop()
	}
	for at := 0; at < len(p.Orders); at += p.Players {
		order := slices.Clone(p.Orders[at : at+p.Players])
		plainOrder(p, order, p.Gain[at:])
		if p.Both {
			slices.Reverse(order)
			plainOrder(p, order, p.Gain[at:])
		}
	}
	return ctx.Err()
}

func plainOrder(p kernels.PermutationWalk, order []int32, gain []int64) {
	for q, omega := range p.Omega {
		total, credit := int64(0), int64(0)
		for _, i := range order {
			x := int64(p.X[int(i)*p.Outputs+q])
			if p.Game == kernels.WalkBest {
				total = max(total, x)
			} else {
				total += x
			}
			now := total
			switch p.Game {
			case kernels.WalkCurve:
				now = (&Curve{knots: p.Table}).At(total)
			case kernels.WalkPoints:
				c, n := &Curve{}, len(p.Table)/2
				for k := range n {
					c.at = append(c.at, Point{p.Table[k], p.Table[n+k]})
				}
				now = c.At(total)
			}
			gain[i] += omega * (now - credit)
			if p.Sums != nil {
				p.Sums[int(i)*p.Outputs+q] += now - credit
			}
			credit = now
		}
	}
}

// A device changes no bit of an estimate, however many pairs it gets at a time.
func TestWalkersDoNotMatter(t *testing.T) {
	for name, g := range games(t, testScores(9, 11, 1)) {
		for _, budget := range []Budget{{Permutations: 1000}, {Permutations: 4096, Epsilon: 0.004}, {Permutations: 10}, {Permutations: 4, Workers: 1}} {
			want := estimate(t, g, budget, 1)
			for _, pairs := range []int{0, 1, 7, 64, 100} {
				w := &plainWalker{}
				budget.Walker, budget.WalkPairs = w, pairs
				if got := estimate(t, g, budget, 1); !reflect.DeepEqual(got, want) {
					t.Fatalf("%s, %+v: the walker gives another result", name, budget)
				}
				if int64(2*w.orders) != want.Permutations || !Walkable(g) {
					t.Errorf("%s: the walker was given %d pairs of %d permutations", name, w.orders, want.Permutations)
				}
			}
		}
	}
}

// Every estimator hands the walker on, and the one that needs no walk does without.
func TestAutoUsesTheWalker(t *testing.T) {
	g := games(t, testScores(24, 5, 1))["log1p"]
	w := &plainWalker{}
	e, err := auto{}.Estimate(ctx, g, Budget{Permutations: 200, Walker: w}, [32]byte{})
	if err != nil || e.Exact || w.calls == 0 {
		t.Errorf("%v, %d calls", err, w.calls)
	}
	w = &plainWalker{}
	e, err = auto{}.Estimate(ctx, games(t, testScores(4, 5, 1))["log1p"], Budget{Walker: w}, [32]byte{})
	if err != nil || !e.Exact || w.calls != 0 {
		t.Errorf("%v, %d calls", err, w.calls)
	}
}

// Games that a device does not know are walked on the CPU.
func TestOtherGamesStayOnTheCPU(t *testing.T) {
	far, err := Table(1<<31, []Point{{1 << 20, 5}, {1 << 31, 9}})
	if err != nil {
		t.Fatal(err)
	}
	saturating, err := NewSaturating(testScores(5, 3, 2), far)
	if err != nil {
		t.Fatal(err)
	}
	for name, g := range map[string]Game{"table": signedTable(t, 5, 1), "far points": saturating, "unknown": black{games(t, testScores(4, 3, 1))["sqrt"]}} {
		w := &plainWalker{}
		got, want := estimate(t, g, Budget{Permutations: 100, Walker: w}, 1), estimate(t, g, Budget{Permutations: 100}, 1)
		if !reflect.DeepEqual(got, want) || w.calls != 0 || Walkable(g) {
			t.Errorf("%s: %d calls, walkable %v", name, w.calls, Walkable(g))
		}
	}
}

// An error of the walker ends the estimate, and so does the context, without anything being drawn after that.
func TestWalkersFail(t *testing.T) {
	g := games(t, testScores(9, 11, 1))["sqrt"]
	for _, call := range []int{1, 2, 5} {
		w := &plainWalker{fail: call}
		_, err := Permutations{}.Estimate(ctx, g, Budget{Permutations: 1000, Walker: w, WalkPairs: 9}, [32]byte{})
		if !errors.Is(err, errLost) || !strings.Contains(err.Error(), "pairs ") || w.calls != call {
			t.Errorf("call %d: %v after %d", call, err, w.calls)
		}
	}
	within, cancel := context.WithTimeout(ctx, time.Minute)
	w := &plainWalker{stop: cancel}
	if _, err := (Permutations{}).Estimate(within, g, Budget{Permutations: 1000, Walker: w, WalkPairs: 9}, [32]byte{}); !errors.Is(err, context.Canceled) || w.calls != 1 {
		t.Errorf("%v after %d calls", err, w.calls)
	}
	if _, err := (Permutations{}).Estimate(ctx, g, Budget{WalkPairs: -1}, [32]byte{}); err == nil {
		t.Error("a negative batch is accepted")
	}
}
