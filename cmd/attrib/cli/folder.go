package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"attrib/internal/runfile"
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
	"out": true, "force": true, "json": true, "quiet": true, "workers": true, "help": true, "prepare": true,
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
	if err := s.check(); err != nil {
		return err
	}
	f, err := runfile.Begin(s.Out, s.command, s.config, s.Force)
	if err != nil {
		return err
	}
	defer f.Abort()
	for _, path := range inputs {
		if err := f.Input(path); err != nil {
			return err
		}
	}
	if err := fill(f); err != nil {
		return err
	}
	return f.Finish()
}
