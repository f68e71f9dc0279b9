//go:build linux

package cli

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"attrib/internal/runfile"
	"attrib/internal/scenario"
	"attrib/internal/testneed"
)

// longCommand is a command that people wait for, without its --out.
type longCommand struct{ name, args string }

// longCommands run in a folder made by longWorld. The output of each is out/<name>.
var longCommands = []longCommand{
	{"train", "train --corpus digits --model model.json --checkpoint-every 7"},
	{"truth", "train --corpus digits --model model.json --subsets 4 --seeds 7,20-22"},
	{"index", "index --corpus digits --model out/train"},
	{"gradients", "score --corpus digits --model out/train --store out/index --method influence"},
	{"value", "value --corpus digits --scores out/gradients --estimator permutations --permutations 20000 --seed 3"},
	{"new", "corpus new --contributors contributors.csv --samples big/store --outputs big/queries"},
	{"import", "index --corpus big/corpus --import big/store --sign +loss-gradient --measurement loss --type F32"},
	{"compact", "store compact big/store --shard-rows 7000"},
	{"convert", "store convert big/store --type I8"},
	{"score", "score --corpus big/corpus --store big/store --queries big/queries --method influence"},
	{"accuracy", "bench accuracy --truth out/truth --corpus digits"},
}

const bigRows = 60_000

// longWorld is a folder with all that longCommands read, which is not written to but for the outputs that they need.
func longWorld(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := scenario.Write(filepath.Join(dir, "digits"), scenario.Options{DataOnly: true}); err != nil {
		t.Fatal(err)
	}
	model := demoModel()
	model.Epochs = 150
	if err := model.Write(filepath.Join(dir, "model.json")); err != nil {
		t.Fatal(err)
	}
	scaleWorld(t, filepath.Join(dir, "big"), bigRows, 256)
	owners := fmt.Sprintf("id,address,rows\nada,0x%040x,0-99\nbob,0x%040x,100-%d\n", 1, 2, bigRows-1)
	if err := os.WriteFile(filepath.Join(dir, "contributors.csv"), []byte(owners), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range longCommands {
		if out, err := c.command(dir, "out/"+c.name).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", c.name, err, out)
		}
	}
	return dir
}

func (c longCommand) command(dir, out string) *exec.Cmd {
	cmd := exec.Command("attrib", append(strings.Fields(c.args), "--out", out)...)
	cmd.Dir = dir
	return cmd
}

// made are the hashes of a folder's files but for run.json, which says when.
func made(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == runfile.Name || strings.HasSuffix(d.Name(), ".lock") {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// same compares two folders' files.
func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, sum := range want {
		if got[name] != sum {
			t.Errorf("%s is %q, want %q", name, got[name], sum)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s should not be there", name)
		}
	}
}

// varies are outputs that say how long something took.
var varies = []string{"report.html", "accuracy.json"}

func withoutVarying(files map[string]string) map[string]string {
	for _, name := range varies {
		delete(files, name)
	}
	return files
}

// Every long command that is interrupted ends with exit code 130, says how to go on, leaves a folder that the same command
// finishes, and then has made the bytes of a command that was not interrupted. A second interrupt ends it at once. The same
// holds for a disk that is full, but for the exit code.
func TestLongCommands(t *testing.T) {
	dir := longWorld(t)
	for _, c := range longCommands {
		want := withoutVarying(made(t, filepath.Join(dir, "out", c.name)))
		t.Run("interrupted/"+c.name, func(t *testing.T) { c.interrupted(t, dir, want) })
		t.Run("full disk/"+c.name, func(t *testing.T) { c.fullDisk(t, dir, want) })
	}
}

func (c longCommand) interrupted(t *testing.T, dir string, want map[string]string) {
	began := time.Now()
	if out, err := c.command(dir, "again").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	all := time.Since(began)
	same(t, withoutVarying(made(t, filepath.Join(dir, "again"))), want)
	os.RemoveAll(filepath.Join(dir, "again"))
	hits := 0
	for k, part := range []time.Duration{2, 4, 6, 7} {
		out := fmt.Sprint("interrupted-", k)
		if c.interrupt(t, dir, out, all*part/9, k%2 == 1) {
			hits++
		}
		c.finish(t, dir, out)
		same(t, withoutVarying(made(t, filepath.Join(dir, out))), want)
		os.RemoveAll(filepath.Join(dir, out))
	}
	if hits == 0 {
		t.Errorf("no run of %v was interrupted: the test shows nothing", all)
	}
	t.Logf("%d of 4 runs of %v were interrupted", hits, all)
}

// fullDisk lets the command write to a disk of which there is so much left, and then go on with enough.
func (c longCommand) fullDisk(t *testing.T, dir string, want map[string]string) {
	disk := filepath.Join(dir, "disk")
	if err := os.MkdirAll(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", disk).CombinedOutput(); err != nil {
		testneed.Missing(t, "mount", "a small disk cannot be mounted here: "+string(out))
	}
	defer func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}()
	size, hits := int64(0), 0
	for name := range want {
		st, err := os.Stat(filepath.Join(dir, "out", c.name, name))
		if err != nil {
			t.Fatal(err)
		}
		size += st.Size()
	}
	for _, left := range []int64{0, 20 << 10, size / 3, 2 * size / 3, size - 4096} {
		fill(t, disk, max(0, left))
		out, err := c.command(dir, "disk/out").CombinedOutput()
		if err != nil {
			hits++
			if !strings.Contains(string(out), "no space left on device") {
				t.Errorf("%d bytes left: %v\n%s", left, err, out)
			}
		}
		if err := os.Remove(filepath.Join(disk, "filler")); err != nil {
			t.Fatal(err)
		}
		c.finish(t, dir, "disk/out")
		same(t, withoutVarying(made(t, filepath.Join(disk, "out"))), want)
		os.RemoveAll(filepath.Join(disk, "out"))
	}
	if hits < 3 {
		t.Errorf("the disk was full %d times of 5: the test shows nothing", hits)
	}
}

// fill leaves so many bytes of a disk.
func fill(t *testing.T, disk string, left int64) {
	t.Helper()
	var st unix.Statfs_t
	if err := unix.Statfs(disk, &st); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, int64(st.Bavail)*int64(st.Bsize)-left), 0o644); err != nil {
		t.Fatal(err)
	}
}

// finish runs the command again unless it was done.
func (c longCommand) finish(t *testing.T, dir, out string) {
	t.Helper()
	if r, err := runfile.Read(filepath.Join(dir, out)); err == nil && r.State == runfile.Done {
		return
	}
	if text, err := c.command(dir, out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// interrupt starts the command and interrupts it once or twice after a time; it says whether that was before its end.
func (c longCommand) interrupt(t *testing.T, dir, out string, after time.Duration, twice bool) bool {
	t.Helper()
	cmd := c.command(dir, out)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	began := time.Now()
	cmd.Process.Signal(os.Interrupt)
	if twice {
		time.Sleep(20 * time.Millisecond)
		cmd.Process.Signal(os.Interrupt)
	}
	err := cmd.Wait()
	if err == nil {
		return false
	}
	if took := time.Since(began); took > 10*time.Second || twice && took > 3*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	code := cmd.ProcessState.ExitCode()
	if code < 0 && after < 500*time.Millisecond { // before the program listens
		return false
	}
	if code != exitInterrupted {
		t.Errorf("exit code %d, want %d\n%s", code, exitInterrupted, errs.Bytes())
	}
	words := slices.Concat([]string{"attrib"}, strings.Fields(c.args), []string{"--out", out})
	if !twice && !strings.Contains(errs.String(), strings.Join(words, " ")) {
		t.Errorf("it does not say how to go on:\n%s", errs.Bytes())
	}
	return true
}
