package chain_test

import (
	"bufio"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"attrib/internal/testneed"
)

// startAnvil runs anvil on a free loopback port until the test ends and returns its URL.
func startAnvil(t *testing.T, args ...string) string {
	t.Helper()
	path := testneed.Tool(t, "anvil")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	cmd := exec.Command(path, append([]string{"--host", "127.0.0.1", "--port", port, "--accounts", "40", "--hardfork", "osaka"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ready := make(chan bool, 1)
	go func() {
		scan := bufio.NewScanner(out)
		for scan.Scan() {
			if strings.Contains(scan.Text(), "Listening on") {
				ready <- true
			}
		}
		close(ready)
	}()
	select {
	case ok := <-ready:
		if !ok {
			t.Fatal("anvil ended before it listened")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("anvil does not listen")
	}
	return "http://127.0.0.1:" + port
}

func TestLifeCycleOnAnvil(t *testing.T) {
	lifeCycle(t, dialled(t, startAnvil(t, "--chain-id", "31337"), 31337), false)
}
