package safetensors

import (
	"os/exec"
	"path/filepath"
	"testing"

	"attrib/internal/testneed"
)

// python runs a script in a Python that has NumPy and safetensors.
func python(t *testing.T, script string, args ...string) {
	t.Helper()
	program := testneed.Tool(t, "python3")
	if exec.Command(program, "-c", "import numpy, safetensors.numpy").Run() != nil {
		testneed.Missing(t, "python-safetensors", program+" has no numpy or safetensors package")
	}
	if out, err := exec.Command(program, append([]string{"-c", script}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestPythonReads: the reference implementation reads what Write makes.
func TestPythonReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "go.safetensors")
	tensors := append(sample()[:1:1], sample()[1:5]...)
	if err := WriteFile(path, map[string]string{"sign": "+loss-gradient"}, tensors); err != nil {
		t.Fatal(err)
	}
	python(t, `
import sys, numpy as np
from safetensors import safe_open
with safe_open(sys.argv[1], framework="np") as f:
    assert f.metadata() == {"sign": "+loss-gradient"}, f.metadata()
    assert sorted(f.keys()) == ["a", "b.weight", "i32", "ids", "none"], list(f.keys())
    w = f.get_tensor("b.weight")
    assert w.dtype == np.float32 and w.shape == (2, 3) and np.isnan(w[1, 2]) and list(w.ravel()[:5]) == [1, 2, 3, 4, 5], w
    assert f.get_tensor("ids").tolist() == [-1, 2**63 - 1]
    assert f.get_tensor("a").shape == () and abs(float(f.get_tensor("a")) - np.pi) == 0
    assert f.get_tensor("none").shape == (3, 0)
`, path)
}

// TestPythonWrites: Open reads what the reference implementation makes.
func TestPythonWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "py.safetensors")
	python(t, `
import sys, numpy as np
from safetensors.numpy import save_file
save_file({"x": np.arange(6, dtype=np.float32).reshape(2, 3), "row_ids": np.array([5, 6], dtype=np.int64), "h": np.ones(3, dtype=np.float16),
           "flag": np.array([True, False])}, sys.argv[1], metadata={"from": "python"})
`, path)
	meta, tensors, err := ReadFile(path)
	if err != nil || meta["from"] != "python" || len(tensors) != 4 {
		t.Fatalf("%d tensors, metadata %v, error %v", len(tensors), meta, err)
	}
	for _, tensor := range tensors {
		if tensor.Name == "x" {
			v, err := Values[float32](tensor)
			if err != nil || tensor.CheckShape(F32, 2, 3) != nil || v[5] != 5 {
				t.Errorf("x is %v, error %v", v, err)
			}
		}
	}
}
