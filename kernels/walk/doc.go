// Package walk adds a player to a coalition, for games that are a sum over outputs of a function of the coalition's
// integer scores: the inner loop of Monte-Carlo Shapley values.
//
// [Sum], [Best] and [Curve] each take a player's scores of all outputs, move the coalition on, add what the player adds to
// every output to sums, and return it weighted and added up. The loops around them, permutations and their errors, are package
// shapley's.
//
// # Method
//
// Integers only, so the result is the same on every machine and path: eight outputs at a time with AVX-512, four with AVX2,
// one by one in plain Go where there is neither, and for what is left over. A curve is read from a table with 1024 knots an
// octave; the octave comes from the exponent of the total as a float64.
//
// # Assumptions
//
// Weights lie in 0 … 2³¹−1, scores in ±(2³¹−1), totals and credits in 0 … 2³¹−1, so that no product leaves 63 bits. The
// caller keeps the sum of weights at most 2³⁰, so that no gain does. Slices are as long as the weights; a table has [Knots]
// knots. Totals beyond their range read memory that is not the table's.
package walk
