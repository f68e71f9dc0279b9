package report

import (
	"bytes"
	"encoding/xml"
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
	for _, want := range []string{"A &lt;run&gt;", "data:image/png;base64,", "60.0 %", "61.0 %", "helpful first", "3 models really retrained in 1.5 s"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestDrawingsAreWellFormed(t *testing.T) {
	for _, svg := range []string{string(shareChart(page().Shares)), string(curveChart(page().Removal))} {
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
	for _, bad := range []string{"Who is paid", "retrained", "How sure"} {
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
