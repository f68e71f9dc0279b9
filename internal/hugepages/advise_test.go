package hugepages

import "testing"

func TestAdviseKeepsContent(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 1 << 19, 3<<19 + 7, 1 << 21} {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(i)
		}
		Advise(v)
		if n > 3 {
			Advise(v[3:])
		}
		for i := range v {
			if v[i] != float32(i) {
				t.Fatalf("%d numbers: number %d is %g", n, i, v[i])
			}
		}
	}
}
