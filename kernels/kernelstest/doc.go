// Package kernelstest is the suite that every device passes.
//
// [Conformance] runs it. It holds a device against the float64 oracle (kernels/ref) on random inputs, within [Tolerance],
// and bit for bit on small whole numbers, whose products are exact in float32 whatever the order of addition. It then
// changes what must not matter (order of rows, tiles, memory layout, concurrent calls) and asks for equal bits, and
// what must be refused (NaN, wrong widths, groups out of range, overflow, a cancelled context) and asks for the error.
// Errors of scores and differences of rank are judged apart: a returned row must score within tolerance of the
// oracle's row at that rank, and the list must be ordered by the device's own scores.
package kernelstest
