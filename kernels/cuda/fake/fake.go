package fake

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"attrib/internal/testneed"
	"attrib/kernels/cuda/internal/emulib"
)

//go:embed src
var sources embed.FS

var (
	builtMu sync.Mutex
	built   = map[string]func() (string, error){}
)

// Build compiles the fake driver with the emulator and the kernels for an architecture (75, 80, 90) and returns the
// path of the library. The sources are files of CUDA C++; none stand for all of kernels/cuda/src, and [NoKernels] for
// none. What was compiled before, by any process, is taken from a cache. A machine without g++ skips the test.
func Build(t testing.TB, arch int, kernels ...string) string {
	t.Helper()
	if os.Getenv("ATTRIB_TEST_DEVICE") == "card" {
		t.Skip("needs the emulator, and these tests run on the card")
	}
	if _, err := exec.LookPath("g++"); err != nil {
		testneed.Missing(t, "g++", "not found on PATH: the fake CUDA driver is not built")
	}
	path, err := Library(arch, kernels...)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Watched as the first source is a library that reports races (src/emu/watch.h), slower than others. ATTRIB_EMULATOR=watched
// stands for it before the sources of every library.
const Watched = "watched"

// NoKernels as the only source is a library that has no kernels.
const NoKernels = "-"

// Library is [Build] outside of a test.
func Library(arch int, kernels ...string) (string, error) {
	key := fmt.Sprint(arch, kernels)
	builtMu.Lock()
	once := built[key]
	if once == nil {
		once = sync.OnceValues(func() (string, error) { return build(arch, kernels) })
		built[key] = once
	}
	builtMu.Unlock()
	return once()
}

func build(arch int, kernels []string) (string, error) {
	dir, err := sourceDir()
	if err != nil {
		return "", err
	}
	watch := os.Getenv("ATTRIB_EMULATOR") == Watched
	if len(kernels) > 0 && kernels[0] == Watched {
		watch, kernels = true, kernels[1:]
	}
	switch {
	case len(kernels) == 0:
		if kernels, err = filepath.Glob(filepath.Join(dir, "*.cu")); err != nil {
			return "", err
		}
	case len(kernels) == 1 && kernels[0] == NoKernels:
		kernels = nil
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	b := builder{cache: cache, dir: dir, arch: arch, watch: watch}
	return b.library(kernels)
}

// sourceDir finds kernels/cuda/src from the folder a test runs in, which is its package's.
func sourceDir() (string, error) {
	at, err := os.Getwd()
	for ; err == nil; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return filepath.Join(at, "kernels", "cuda", "src"), nil
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return "", fmt.Errorf("fake: the sources of the kernels are not found above the working folder: %w", errors.Join(err, fs.ErrNotExist))
}

func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	dir := filepath.Join(base, "attrib-fake-cuda")
	return dir, os.MkdirAll(dir, 0o755)
}

// builder compiles into a cache. The name of a file there is the hash of all that went into it, and files appear
// whole, so that processes can share it without asking each other.
type builder struct {
	cache, dir string
	arch       int
	watch      bool
}

func (b builder) library(kernels []string) (string, error) {
	type made struct {
		path string
		err  error
	}
	results := make(chan made, len(kernels)+1)
	run := func(f func() (string, error)) {
		path, err := f()
		results <- made{path, err}
	}
	go run(b.driver)
	for _, k := range kernels {
		go run(func() (string, error) { return b.object(k) })
	}
	objects := make([]string, 0, len(kernels)+1)
	var errs error
	for range len(kernels) + 1 {
		m := <-results
		objects, errs = append(objects, m.path), errors.Join(errs, m.err)
	}
	if errs != nil {
		return "", errs
	}
	return b.cached("libcuda", ".so", objects, nil, func(out string) []string {
		return append([]string{"-shared", "-fPIC", "-o", out}, objects...)
	})
}

// driver compiles src, which is embedded: a test of another module part has it too.
func (b builder) driver() (string, error) {
	files := map[string][]byte{}
	entries, err := sources.ReadDir("src")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if files[e.Name()], err = sources.ReadFile("src/" + e.Name()); err != nil {
			return "", err
		}
	}
	dir, err := os.MkdirTemp("", "fake-cuda")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return "", err
		}
	}
	return b.compile("fake", filepath.Join(dir, "fake.cc"), dir, files, emulib.Flags(b.arch))
}

// object compiles one file of kernels; every header beside device.cuh counts as part of it.
func (b builder) object(kernel string) (string, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(b.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".cu") {
			return err
		}
		files[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		return "", err
	}
	if files[kernel], err = os.ReadFile(kernel); err != nil {
		return "", err
	}
	flags := emulib.Flags(b.arch)
	if b.watch {
		flags = append(emulib.WatchFlags(), flags...)
	}
	return b.compile(strings.TrimSuffix(filepath.Base(kernel), ".cu"), kernel, b.dir, files, flags)
}

func (b builder) compile(name, source, include string, files map[string][]byte, flags []string) (string, error) {
	return b.cached(name, ".o", flags, files, func(out string) []string {
		return append(slices.DeleteFunc(append([]string{"-c"}, flags...), func(f string) bool { return f == "-shared" }), "-I"+include, "-o", out, source)
	})
}

// compilers bounds how many run at once.
var compilers = make(chan struct{}, 2)

func (b builder) cached(name, ext string, flags []string, files map[string][]byte, args func(out string) []string) (string, error) {
	out := filepath.Join(b.cache, fmt.Sprintf("%s-%d-%s%s", name, b.arch, hash(flags, files), ext))
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	compilers <- struct{}{}
	defer func() { <-compilers }()
	part, err := os.CreateTemp(b.cache, name+"-*.part")
	if err != nil {
		return "", err
	}
	part.Close()
	defer os.Remove(part.Name())
	if text, err := exec.Command("g++", args(part.Name())...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("fake: building %s for sm_%d: %w\n%s", name, b.arch, err, text)
	}
	return out, os.Rename(part.Name(), out)
}

// hash is of flags and files; files are told apart by their base names, as the folder they lie in says nothing.
func hash(flags []string, files map[string][]byte) string {
	h := sha256.New()
	fmt.Fprintln(h, compilerVersion(), flags)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%s %d\n", filepath.Base(path), len(files[path]))
		h.Write(files[path])
	}
	return hex.EncodeToString(h.Sum(nil)[:10])
}

var compilerVersion = sync.OnceValue(func() string {
	text, _ := exec.Command("g++", "--version").Output()
	return string(text)
})
