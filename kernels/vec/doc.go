// Package vec does elementary functions on rows of float32: exp, tanh with its derivative, log-softmax,
// products and sums of products.
//
// The two functions most callers need are [Tanh] and [LogSoftmax]. Each has the same bits on every path and every
// machine: AVX-512, AVX2 and plain Go (also on arm64) do the same operations in the same order, and none fuses a
// multiplication with an addition. A value's result does not depend on its position, on what is beside it, or on the
// alignment.
//
// # Method
//
// exp reduces by n·ln 2 in two parts (Cody and Waite) and takes the polynomial of expf in Moshier's Cephes library. tanh
// is m/(m+2) with m = e^(2|x|) − 1, where the reduced part is taken before 1 is added, so that small values keep their
// digits. log-softmax is (x − max) − log Σ e^(x − max); the sum has 16 lanes (column mod 16), folded in halves, and its
// logarithm is taken in float64.
//
// # Error
//
// [ExpError] and [TanhError] bound the error over all 2³² inputs; a test walks them all when asked to. Results that are
// denormal are right to the last place too; overflow is +Inf, underflow 0. NaN gives NaN, whose sign and payload are not
// promised. Tanh keeps the sign of zero and gives denormals back as they are. LogSoftmax is within
// 2⁻²³·(2|result| + 2 + columns/32); a row with NaN or +Inf, or all of whose values are −Inf, becomes NaN.
//
// # Assumptions and failure modes
//
// Slices of different lengths, or too short for the rows, panic before anything is written: they are mistakes of the
// program. dst may be x itself, but may not overlap it otherwise.
package vec
