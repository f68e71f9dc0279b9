// Package ref is the float64 oracle: the device that every other device is held against.
//
// It is slow and obvious on purpose. [New] gives it as a kernels.Device, [Scores] gives the scores in float64 before
// any rounding. Products and sums are float64 in index order; a score is rounded to float32 once. It holds the whole
// q×n matrix, so it is for tests and small data only.
package ref
