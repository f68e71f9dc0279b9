// Package digits holds 1,797 real handwritten digits of 8 × 8 pixels, so that the demo and the tests need no download.
//
// They are the test part of "Optical Recognition of Handwritten Digits" by E. Alpaydin and C. Kaynak (UCI Machine
// Learning Repository, https://doi.org/10.24432/C50P49), CC BY 4.0, in scikit-learn's copy; LICENSE-digits says what
// was changed. make.py makes digits.bin and compares it with scikit-learn. The two functions you need are [Images] and [Labels].
//
// The rows are in random order and fall into three parts: [Train], then [Queries], then the rest, which no published
// figure was tuned on.
package digits

import (
	_ "embed"
	"encoding/binary"
)

// Sizes of the data set and of its parts.
const (
	Count   = 1797 // images
	Pixels  = 64   // of an image, row by row
	Side    = 8    // width and height
	Max     = 16   // largest pixel value: black ink on 0
	Classes = 10
	Train   = 1200 // rows 0 to 1199
	Queries = 100  // rows 1200 to 1299
)

// Licence is the SPDX identifier of the data set's licence.
const Licence = "CC-BY-4.0"

// Attribution is how the licence asks the data set to be named.
const Attribution = `"Optical Recognition of Handwritten Digits" by E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0, by way of scikit-learn`

//go:embed digits.bin
var file string // images, labels, and for each row its place in scikit-learn's order as two bytes, low first

// Images are the pixels, 0 to Max, in a fresh copy.
func Images() *[Count][Pixels]uint8 {
	out := new([Count][Pixels]uint8)
	for i := range out {
		copy(out[i][:], file[i*Pixels:])
	}
	return out
}

// Labels are the digits shown, 0 to 9, in a fresh copy.
func Labels() *[Count]uint8 {
	out := new([Count]uint8)
	copy(out[:], file[Count*Pixels:])
	return out
}

// Original is the place of each row in scikit-learn's order.
func Original() *[Count]uint16 {
	out := new([Count]uint16)
	for i := range out {
		out[i] = binary.LittleEndian.Uint16([]byte(file[Count*(Pixels+1)+2*i:][:2]))
	}
	return out
}
