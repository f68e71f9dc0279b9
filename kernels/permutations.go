package kernels

import "context"

// WalkGame is what a coalition is worth on an output, by its players' integer scores: see package kernels/walk.
type WalkGame uint8

// The games.
const (
	WalkSum    WalkGame = iota // the sum of the scores
	WalkBest                   // the largest score, at least 0
	WalkCurve                  // a curve of the sum, by a table of knots (walk.At)
	WalkPoints                 // a curve of the sum, linear between points and constant after the last
)

// PermutationWalk is orders in which players join a coalition, and what is to be found out about them.
type PermutationWalk struct {
	Game    WalkGame
	Players int
	Outputs int
	X       []int32 // players × outputs: scores, not negative for curves
	Omega   []int64 // weights of the outputs, 0 … 2³¹−1, of which the sum is at most 2³⁰
	Table   []int64 // WalkCurve: walk.Knots knots. WalkPoints: the x of all points, then their y; the first is (0, 0)
	Orders  []int32 // orders of all players, one after the other
	Both    bool    // every order is walked backward too

	Gain []int64 // per order and player (not place): what the player adds, weighted; added to
	Sums []int64 // players × outputs: what players add to outputs over all orders; added to. Nil when not wanted
}

// PermutationWalker is a Device that walks permutations. All is in integers: the same on every device.
type PermutationWalker interface {
	WalkPermutations(ctx context.Context, p PermutationWalk) error
}
