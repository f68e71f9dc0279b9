// Package timing holds the Python program that times NumPy, PyTorch and faiss on the numbers that package speed gives them, in the
// same run: [Program]. Package speed starts it, talks to it and compares what it found.
package timing

import _ "embed"

// Program reads one JSON object a line (load, run, forget) on standard input and answers each with one. Its argument is the
// number of threads.
//
//go:embed peers.py
var Program []byte
