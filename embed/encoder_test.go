package embed

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestPixelScalesToUnitRange(t *testing.T) {
	e := must[Encoder](t)(New(PixelName, Options{Width: 3, Max: 16}))
	got := make([]float32, 3)
	if err := e.Encode(got, Item{Values: []float32{0, 4, 16}}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []float32{0, 0.25, 1}) || e.Name() != "pixel" || e.Width() != 3 {
		t.Errorf("%s: %v", e.Name(), got)
	}
}

// pinned is the checksum of "ab" in a row of eight numbers.
const pinned = -1.668115258

func textRow(t *testing.T, e Encoder, text string) []float32 {
	t.Helper()
	row := make([]float32, e.Width())
	for i := range row {
		row[i] = 7 // what was there must not matter
	}
	if err := e.Encode(row, Item{Text: text}); err != nil {
		t.Fatal(err)
	}
	return row
}

func dot(a, b []float32) float64 {
	s := 0.0
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

func TestCharNearnessFollowsTheText(t *testing.T) {
	e := must[Encoder](t)(New(CharName, Options{}))
	a := textRow(t, e, "the quick brown fox")
	near := textRow(t, e, "the quick brown dog")
	far := textRow(t, e, "ζωή και ημέρα")
	if v := dot(a, a); math.Abs(v-1) > 1e-6 {
		t.Errorf("length² %v", v)
	}
	if n, f := dot(a, near), dot(a, far); !(n > 0.6 && n < 0.95 && math.Abs(f) < 0.25) {
		t.Errorf("near %v, far %v", n, f)
	}
	if !slices.Equal(a, textRow(t, e, "the quick brown fox")) {
		t.Error("the same text gave another row")
	}
	if order := dot(textRow(t, e, "abc"), textRow(t, e, "cba")); order > 0.9 {
		t.Errorf("order of characters does not matter: %v", order)
	}
}

// The rows are part of stores on disk: a change of the hash is a change of the format.
func TestCharRowIsPinned(t *testing.T) {
	e := must[Encoder](t)(New(CharName, Options{Width: 8}))
	got := textRow(t, e, "ab")
	sum := 0.0
	for i, v := range got {
		sum += float64(v) * float64(i+1)
	}
	if math.Abs(sum-pinned) > 1e-6 {
		t.Errorf("checksum %.9f of %v, want %.9f", sum, got, pinned)
	}
}

func TestEncodersRefuse(t *testing.T) {
	p := must[Encoder](t)(New(PixelName, Options{Width: 2, Max: 16}))
	c := must[Encoder](t)(New(CharName, Options{Width: 4}))
	for _, x := range []struct {
		e    Encoder
		item Item
		want string
	}{
		{p, Item{Values: []float32{1}}, "sample 3: pixel encoder: 1 values, want 2"},
		{p, Item{Values: []float32{1, 17}}, "value 1 is 17, outside 0 … 16"},
		{p, Item{Values: []float32{-1, 1}}, "value 0 is -1"},
		{p, Item{Values: []float32{1, float32(math.NaN())}}, "value 1 is NaN"},
		{c, Item{Text: " \n"}, "the text is empty"},
		{c, Item{Text: "a\xff"}, "not UTF-8"},
	} {
		if _, err := Encode(x.e, []Item{x.item}, func(int) string { return "sample 3" }); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%v, want %q", err, x.want)
		}
	}
	for _, o := range []struct {
		name string
		o    Options
		want string
	}{
		{"clip", Options{}, `encoder "clip" is not one of pixel, char-ngram`},
		{PixelName, Options{Max: -1}, "the largest value is -1, want a positive number\nrows of width 0"},
	} {
		if _, err := New(o.name, o.o); err == nil || !strings.Contains(err.Error(), o.want) {
			t.Errorf("%v, want %q", err, o.want)
		}
	}
}
