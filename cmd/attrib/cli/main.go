package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"attrib/influence/gorgonia"
	_ "attrib/internal/arenas" // so that ulimit -v does not end a program of many threads
	"attrib/kernels/blas"
	"attrib/kernels/cpu"
	"attrib/kernels/simd"
)

// The documented exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitWarnings    = 3
	exitMismatch    = 4
	exitInterrupted = 130
)

// Main runs the command line with the process's arguments and exits with the documented code. registry names the
// gorgonia graphs that a model.json may refer to; nil stands for none beyond the built-in layers.
func Main(registry gorgonia.Registry) {
	fitAddressSpace()
	ctx, stop := interruptible(context.Background())
	e := &env{out: os.Stdout, err: os.Stderr, registry: registry, args: os.Args[1:]}
	e.self, _ = os.Executable()
	code := e.run(ctx)
	stop()
	os.Exit(code)
}

// interruptible is cancelled by the first interrupt, so that the work in hand ends soundly; a second one ends the
// process at once. Every file is written whole or not at all, so both leave a sound folder.
func interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		fmt.Fprintln(os.Stderr, "\ninterrupted: finishing the work in hand (interrupt again to stop at once)")
		cancel()
		if _, ok := <-signals; ok {
			os.Exit(exitInterrupted)
		}
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel() }
}

// Run runs the command line and returns the exit code. It is Main without the process around it.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, registry gorgonia.Registry) int {
	return (&env{out: stdout, err: stderr, registry: registry, args: args}).run(ctx)
}

func (e *env) run(ctx context.Context) int {
	if len(e.registry) > 0 {
		gorgonia.UseKernels()
	}
	root := newRoot(e)
	root.SetArgs(e.args)
	root.SetOut(e.out)
	root.SetErr(e.err)
	err := root.ExecuteContext(ctx)
	return e.exit(ctx, err)
}

// env is what every command shares: where to write, how to log, which machine to use.
type env struct {
	out, err io.Writer
	registry gorgonia.Registry
	args     []string
	self     string // the program's file, for processes of its own; empty when this is not the program

	json    bool
	quiet   bool
	workers int
	device  string
	// precision is of products on a GPU.
	precision string
	offload   func(blas.Device) *blas.Offload // which products a GPU gets; nil: those that pay
	log       *slog.Logger
}

func newRoot(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:           "attrib",
		Short:         "Training-data attribution: from a corpus to claimed payouts",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("unknown command %q", args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error {
			e.log = slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: logLevel(e.quiet)}))
			return e.checkMachine()
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.CompletionOptions.HiddenDefaultCmd = true
	f := root.PersistentFlags()
	f.BoolVar(&e.json, "json", false, "print machine-readable results on standard output")
	f.BoolVarP(&e.quiet, "quiet", "q", false, "log warnings and errors only, no progress")
	f.IntVar(&e.workers, "workers", runtime.GOMAXPROCS(0), "goroutines; results do not depend on it")
	f.StringVar(&e.device, "device", "cpu", "what does the arithmetic: cpu, cuda (all GPUs), cuda:0,1 (some), or ref (slow float64 reference)")
	f.StringVar(&e.precision, "precision", "exact", "of products on a GPU: exact (the bits of the CPU), tf32x3, bf16, f16 or int8 (rows of bytes)")
	root.AddCommand(newDemo(e), newCorpus(e), newTrain(e), newIndex(e), newStore(e), newScore(e), newValue(e), newSettle(e),
		newVerify(e), newChain(e), newBench(e), newRerun(e), newDoctor(e))
	return root
}

func (e *env) checkMachine() error {
	if e.workers < 1 {
		return usage(fmt.Errorf("--workers is %d, want at least 1", e.workers))
	}
	if err := (cpu.Options{Workers: e.workers}).Validate(); err != nil {
		return usage(fmt.Errorf("--workers: %w", err))
	}
	if err := e.checkDevice(); err != nil {
		return usage(err)
	}
	if err := simd.Check(); err != nil { // ATTRIB_CPU
		return usage(err)
	}
	return nil
}

func logLevel(quiet bool) slog.Level {
	if quiet {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// exit prints what has to be said about err and maps it to the documented code.
func (e *env) exit(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	var u usageError
	var m mismatch
	var w blockingWarnings
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintf(e.err, "attrib: interrupted. To go on, run the same command again:\n  attrib %s\n", strings.Join(quoteAll(e.args), " "))
		return exitInterrupted
	case errors.As(err, &m):
		fmt.Fprintln(e.err, "attrib:", err)
		return exitMismatch
	case errors.As(err, &w):
		fmt.Fprintln(e.err, "attrib:", err)
		return exitWarnings
	case errors.As(err, &u), cobraUsage(err):
		fmt.Fprintln(e.err, "attrib:", err)
		fmt.Fprintln(e.err, "See attrib help, or a command's --help.")
		return exitUsage
	}
	fmt.Fprintln(e.err, "attrib:", err)
	if text := e.deviceAdvice(err); text != "" {
		fmt.Fprintln(e.err, text)
	}
	return exitFailed
}

// cobraUsage recognises cobra's own complaints about a command line, which have no type.
func cobraUsage(err error) bool {
	for _, begin := range []string{"unknown command", "required flag", "if any flags in the group", "at least one of the flags in the group"} {
		if strings.HasPrefix(err.Error(), begin) {
			return true
		}
	}
	return false
}

// usageError is a mistake in the command line itself.
type usageError struct{ error }

func usage(err error) error { return usageError{err} }

// mismatch is a verification that found a difference.
type mismatch struct{ error }

// blockingWarnings says that a command finished but settlement should not follow without a decision.
type blockingWarnings struct{ error }

func (b blockingWarnings) Unwrap() error { return b.error }
func (m mismatch) Unwrap() error         { return m.error }
func (u usageError) Unwrap() error       { return u.error }

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Errorf("%s takes no argument %q", cmd.CommandPath(), args[0]))
	}
	return nil
}

// oneArg asks for exactly one positional argument and names it in the error.
func oneArg(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage(fmt.Errorf("%s takes one argument, %s; got %d", cmd.CommandPath(), name, len(args)))
		}
		return nil
	}
}

// quoteAll makes arguments safe to paste into a shell.
func quoteAll(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if a != "" && !strings.ContainsAny(a, " \t\n\"'\\$&|;<>()*?[]#~`!{}") {
			out[i] = a
			continue
		}
		out[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return out
}
