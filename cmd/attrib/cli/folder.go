package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"attrib/internal/runfile"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/simd"
	"attrib/settle/chain"
)

// outFlags are the two flags of every command that writes a folder.
type outFlags struct {
	Out   string
	Force bool
}

func (o *outFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.Out, "out", "", "output folder (required)")
	f.BoolVar(&o.Force, "force", false, "replace a finished run in the output folder")
}

func (o *outFlags) check() error {
	if o.Out == "" {
		return usage(fmt.Errorf("--out is missing: name the output folder"))
	}
	return nil
}

// incidental flags change where, how loudly or how fast a command works, never a result; they are not part of what a
// resumed or repeated run must agree with.
var incidental = map[string]bool{
	"out": true, "force": true, "json": true, "quiet": true, "workers": true, "help": true, "prepare": true, "memory": true, "estimate": true,
	"rpc": true, "key-file": true, "keystore": true, "password-file": true, "journal": true, "confirmations": true, "dev": true, "calldata": true,
}

// settings are a command's flags with defaults filled in: what run.json records.
func settings(cmd *cobra.Command) map[string]string {
	config := map[string]string{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !incidental[f.Name] {
			config[f.Name] = f.Value.String()
		}
	})
	return config
}

// stage is what a stage needs to write its folder: where, under which command line, and whether to replace.
type stage struct {
	outFlags
	command string
	config  map[string]string
}

func (o outFlags) stage(cmd *cobra.Command) stage {
	return stage{outFlags: o, command: commandName(cmd), config: settings(cmd)}
}

// anyDevice are commands whose results have the same bits on every device: integers, and products that go to a GPU only
// where it has the CPU's bits.
var anyDevice = map[string]bool{"value": true, "index": true, "train": true}

// alike says which settings may differ when a run of the command is gone on with: --device and --precision, where the
// results are the same bits.
func alike(command string) runfile.Alike {
	return func(setting string, old, now map[string]string) bool {
		return (setting == "device" || setting == "precision") && (anyDevice[command] || bitsOf(old) == bitsOf(now))
	}
}

// bitsOf names the arithmetic of a run with these settings on this machine: devices of one name give the same bits.
func bitsOf(config map[string]string) string {
	precision := config["precision"]
	switch device := config["device"]; {
	case device == "ref":
		return "ref"
	case device == "cpu" && simd.Active() == simd.Generic:
		return "generic"
	case device == "cpu" || precision == "":
		return "exact"
	}
	return precision
}

// commandName is the command's path without the program: "settle post".
func commandName(cmd *cobra.Command) string {
	name := cmd.Name()
	for p := cmd.Parent(); p != nil && p.HasParent(); p = p.Parent() {
		name = p.Name() + " " + name
	}
	return name
}

// write runs fill on the stage's output folder and finishes its record when fill succeeds.
func (s stage) write(inputs []string, fill func(*runfile.Folder) error) error {
	f, err := s.begin(inputs)
	if err != nil {
		return err
	}
	return end(f, fill(f))
}

// begin opens the output folder for a run that reads these files.
func (s stage) begin(inputs []string) (*runfile.Folder, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	for _, path := range inputs {
		if inside(path, s.Out) {
			return nil, usage(fmt.Errorf("--out %s holds %s, which this command reads: choose another folder", s.Out, path))
		}
	}
	f, err := runfile.BeginAlike(s.Out, s.command, s.config, s.Force, alike(s.command))
	if err != nil {
		return nil, err
	}
	for _, path := range inputs {
		if err := f.Input(path); err != nil {
			return nil, end(f, err)
		}
	}
	return f, nil
}

// end finishes a folder, keeps it for the same command to go on, or undoes what a failed command did to it.
func end(f *runfile.Folder, err error) error {
	switch {
	case err == nil:
		err = f.Finish()
		f.Abort()
		return err
	case goesOn(err):
		f.Abort()
		return err
	}
	return errors.Join(err, f.Discard())
}

// unfinished marks an error after which the folder's content is still needed.
type unfinished struct{ error }

func (u unfinished) Unwrap() error { return u.error }

// goesOn tells failures of the surroundings, after which the same command can go on, from those of the command itself.
func goesOn(err error) bool {
	for _, passing := range []error{driver.ErrDeviceLost, context.Canceled, context.DeadlineExceeded, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EIO, syscall.EROFS} {
		if errors.Is(err, passing) {
			return true
		}
	}
	var node *chain.Unreachable
	var u unfinished
	return errors.As(err, &node) || errors.As(err, &u)
}

// inside says whether a path lies in a folder.
func inside(path, dir string) bool {
	a, errA := filepath.Abs(path)
	b, errB := filepath.Abs(dir)
	if errA != nil || errB != nil {
		return false
	}
	rel, err := filepath.Rel(b, a)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
