package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// shareChart draws a row per payee: a bar to the share, a whisker over its interval, a tick at the exact value.
func shareChart(shares []Share) template.HTML {
	const left, right, row, top = 150.0, 74.0, 26.0, 8.0
	const width = 720.0
	high := 0.01
	for _, s := range shares {
		high = max(high, s.High, s.Value)
	}
	step := tickStep(high, 5)
	high = step * math.Ceil(high/step)
	x := func(v float64) float64 { return left + (width-left-right)*max(v, 0)/high }
	height := top + row*float64(len(shares)) + 26
	var b strings.Builder
	openSVG(&b, width, height, "Share of the pool per payee, with its interval")
	for v := 0.0; v <= high+step/2; v += step {
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, x(v), top, x(v), height-24)
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%.3g %%</text>`, x(v), height-8, 100*v)
	}
	for i, s := range shares {
		y := top + row*(float64(i)+.5)
		fmt.Fprintf(&b, `<text class="name" x="%.1f" y="%.1f" text-anchor="end">%s</text>`, left-8, y+4, escape(s.ID))
		fmt.Fprintf(&b, `<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="12"/>`, left, y-6, x(s.Value)-left)
		fmt.Fprintf(&b, `<path class="whisker" d="M%.1f %.1fH%.1fM%.1f %.1fv8M%.1f %.1fv8"/>`,
			x(s.Low), y, x(s.High), x(s.Low), y-4, x(s.High), y-4)
		if !math.IsNaN(s.Exact) {
			fmt.Fprintf(&b, `<path class="exact" d="M%.1f %.1fv16"/>`, x(s.Exact), y-8)
		}
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f">%s</text>`, x(max(s.High, s.Value))+6, y+4, percent(s.Value))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// curveChart draws one line per order of removal with a band over training seeds.
func curveChart(r *Removal) template.HTML {
	const left, right, top, bottom, width, height = 64.0, 16.0, 12.0, 44.0, 720.0, 340.0
	xHigh, yLow, yHigh := curveRange(r.Curves)
	step := tickStep(yHigh-yLow, 5)
	yLow, yHigh = step*math.Floor(yLow/step), step*math.Ceil(yHigh/step)
	x := func(v float64) float64 { return left + (width-left-right)*v/xHigh }
	y := func(v float64) float64 { return top + (height-top-bottom)*(yHigh-v)/(yHigh-yLow) }
	var b strings.Builder
	openSVG(&b, width, height, "Outputs of models retrained without a part of the data")
	for v := yLow; v <= yHigh+step/2; v += step {
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, left, y(v), width-right, y(v))
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="end">%s</text>`, left-8, y(v)+4, trim(v))
	}
	for v, d := 0.0, tickStep(xHigh, 6); v <= xHigh+d/2; v += d {
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%.3g %%</text>`, x(v), height-bottom+18, 100*v)
	}
	fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">part of the training samples removed</text>`, (left+width-right)/2, height-6)
	for i, c := range r.Curves {
		drawCurve(&b, i, c, x, y)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

func drawCurve(b *strings.Builder, i int, c Curve, x, y func(float64) float64) {
	var line, band, back strings.Builder
	for k := range c.Part {
		fmt.Fprintf(&line, "%.1f,%.1f ", x(c.Part[k]), y(c.Y[k]))
		fmt.Fprintf(&band, "%.1f,%.1f ", x(c.Part[k]), y(c.High[k]))
	}
	for k := len(c.Part) - 1; k >= 0; k-- {
		fmt.Fprintf(&back, "%.1f,%.1f ", x(c.Part[k]), y(c.Low[k]))
	}
	fmt.Fprintf(b, `<polygon class="band c%d" points="%s%s"/>`, i, band.String(), back.String())
	fmt.Fprintf(b, `<polyline class="line c%d" points="%s"/>`, i, line.String())
	for k := range c.Part {
		marker(b, i, x(c.Part[k]), y(c.Y[k]))
	}
}

// marker draws another shape for each curve, so that the lines are told apart without colour.
func marker(b *strings.Builder, i int, x, y float64) {
	switch i % 3 {
	case 0:
		fmt.Fprintf(b, `<circle class="mark c%d" cx="%.1f" cy="%.1f" r="4"/>`, i, x, y)
	case 1:
		fmt.Fprintf(b, `<rect class="mark c%d" x="%.1f" y="%.1f" width="8" height="8"/>`, i, x-4, y-4)
	default:
		fmt.Fprintf(b, `<path class="mark c%d" d="M%.1f %.1fl5 8h-10z"/>`, i, x, y-5)
	}
}

func curveRange(curves []Curve) (xHigh, yLow, yHigh float64) {
	yLow, yHigh = math.Inf(1), math.Inf(-1)
	for _, c := range curves {
		for k := range c.Part {
			xHigh = max(xHigh, c.Part[k])
			yLow, yHigh = min(yLow, c.Low[k]), max(yHigh, c.High[k])
		}
	}
	if !(yHigh > yLow) {
		yLow, yHigh = yLow-1, yHigh+1
	}
	return max(xHigh, 1e-9), yLow, yHigh
}

func openSVG(b *strings.Builder, width, height float64, label string) {
	fmt.Fprintf(b, `<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s" xmlns="http://www.w3.org/2000/svg">`, width, height, escape(label))
}

// tickStep is the 1, 2 or 5 times a power of ten that cuts span into at most about n parts.
func tickStep(span float64, n int) float64 {
	raw := span / float64(n)
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 5} {
		if f*unit >= raw*(1-1e-9) {
			return f * unit
		}
	}
	return 10 * unit
}

func trim(v float64) string {
	if math.Abs(v) < 1e-12 {
		return "0"
	}
	return fmt.Sprintf("%.3g", v)
}
