package cli

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"attrib/internal/atomicfile"
)

type scriptCommand = func(ts *testscript.TestScript, neg bool, args []string)

// scriptCommands are what scripts know beyond testscript's own commands:
//
//	node                     starts a chain on a free port, with key files in keys/ and its address in $ATTRIB_RPC
//	code N command…          runs a command that must end with exit code N
//	valid SCHEMA [file]      holds a file, or the standard output, against docs/schemas/SCHEMA.v1.json
//	edit FILE POINTER VALUE  sets the field at a JSON pointer to a JSON value
//	swap FILE OLD NEW        replaces the first OLD, which must be there
//	paid POOL EVIDENCE FILE  amounts of an evidence folder sum to the pool, and the claims in FILE are equal to them
//	balance EVIDENCE         on the chain every payee holds its amount, having held nothing before
//	verifyposted FILE EVIDENCE  verifies what settle post printed into FILE, and that every changed field is named
//	hold DIR LOCK N command… runs a command that must end with exit code N while another process holds DIR by LOCK
//	drops N, undrop          every Nth answer of the chain is cut off, until undrop
//	interrupt FILE command…  runs a command, interrupts it once FILE is there, and wants exit code 130
func scriptCommands(anvil string) map[string]scriptCommand {
	return map[string]scriptCommand{
		"node": func(ts *testscript.TestScript, _ bool, _ []string) { scriptNode(ts, anvil) },
		"code": scriptCode, "valid": scriptValid, "edit": scriptEdit, "swap": scriptSwap, "paid": scriptPaid, "balance": scriptBalance,
		"verifyposted": scriptVerifyPosted, "hold": scriptHold, "interrupt": scriptInterrupt,
		"drops": scriptDrops, "undrop": scriptUndrop,
	}
}

func scriptNode(ts *testscript.TestScript, anvil string) {
	var n *node
	var err error
	if anvil == "" {
		n, err = startChain(ts.MkAbs("."))
	} else {
		n, err = startAnvil(anvil, ts.MkAbs("."))
	}
	ts.Check(err)
	ts.Defer(func() { ts.Check(n.stop()) })
	ts.Setenv("ATTRIB_RPC", n.url)
}

func scriptCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command…")
	}
	got, exit := 0, (*exec.ExitError)(nil)
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if want, err := strconv.Atoi(args[0]); err != nil || got != want {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

func scriptValid(ts *testscript.TestScript, neg bool, args []string) {
	file := "stdout"
	if len(args) == 2 {
		file = args[1]
	}
	if err := validJSON(args[0], ts.ReadFile(file)); (err != nil) != neg {
		ts.Fatalf("%s against schema %s: %v", file, args[0], err)
	}
}

func scriptEdit(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(editJSON(ts.MkAbs(args[0]), args[1], args[2]))
}

func scriptSwap(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if !strings.Contains(string(data), args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.Replace(string(data), args[1], args[2], 1)), 0o644))
}

func scriptHold(ts *testscript.TestScript, _ bool, args []string) {
	release, err := atomicfile.LockAs(ts.MkAbs(args[0]), args[1])
	ts.Check(err)
	defer release()
	scriptCode(ts, false, args[2:])
}

func scriptInterrupt(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	for range 1000 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		ts.Fatalf("%s ended before it could be interrupted: %v", args[1], err)
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		ts.Fatalf("exit code %d, want %d", cmd.ProcessState.ExitCode(), exitInterrupted)
	}
}
