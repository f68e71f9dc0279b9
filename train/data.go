package train

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"attrib/kernels"
)

// Data is a training set.
type Data struct {
	X      kernels.Matrix // n×d, F32: one sample a row
	Y      []int32        // n labels, 0 ≤ y < classes
	Weight []float32      // n weights in the training objective; nil means 1 for all
}

// Len is the number of samples.
func (d Data) Len() int { return d.X.Rows }

// Validate reports empty data, wrong widths, values that are not finite and labels outside the classes, naming the
// row. Input or classes of 0 are not checked.
func (d Data) Validate(input, classes int) error {
	if d.X.Rows == 0 {
		return errors.New("the training data are empty")
	}
	if d.X.Type != kernels.TypeF32 {
		return fmt.Errorf("samples are %v, want %v", d.X.Type, kernels.TypeF32)
	}
	if err := d.X.Validate(); err != nil {
		return fmt.Errorf("samples: %w", err)
	}
	if input > 0 && d.X.Cols != input {
		return fmt.Errorf("samples have %d values, the model takes %d", d.X.Cols, input)
	}
	if len(d.Y) != d.X.Rows {
		return fmt.Errorf("%d labels for %d samples", len(d.Y), d.X.Rows)
	}
	if err := checkWeights(d.Weight, d.X.Rows); err != nil {
		return err
	}
	for i := range d.X.Rows {
		if err := d.checkRow(i, classes); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

func (d Data) checkRow(i, classes int) error {
	if y := d.Y[i]; y < 0 || classes > 0 && int(y) >= classes {
		return fmt.Errorf("label %d is outside the %d classes of the model", y, classes)
	}
	for j, v := range d.row(i) {
		if !finite(v) {
			return fmt.Errorf("value %d is %v", j, v)
		}
	}
	return nil
}

func checkWeights(w []float32, n int) error {
	if w == nil {
		return nil
	}
	if len(w) != n {
		return fmt.Errorf("%d weights for %d samples", len(w), n)
	}
	for i, v := range w {
		if !finite(v) || v < 0 {
			return fmt.Errorf("row %d: weight %v, want a number ≥ 0", i, v)
		}
	}
	return nil
}

func (d Data) row(i int) []float32 { return d.X.Row(i) }

// Hash is the SHA-256, in hexadecimal, of a line "n d", the samples as little-endian float32 and the labels as
// little-endian int32. Weights are hashed apart (WeightHash), so that a retraining on weighted samples shows the same
// data.
func (d Data) Hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d\n", d.X.Rows, d.X.Cols)
	for i := range d.X.Rows {
		writeFloats(h, d.row(i))
	}
	writeInts(h, d.Y)
	return hex.EncodeToString(h.Sum(nil))
}

// WeightHash is the SHA-256, in hexadecimal, of sample weights as little-endian float32; "" when all are 1.
func WeightHash(w []float32) string {
	plain := true
	for _, v := range w {
		plain = plain && v == 1
	}
	if plain {
		return ""
	}
	h := sha256.New()
	writeFloats(h, w)
	return hex.EncodeToString(h.Sum(nil))
}

func writeInts(w io.Writer, v []int32) {
	for _, x := range v {
		w.Write([]byte{byte(x), byte(x >> 8), byte(x >> 16), byte(x >> 24)})
	}
}

// gather copies the rows of one batch into a contiguous matrix.
func (d Data) gather(batch []int, x []float32, y []int32) {
	for k, i := range batch {
		copy(x[k*d.X.Cols:], d.row(i))
		y[k] = d.Y[i]
	}
}
