package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
)

// Page is the content of a report. Shares and their bounds are parts of the pool that sum to 1.
type Page struct {
	Title    string
	Lead     string // one paragraph: what was done
	Facts    []Fact // figures printed at the top
	Shares   []Share
	Currency string // unit of Amount and Claimed
	Errors   []Fact // the three errors, in words and numbers
	Output   *Output
	Removal  *Removal
	Accuracy *Accuracy
	Speed    *Speed
	Stages   []Fact   // stage and its time
	Commands []string // the same path by hand
	Notes    []string // assumptions and warnings
}

// Fact is a label and its value, with an optional remark.
type Fact struct{ Label, Value, Note string }

// Share is one payee's row. Exact is NaN where there is no exact value to print beside the estimate.
type Share struct {
	ID, Role, About  string
	Value, Low, High float64
	Exact            float64
	Amount, Claimed  string
}

// Output is one output of the model with the training samples that helped and harmed it most.
type Output struct {
	ID, About        string
	Image            Image
	Helpful, Harmful []Example
}

// Example is a training sample with its score for the output.
type Example struct {
	ID, About string
	Score     float64
	Image     Image
}

// Removal is what models did that were retrained without a part of the data.
type Removal struct {
	About   string
	YLabel  string
	Curves  []Curve
	Models  int
	Seconds float64
}

// Curve is one order of removal. Parts are fractions removed, from 0; Low and High bound Y over training seeds.
type Curve struct {
	Name         string
	Part         []float64
	Y, Low, High []float64
}

//go:embed page.html.tmpl style.css
var files embed.FS

// Write renders the page. The same Page gives the same bytes.
func Write(w io.Writer, p Page) error {
	t, err := template.New("page.html.tmpl").Funcs(template.FuncMap{
		"style":      style,
		"shareChart": shareChart,
		"curveChart": curveChart,
		"scoreChart": scoreChart,
		"timeChart":  timeChart,
		"duration":   Duration,
		"signed":     func(v float64) string { return fmt.Sprintf("%+.3f", v) },
		"percent":    percent,
		"score":      func(v float64) string { return fmt.Sprintf("%+.3g", v) },
		"finite":     func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) },
		"number":     func(v float64) string { return fmt.Sprintf("%.3f", v) },
		"hasExact":   hasExact,
	}).ParseFS(files, "page.html.tmpl")
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}

func style() (template.CSS, error) {
	css, err := files.ReadFile("style.css")
	return template.CSS(css), err
}

func hasExact(shares []Share) bool {
	for _, s := range shares {
		if !math.IsNaN(s.Exact) {
			return true
		}
	}
	return false
}

// percent prints a share with enough digits that small payees do not read as zero.
func percent(v float64) string {
	switch a := math.Abs(100 * v); {
	case math.IsNaN(v):
		return "–"
	case a != 0 && a < 0.095:
		return fmt.Sprintf("%.3f %%", 100*v)
	case a < 9.95:
		return fmt.Sprintf("%.2f %%", 100*v)
	}
	return fmt.Sprintf("%.1f %%", 100*v)
}

// escape makes text safe inside SVG text nodes.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
