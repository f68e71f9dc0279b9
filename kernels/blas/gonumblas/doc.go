// Package gonumblas gives the float32 matrix product of package kernels/blas to gonum and gorgonia.
//
// The two names you need are [Use], which registers it with gonum's blas32, and [Implementation], which gorgonia takes:
// gorgonia.Use(gonumblas.Implementation{}) and tensor.Use(gonumblas.Implementation{}). Nothing is registered by importing
// the package.
//
// # Method
//
// Sgemm is overridden; everything else is gonum's own implementation in Go. Arguments are those of gonum, row-major, and
// wrong ones panic with gonum's words.
//
// # Assumptions and failure modes
//
// A wrong ATTRIB_CPU panics at the first product: BLAS has no errors. Registration is for the whole process and not safe
// beside running products, as with gonum's own Use. Bits differ from gonum's: see the determinism of kernels/blas.
package gonumblas
