package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Speed is how long pieces of work took.
type Speed struct {
	About  string
	Shapes []Timed
}

// Timed is a piece of work and who did it; the first contestant is ours.
type Timed struct {
	Shape       string
	Contestants []Contestant
	Rate        string  // "480 GFLOP/s", "23 GB/s"
	Ceiling     string  // what it is a fraction of; empty for nothing
	Fraction    float64 // of the ceiling
	Notes       string
}

// Contestant is one that did the work.
type Contestant struct {
	Name    string
	Seconds float64
}

// Ratio is how many times as long another took as we did.
func (t Timed) Ratio(c Contestant) string {
	return fmt.Sprintf("%.2f ×", c.Seconds/t.Contestants[0].Seconds)
}

// Others are the contestants but us.
func (t Timed) Others() []Contestant { return t.Contestants[1:] }

// timeChart draws a bar per contestant, from zero.
func timeChart(t Timed) template.HTML {
	const width, right, row, top = 400.0, 70.0, 22.0, 4.0
	left, high := 20.0, 0.0
	for _, c := range t.Contestants {
		left = max(left, 14+7.6*float64(len([]rune(shortened(c.Name)))))
		high = max(high, c.Seconds)
	}
	var b strings.Builder
	openSVG(&b, width, top+row*float64(len(t.Contestants))+4, "Time of every contestant: "+t.Shape)
	for i, c := range t.Contestants {
		y := top + row*(float64(i)+.5)
		length := (width - left - right) * c.Seconds / high
		class := "bar"
		if i == 0 {
			class = "ours"
		}
		fmt.Fprintf(&b, `<text class="name" x="%.1f" y="%.1f" text-anchor="end">%s</text>`, left-8, y+4, escape(shortened(c.Name)))
		fmt.Fprintf(&b, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="12"/>`, class, left, y-6, max(length, 1))
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f">%s</text>`, left+length+6, y+4, Duration(c.Seconds))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// Duration is a time in three digits.
func Duration(seconds float64) string {
	switch {
	case seconds <= 0 || math.IsNaN(seconds):
		return "–"
	case seconds < 1e-4:
		return fmt.Sprintf("%.3g µs", 1e6*seconds)
	case seconds < 1:
		return fmt.Sprintf("%.3g ms", 1e3*seconds)
	}
	return fmt.Sprintf("%.3g s", seconds)
}
