package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

func page() Page {
	return Page{
		Title: "A <run>", Currency: "wei",
		Shares: []Share{
			{ID: "ada & co", Role: "data", Value: .6, Low: .55, High: .66, Exact: .61, Amount: "600", Claimed: "600"},
			{ID: "bob", Role: "data", Value: .4, Low: .3, High: .5, Exact: math.NaN(), Amount: "400", Claimed: "0"},
		},
		Output: &Output{ID: "q1", Image: Gray(2, 2, []float32{0, 1, .5, 2}), Helpful: []Example{{ID: "s1", Score: .25, Image: Gray(1, 1, []float32{1})}}},
		Removal: &Removal{Models: 3, Seconds: 1.5, Curves: []Curve{
			{Name: "helpful first", Part: []float64{0, .1}, Y: []float64{-.1, -.5}, Low: []float64{-.1, -.6}, High: []float64{-.1, -.4}},
		}},
		Speed: &Speed{About: "Times <here>.", Shapes: []Timed{{Shape: "scan & sum", Contestants: []Contestant{{"attrib", .02}, {"other <tool>", .05}}, Rate: "480 GFLOP/s", Ceiling: "float32 multiply-adds", Fraction: .93, Notes: "recall 1"}, {Shape: "alone", Contestants: []Contestant{{"attrib", 2e-5}}}}},
		Accuracy: &Accuracy{
			About:  "LDS on <two> targets.",
			Panels: []Panel{{Title: "1 % removed, same run", Ceiling: 1, Scores: []Score{{"dot & co", .5, .4, .6, "1.0 s"}, {"worse", -.3, -.35, -.1, "0 s"}}}},
			Pairs:  []Pair{{"1 % removed, same run", "dot & co", "worse", .8, .7, .9}},
		},
	}
}

func render(t *testing.T, p Page) string {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(&buf, p); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestPageIsSelfContained(t *testing.T) {
	html := render(t, page())
	for _, bad := range []string{"<script", "<link", "@import", "ZgotmplZ"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	outside := regexp.MustCompile(`(src|href)="(https?:)?//`)
	if m := outside.FindString(html); m != "" {
		t.Errorf("the page loads %q", m)
	}
	for _, want := range []string{"A &lt;run&gt;", "data:image/png;base64,", "60.0 %", "61.0 %", "helpful first", "3 models really retrained in 1.5 s", "LDS on &lt;two&gt; targets.", "dot &amp; co", "&#43;0.800", "<td>yes</td>", "Times &lt;here&gt;.", "other &lt;tool&gt; 50 ms = 2.50 ×", "93.0 %", "20 µs"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestDrawingsAreWellFormed(t *testing.T) {
	for _, svg := range []string{string(shareChart(page().Shares)), string(curveChart(page().Removal)), string(scoreChart(page().Accuracy.Panels[0])), string(timeChart(page().Speed.Shapes[0]))} {
		dec := xml.NewDecoder(strings.NewReader(svg))
		for {
			_, err := dec.Token()
			if err != nil {
				if err.Error() != "EOF" {
					t.Errorf("%v in %s", err, svg)
				}
				break
			}
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("a coordinate is not finite: %s", svg)
		}
	}
}

// A bar's length is the share on the axis: .6 of the plot's width when the axis ends at the highest bound, .8.
func TestBarLengths(t *testing.T) {
	svg := string(shareChart(page().Shares))
	bars := regexp.MustCompile(`class="bar" x="150.0" y="[0-9.]+" width="([0-9.]+)"`).FindAllStringSubmatch(svg, -1)
	if len(bars) != 2 || bars[0][1] != "372.0" || bars[1][1] != "248.0" {
		t.Errorf("bars %v, want widths 372.0 and 248.0 (496 × .6/.8 and × .4/.8)", bars)
	}
}

func TestEmptySectionsAreLeftOut(t *testing.T) {
	html := render(t, Page{Title: "bare"})
	for _, bad := range []string{"Who is paid", "retrained", "How sure", "The figures", "differences are real"} {
		if strings.Contains(html, bad) {
			t.Errorf("an empty page has the section %q", bad)
		}
	}
}

func TestPercent(t *testing.T) {
	for v, want := range map[float64]string{.1234: "12.3 %", .01234: "1.23 %", .0001234: "0.012 %", 0: "0.00 %"} {
		if got := percent(v); got != want {
			t.Errorf("percent(%v) = %q, want %q", v, got, want)
		}
	}
}

// A dot stands at its score: the axis goes from −.4, the tick below the lowest bound, to 1.
func TestDotsStandAtTheirScore(t *testing.T) {
	svg := string(scoreChart(page().Accuracy.Panels[0]))
	at := regexp.MustCompile(`class="dot" cx="([0-9.]+)"`).FindAllStringSubmatch(svg, -1)
	left := 14 + 8.2*8 // the longest name has 8 letters
	want := func(v float64) string { return fmt.Sprintf("%.1f", left+(400-52-left)*(v+.4)/1.4) }
	if len(at) != 2 || at[0][1] != want(.5) || at[1][1] != want(-.3) {
		t.Errorf("dots at %v, want %s and %s", at, want(.5), want(-.3))
	}
	if !strings.Contains(svg, `class="ceiling" x1="348.0"`) {
		t.Error("the ceiling of 1 is not at the right end")
	}
}
