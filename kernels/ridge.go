package kernels

import "context"

// Ridge is the ridge regressions of many coalitions: for each of them, A = Σ Gram_p over its players, in rising order, plus
// Ridge on the diagonal, and the solutions of A·x = Σ Cross_p. What a coalition gives is a function of the coalition alone.
type Ridge[T float32 | float64] struct {
	N, M       int // rows of the matrices, and right-hand sides
	Players    int
	Gram       []T // players × N × N: lower triangles are read
	Cross      []T // players × M × N: a right-hand side after the other
	Ridge      float64
	Count      int
	Coalitions []uint64 // count × ⌈players/64⌉: bit p%64 of word p/64 says that player p is in it

	Solution []T // count × M × N: NaN where a matrix is not positive definite
	Factor   []T // count × N × N: lower triangles of the Cholesky factors are written; nil when not wanted
}

// RidgeSolver is a Device that solves ridge regressions of coalitions. The result says per coalition 0, or 1 + the row
// whose pivot is not a number above 0.
type RidgeSolver interface {
	RidgeCoalitions(ctx context.Context, r Ridge[float32]) ([]int32, error)
	RidgeCoalitions64(ctx context.Context, r Ridge[float64]) ([]int32, error)
}
