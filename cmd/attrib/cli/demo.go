package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"attrib/internal/runfile"
)

type demoOptions struct {
	stage
	Seed  string
	Roles bool
}

// DemoResult is what attrib demo prints. Shares are parts of the pool that sum to 1; amounts are base units.
type DemoResult struct {
	Schema                string            `json:"schema"`
	Stages                []DemoStage       `json:"stages"`
	Contributors          []DemoContributor `json:"contributors"`
	Errors                DemoErrors        `json:"errors"`
	ExpectedMisallocation float64           `json:"expectedMisallocation"`
	Root                  string            `json:"root"`
	EvidenceHash          string            `json:"evidenceHash"`
	Verified              bool              `json:"verified"`
	Contract              string            `json:"contract"`
	ChainID               uint64            `json:"chainId"`
	Pool                  string            `json:"pool"`
	Seed                  string            `json:"seed"`
	Out                   string            `json:"out"`
	Report                string            `json:"report"`
}

// DemoStage is one step and its wall time.
type DemoStage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	note    string
}

// DemoContributor is a payee's line. ExactShare is the share by exact enumeration, beside the estimate.
type DemoContributor struct {
	ID         string   `json:"id"`
	Role       string   `json:"role"`
	Share      float64  `json:"share"`
	ShareLow   float64  `json:"shareLow"`
	ShareHigh  float64  `json:"shareHigh"`
	ExactShare *float64 `json:"exactShare"`
	Amount     string   `json:"amount"`
	Claimed    string   `json:"claimed"`
	plan       string
}

// DemoErrors are the expected misallocated parts of the pool, by cause; null: not measured.
type DemoErrors struct {
	Estimator *float64 `json:"estimator"`
	Sampling  *float64 `json:"sampling"`
	Method    *float64 `json:"method"`
}

// demoFolder is where the demo writes when --out is not given.
const demoFolder = "attrib-demo"

func newDemo(e *env) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "The whole path on real data: from handwritten digits to claimed payouts",
		Long: `Attributes 100 outputs of a small network to twelve contributors of handwritten digits, of whom some are not honest;
turns the scores into shares with an error; pays them out on an embedded chain; lets everybody claim; verifies the
posted root in a process of its own; and checks the scores by retraining. Each stage is also a command, which is
printed as it runs. Ends with a table and report.html.`,
		Example: "  attrib demo --out attrib-demo",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("out") {
				r, err := runfile.Read(o.Out)
				o.Force = o.Force || err == nil && r.Command == "demo"
			}
			o.stage = o.outFlags.stage(cmd)
			result, err := runDemo(cmd.Context(), e, o)
			if err != nil {
				return err
			}
			return e.print(result, result.text)
		},
	}
	f := cmd.Flags()
	o.outFlags.register(f)
	f.Lookup("out").DefValue = demoFolder
	o.Out = demoFolder
	f.StringVar(&o.Seed, "seed", "", "seed of the Monte-Carlo estimate; default: from the block after the commit, another one each time")
	f.BoolVar(&o.Roles, "roles", false, "pay a model builder, two prompt writers and a reviewer too")
	return cmd
}

// demo is a run of the demo: its folder, what it has made so far, and how long that took.
type demo struct {
	env    *env
	opt    demoOptions
	folder *runfile.Folder
	began  time.Time
	result DemoResult
	says   []string // the commands that do the same

	made demoParts
}

func runDemo(ctx context.Context, e *env, o demoOptions) (*DemoResult, error) {
	f, err := o.begin(nil)
	if err != nil {
		return nil, err
	}
	if f.Resumed { // the demo is short: it begins again
		if err := f.Restart(); err != nil {
			return nil, end(f, err)
		}
	}
	d := &demo{env: e, opt: o, folder: f, began: time.Now(), result: DemoResult{Schema: "attrib.demo/1", Out: o.Out}}
	if err := end(f, d.run(ctx)); err != nil {
		return nil, err
	}
	return &d.result, nil
}

func (d *demo) run(ctx context.Context) error {
	defer d.stopChain()
	d.folder.Varies("report.html") // it states times
	if d.opt.Seed == "" {          // then the seed is a block's; what names that block varies
		d.folder.Varies("value/evidence/seed.json", "epoch-1/evidence/seed.json", "epoch-1/evidence/manifest.json", "transactions/")
	}
	for _, s := range []struct {
		name string
		run  func(context.Context) (string, error)
	}{
		{"corpus", d.corpus}, {"train", d.train}, {"index", d.index}, {"score", d.score}, {"chain", d.startChain},
		{"commit", d.commit}, {"value", d.value}, {"post", d.post}, {"finalise", d.finalise}, {"claim", d.claim},
		{"verify", d.verify}, {"retrain", d.retrain}, {"report", d.report},
	} {
		if err := d.step(ctx, s.name, s.run); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// step runs one stage with its time, its commands and its result on standard error.
func (d *demo) step(ctx context.Context, name string, run func(context.Context) (string, error)) error {
	first := len(d.says)
	note, err := run(ctx)
	if err != nil {
		return err
	}
	seconds := d.folder.Stage(name)
	d.result.Stages = append(d.result.Stages, DemoStage{name, seconds, note})
	if !d.env.quiet && !d.env.json {
		fmt.Fprintf(d.env.err, "%-9s %5.1f s  %s\n", name, seconds, note)
		for _, line := range d.says[first:] {
			fmt.Fprintf(d.env.err, "                   $ %s\n", line)
		}
	}
	return nil
}

// path is a path in the demo's folder as a command would name it.
func (d *demo) path(parts ...string) string {
	return filepath.Join(append([]string{d.opt.Out}, parts...)...)
}

// say notes the command that does what the stage does.
func (d *demo) say(format string, args ...any) {
	d.says = append(d.says, "attrib "+fmt.Sprintf(format, args...))
}

// sub is the stage of a command that the demo runs in its own folder.
func (d *demo) sub(name, command string, config map[string]string) stage {
	return stage{outFlags: outFlags{Out: d.path(name)}, command: command, config: config}
}

func (r *DemoResult) text(w io.Writer) {
	rows := [][]string{{"CONTRIBUTOR", "ROLE", "SHARE", "± 95 %", "EXACT", "AMOUNT", "CLAIMED"}}
	for _, c := range r.Contributors {
		exact := "–"
		if c.ExactShare != nil {
			exact = percent(*c.ExactShare)
		}
		half := max(c.ShareHigh-c.Share, c.Share-c.ShareLow)
		rows = append(rows, []string{c.ID, c.Role, percent(c.Share), percent(half), exact, c.Amount, c.Claimed})
	}
	fmt.Fprintln(w)
	table(w, rows)
	fmt.Fprintf(w, "\nexpected misallocated part of the pool: estimator %s, sampling %s, method %s\n",
		percentOr(r.Errors.Estimator), percentOr(r.Errors.Sampling), percentOr(r.Errors.Method))
	seconds := 0.0
	for _, s := range r.Stages {
		seconds += s.Seconds
	}
	verified := "verified"
	if !r.Verified {
		verified = "NOT verified"
	}
	fmt.Fprintf(w, "root %s on chain %d: %s\n%.1f s, report: %s\n", r.Root, r.ChainID, verified, seconds, r.Report)
}
