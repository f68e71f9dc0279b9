package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"attrib/internal/runfile"
	"attrib/settle"
)

// Comparison is what rerun found about one output file.
type Comparison struct {
	File string `json:"file"`
	Same bool   `json:"same"`
	Note string `json:"note,omitempty"`
}

func newRerun(e *env) *cobra.Command {
	var out outFlags
	cmd := &cobra.Command{
		Use:   "rerun DIR",
		Short: "Repeat the run that made a folder and compare the results",
		Long: `Reads DIR/run.json, checks that the inputs are still the same, runs the same command with the same settings into
--out, and compares every output file by its hash. Exit 4 when a file differs. With --device it runs on another device,
where that gives the same bits.`,
		Example: "  attrib rerun out/train --out out/train-again",
		Args:    oneArg("an output folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRerun(cmd.Context(), e, args[0], out, cmd.Flags().Changed("device") || cmd.Flags().Changed("precision"))
		},
	}
	out.register(cmd.Flags())
	return cmd
}

func runRerun(ctx context.Context, e *env, dir string, out outFlags, elsewhere bool) error {
	if err := out.check(); err != nil {
		return err
	}
	old, err := runfile.Read(dir)
	if err != nil {
		return err
	}
	if old.State != runfile.Done {
		return fmt.Errorf("%s: the run is not finished; resume it first", dir)
	}
	if err := runfile.Check(dir); err != nil {
		return err
	}
	if inside(out.Out, dir) {
		return usage(fmt.Errorf("--out %s lies in the folder that is compared with: choose another", out.Out))
	}
	if strings.HasPrefix(old.Command, "settle ") {
		return fmt.Errorf("%s: attrib %s sends transactions and is not repeated; attrib verify recomputes what it posted", dir, old.Command)
	}
	if elsewhere {
		if err := e.moveTo(old); err != nil {
			return err
		}
	}
	target, err := filepath.Abs(out.Out)
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if old.Command == "value" && old.Config["seed"] == "" { // the seed that was drawn, not another one
		old.Config["seed-file"] = filepath.Join(dir, evidenceDir, settle.FileSeed)
	}
	if old.Command == "demo" && old.Config["seed"] == "" {
		old.Config["seed"] = old.Seeds["value"]
	}
	if err := repeat(ctx, e, old, target, out.Force); err != nil {
		return err
	}
	again, err := runfile.Read(target)
	if err != nil {
		return err
	}
	return e.reportRerun(compareOutputs(old, again))
}

// moveTo has a recorded command run on the device of this command line, where no bit depends on it.
func (e *env) moveTo(old runfile.Record) error {
	if _, ok := old.Config["device"]; !ok {
		return nil
	}
	here := map[string]string{"device": e.device, "precision": e.precision}
	same := e.device == old.Config["device"] && bitsOf(here) == bitsOf(old.Config)
	if !same && !alike(old.Command)("device", old.Config, here) {
		return usage(fmt.Errorf("--device %s with --precision %s gives other bits than --device %s of the run: leave them out", e.device, e.precision, old.Config["device"]))
	}
	old.Config["device"], old.Config["precision"] = e.device, e.precision
	return nil
}

// repeat runs a recorded command in its own working folder, so that its relative paths mean what they meant.
func repeat(ctx context.Context, e *env, old runfile.Record, target string, force bool) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.Chdir(old.Dir); err != nil {
		return fmt.Errorf("the run's working folder: %w", err)
	}
	defer os.Chdir(here)
	if err := sameInputs(old); err != nil {
		return err
	}
	args := append(recordedArgs(old, target, force), fmt.Sprintf("--workers=%d", e.workers))
	e.log.Info("rerun", "command", "attrib "+strings.Join(quoteAll(args), " "))
	if code := Run(ctx, args, io.Discard, e.err, e.registry); code != exitOK && code != exitWarnings {
		return fmt.Errorf("the repeated command ended with exit code %d", code)
	}
	return nil
}

func sameInputs(old runfile.Record) error {
	for _, in := range old.Inputs {
		sum, err := runfile.HashFile(in.Path)
		if err != nil {
			return err
		}
		if sum != in.SHA256 {
			return fmt.Errorf("%s: the input has changed since the run (sha256 %s, was %s)", in.Path, sum, in.SHA256)
		}
	}
	return nil
}

// positional is the setting under which a record keeps a command's one argument without a flag.
const positional = "DIR"

// recordedArgs rebuilds a command line from a record: the command, then its flags in order of name.
func recordedArgs(r runfile.Record, target string, force bool) []string {
	args := strings.Fields(r.Command)
	var names []string
	for name := range r.Config {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == positional {
			args = append(args, r.Config[name])
			continue
		}
		args = append(args, "--"+name+"="+r.Config[name])
	}
	args = append(args, "--out="+target, "--quiet")
	if force {
		args = append(args, "--force")
	}
	return args
}

func compareOutputs(old, again runfile.Record) []Comparison {
	now := map[string]string{}
	for _, f := range again.Outputs {
		now[f.Path] = f.SHA256
	}
	var rows []Comparison
	for _, f := range old.Outputs {
		sum, ok := now[f.Path]
		delete(now, f.Path)
		switch {
		case !ok:
			rows = append(rows, Comparison{File: f.Path, Note: "missing in the repeated run"})
		case sum != f.SHA256 && f.Varies:
			rows = append(rows, Comparison{File: f.Path, Same: true, Note: "differs, as it may: it says when or where the run was"})
		case sum != f.SHA256:
			rows = append(rows, Comparison{File: f.Path, Note: "bytes differ"})
		default:
			rows = append(rows, Comparison{File: f.Path, Same: true})
		}
	}
	for _, f := range again.Outputs {
		if _, extra := now[f.Path]; extra {
			rows = append(rows, Comparison{File: f.Path, Note: "only in the repeated run"})
		}
	}
	return rows
}

func (e *env) reportRerun(rows []Comparison) error {
	err := e.print(map[string]any{"schema": "attrib.rerun/1", "files": rows}, func(w io.Writer) {
		lines := [][]string{{"FILE", "RESULT"}}
		for _, r := range rows {
			result := r.Note
			if result == "" {
				result = "same"
			}
			lines = append(lines, []string{r.File, result})
		}
		table(w, lines)
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !r.Same {
			return mismatch{fmt.Errorf("%s: %s", r.File, r.Note)}
		}
	}
	return nil
}
