package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// node is a chain in a process of its own.
type node struct {
	url  string
	stop func() error // ends the process; an error when it did not end as it should
}

var chainLine = regexp.MustCompile(`^chain \d+ at (http://127\.0\.0\.1:\d+)$`)

// startChain runs "attrib chain" on a free port with its keys in dir/keys.
func startChain(dir string) (*node, error) {
	cmd := exec.Command("attrib", "chain", "--listen", "127.0.0.1:0", "--keys", "keys")
	cmd.Dir = dir
	line, err := startUntil(cmd, chainLine.MatchString)
	if err != nil {
		return nil, err
	}
	stop := func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		return cmd.Wait() // an interrupt is how attrib chain ends: with exit code 0
	}
	// The keys are written after the line.
	for range 100 {
		if _, err := os.Stat(dir + "/keys/dev39.key"); err == nil {
			return &node{chainLine.FindStringSubmatch(line)[1], stop}, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("attrib chain wrote no keys"), stop())
}

// startAnvil runs anvil on a free port; it has the same accounts.
func startAnvil(path, dir string) (*node, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	cmd := exec.Command(path, "--host", "127.0.0.1", "--port", port, "--accounts", "40", "--hardfork", "osaka")
	if _, err := startUntil(cmd, func(line string) bool { return strings.Contains(line, "Listening on") }); err != nil {
		return nil, err
	}
	stop := func() error { _ = cmd.Process.Kill(); _ = cmd.Wait(); return nil }
	return &node{"http://127.0.0.1:" + port, stop}, writeKeys(dir + "/keys")
}

// startUntil starts cmd and returns the first line of its output that is ready. A process that ends before, or takes
// 20 seconds, is an error.
func startUntil(cmd *exec.Cmd, ready func(string) bool) (string, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	found := make(chan string, 1)
	go func() {
		scan := bufio.NewScanner(out)
		for scan.Scan() {
			if ready(scan.Text()) {
				found <- scan.Text()
				break
			}
		}
		close(found)
		_, _ = io.Copy(io.Discard, out)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	select {
	case line, ok := <-found:
		if ok {
			return line, nil
		}
	case <-ctx.Done():
	}
	_ = cmd.Process.Kill()
	return "", fmt.Errorf("%s did not get ready: %w", cmd.Path, errors.Join(ctx.Err(), cmd.Wait()))
}
