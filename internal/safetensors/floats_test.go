package safetensors

import (
	"math"
	"strings"
	"testing"
)

func TestFloats(t *testing.T) {
	half := []float64{0, 0x8000: math.Copysign(0, -1), 0x0001: 0x1p-24, 0x03ff: 1023 * 0x1p-24, 0x0400: 0x1p-14, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1)}
	for bits, want := range half {
		if want == 0 && bits != 0 && bits != 0x8000 {
			continue
		}
		v, err := Floats(Tensor{"h", F16, []int64{1}, []byte{byte(bits), byte(bits >> 8)}})
		if err != nil || float64(v[0]) != want || math.Signbit(float64(v[0])) != math.Signbit(want) {
			t.Errorf("F16 %04x is %v (%v), want %v", bits, v, err, want)
		}
	}
	if v, err := Floats(Tensor{"b", BF16, []int64{1}, []byte{0x49, 0x40}}); err != nil || v[0] != 3.140625 {
		t.Errorf("BF16: %v, %v", v, err)
	}
	if v, err := Floats(New("d", []float64{1.0 / 3, -1e30}, 2)); err != nil || v[0] != float32(1.0/3) || v[1] != -1e30 {
		t.Errorf("F64: %v, %v", v, err)
	}
	if _, err := Floats(New("d", []float64{1, 1e300}, 2)); err == nil || !strings.Contains(err.Error(), `tensor "d": value 1, 1e+300, is too large`) {
		t.Errorf("error %v", err)
	}
	if _, err := Floats(New("i", []int32{1}, 1)); err == nil {
		t.Error("integers were taken for floats")
	}
}
