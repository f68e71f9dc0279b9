package cli

import (
	"fmt"
	"io"
	"strings"

	"attrib/bench"
	"attrib/bench/report"
	"attrib/internal/atomicfile"
	"attrib/internal/runfile"
	"attrib/internal/strictjson"
)

// The files of attrib bench accuracy --out.
const (
	accuracyFile       = "accuracy.json"
	accuracyReportFile = "report.html"
)

// save writes the result as JSON and as a page. Both state times.
func (r *AccuracyResult) save(f *runfile.Folder, o accuracyOptions) error {
	f.Varies(accuracyFile, accuracyReportFile)
	for _, w := range r.Warnings {
		f.Warn(fmt.Errorf("%s", w))
	}
	f.Stage("measure")
	if err := strictjson.WriteFile(f.Path(accuracyFile), r); err != nil {
		return err
	}
	return atomicfile.Write(f.Path(accuracyReportFile), func(w io.Writer) error { return report.Write(w, r.page(o)) })
}

// page is the report.
func (r *AccuracyResult) page(o accuracyOptions) report.Page {
	t := r.Truth
	lead := fmt.Sprintf("What attribution scores predict for models retrained without part of their %d training samples, against models that were really retrained. Measured is the %s of %d outputs.", t.Samples, t.Measurement, r.Outputs)
	p := report.Page{Title: "How accurate attribution is", Lead: lead, Accuracy: r.panels(), Notes: r.notes()}
	models := 0
	for _, part := range t.Parts {
		models += part.Subsets * len(part.Seeds)
	}
	p.Facts = []report.Fact{
		{Label: "ground truth", Value: t.Source, Note: "arithmetic: " + t.Arithmetic},
		{Label: "models really retrained", Value: fmt.Sprint(models), Note: fmt.Sprintf("removal by weight zero, by %s", t.By)},
		{Label: "model", Value: t.Model[:12], Note: "SHA-256 of the model"},
		{Label: "samples", Value: t.Data[:12], Note: "SHA-256 of features and labels"},
	}
	command := "attrib bench accuracy"
	for _, f := range []struct{ name, value string }{{"truth", o.Truth}, {"corpus", o.Corpus}, {"methods", o.Methods}, {"scores", o.Scores.String()}, {"removed", o.Removed}} {
		if f.value != "" {
			command += " " + strings.Join(quoteAll([]string{"--" + f.name, f.value}), " ")
		}
	}
	p.Commands = []string{command}
	return p
}

func panelTitle(target string, part string, removed float64) string {
	what := map[string]string{bench.SameRun: "same run", bench.ExpectedModel: "expected model"}[target]
	if part == fmt.Sprint(removed) {
		return fmt.Sprintf("%.3g %% removed, %s", 100*removed, what)
	}
	return fmt.Sprintf("%s (%.3g %% removed), %s", part, 100*removed, what)
}

// panels are the figures by target and part, and the best method of each against the others.
func (r *AccuracyResult) panels() *report.Accuracy {
	a := &report.Accuracy{About: "LDS is Spearman's rank correlation, over the subsets, between what a method's scores predict for an output and what retraining gave; then the mean over outputs. " +
		"The same run shares the scored model's start and batch order; the expected model is the mean of other training seeds, which no method saw."}
	at := map[string]int{}
	best := map[string]bench.AccuracyRow{}
	for _, row := range r.Results {
		title := panelTitle(row.Target, row.Part, row.Removed)
		i, ok := at[title]
		if !ok {
			i = len(a.Panels)
			at[title], a.Panels = i, append(a.Panels, report.Panel{Title: title, Ceiling: row.Ceiling})
		}
		a.Panels[i].Scores = append(a.Panels[i].Scores, report.Score{Method: row.Method, Value: row.LDS, Low: row.Low, High: row.High, Cost: r.cost(row)})
		if b, ok := best[title]; !ok || row.LDS > b.LDS {
			best[title] = row
		}
	}
	for _, d := range r.Differences {
		title := panelTitle(d.Target, d.Part, d.Removed)
		switch best[title].Method {
		case d.Method:
			a.Pairs = append(a.Pairs, report.Pair{Panel: title, Method: d.Method, Than: d.Than, Difference: d.Difference, Low: d.Low, High: d.High})
		case d.Than:
			a.Pairs = append(a.Pairs, report.Pair{Panel: title, Method: d.Than, Than: d.Method, Difference: -d.Difference, Low: -d.High, High: -d.Low})
		}
	}
	return a
}

// cost states seconds, and trainings as what they are.
func (r *AccuracyResult) cost(row bench.AccuracyRow) string {
	switch {
	case row.Trainings == 0 && row.Seconds == 0:
		return "not known"
	case row.Trainings == 0:
		return fmt.Sprintf("%.2f s", row.Seconds)
	}
	return fmt.Sprintf("%.2f s + %d training of %.2f s", row.Seconds, row.Trainings, r.TrainingSeconds)
}

func (r *AccuracyResult) notes() []string {
	notes := []string{
		"A score is the change of an output's goodness per unit of a sample's weight: positive means that the sample helped.",
		"Intervals are over outputs, with these subsets and training seeds: other outputs of this model and data would do as well. They say nothing of other models or data.",
		"Seconds are of gradients, fitting and scoring, on the machine and at the load of this run.",
	}
	for _, w := range r.Warnings {
		notes = append(notes, "Warning: "+w)
	}
	return notes
}
