// Package simd says which vector instructions the hand-written kernels use on this machine, and measures how fast they
// can possibly be.
//
// The two functions most callers need are [Active], the path kernels take by default, and [Peak], the ceiling that a
// measured rate is a fraction of.
//
// # Method
//
// The processor is asked once ([golang.org/x/sys/cpu]); the best path it and the operating system support is taken. The
// environment variable ATTRIB_CPU lowers it: "avx512", "avx2" or "generic". [Peak] runs a loop of independent fused
// multiply-adds that never leaves the registers, as in Williams, Waterman and Patterson, "Roofline" (2009).
//
// # Assumptions and failure modes
//
// A word in ATTRIB_CPU that is no path, or a path this machine cannot run, is an error of [Check]; [Active] then is the
// best path there is. Peak is what a core gives at that moment: beside other work it is lower, so compare only with
// what was measured in the same run.
package simd
