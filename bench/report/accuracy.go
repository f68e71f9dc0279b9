package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Accuracy is how well methods predict models that were really retrained.
type Accuracy struct {
	About  string
	Panels []Panel
	Pairs  []Pair
}

// Panel is one target and part removed: a score with its interval for every method, and the ceiling of them all.
type Panel struct {
	Title   string
	Ceiling float64
	Scores  []Score
}

// Score is a method's, from −1 to 1.
type Score struct {
	Method           string
	Value, Low, High float64
	Cost             string
}

// Pair is how much better a method does than another, with an interval.
type Pair struct {
	Panel, Method, Than   string
	Difference, Low, High float64
}

// Apart says whether the interval tells the two methods apart.
func (p Pair) Apart() bool { return p.Low > 0 || p.High < 0 }

// scoreChart draws a row per method: a dot at its score, a line over its interval; and the ceiling as a dashed line.
func scoreChart(p Panel) template.HTML {
	const width, right, row, top = 400.0, 52.0, 22.0, 8.0
	left := 20.0
	low := 0.0
	for _, s := range p.Scores {
		left = max(left, 14+8.2*float64(len([]rune(shortened(s.Method)))))
		low = min(low, s.Low)
	}
	low = .2 * math.Floor(low/.2+1e-9)
	height := top + row*float64(len(p.Scores)) + 24
	x := func(v float64) float64 { return left + (width-left-right)*(v-low)/(1-low) }
	var b strings.Builder
	openSVG(&b, width, height, "LDS of every method: "+p.Title)
	for v := low; v < 1.01; v += .2 {
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, x(v), top, x(v), height-22)
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x(v), height-7, fmt.Sprintf("%.1f", v+1e-9))
	}
	fmt.Fprintf(&b, `<line class="ceiling" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, x(p.Ceiling), top-4, x(p.Ceiling), height-22)
	for i, s := range p.Scores {
		y := top + row*(float64(i)+.5)
		fmt.Fprintf(&b, `<text class="name" x="%.1f" y="%.1f" text-anchor="end">%s</text>`, left-8, y+4, escape(shortened(s.Method)))
		fmt.Fprintf(&b, `<path class="whisker" d="M%.1f %.1fH%.1fM%.1f %.1fv8M%.1f %.1fv8"/>`, x(s.Low), y, x(s.High), x(s.Low), y-4, x(s.High), y-4)
		fmt.Fprintf(&b, `<circle class="dot" cx="%.1f" cy="%.1f" r="4.5"/>`, x(s.Value), y)
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="end">%.3f</text>`, width-4, y+4, s.Value)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// shortened keeps long names out of the plot.
func shortened(name string) string {
	if r := []rune(name); len(r) > 18 {
		return string(r[:17]) + "…"
	}
	return name
}
