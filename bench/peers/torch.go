package peers

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/safetensors"
	"attrib/internal/testneed"
	"attrib/train"
)

//go:embed torch_model.py
var torchModel []byte

// Python is an interpreter that has torch; without one the test is skipped, or fails under ATTRIB_REQUIRE.
func Python(t testing.TB) string {
	t.Helper()
	python := testneed.Tool(t, "python3")
	if out, err := exec.Command(python, "-c", "import torch, numpy, safetensors").CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		testneed.Missing(t, "torch", fmt.Sprintf("%s cannot import torch, numpy and safetensors: %s", python, lines[len(lines)-1]))
	}
	return python
}

// Request is what PyTorch is asked.
type Request struct {
	Model train.Model `json:"model"`
	What  []string    `json:"what"`  // logits, losses, gradient, samples, products, train
	DType string      `json:"dtype"` // float32 or float64
	Order [][]int     `json:"order,omitempty"`

	Params  train.Params `json:"-"`
	Data    train.Data   `json:"-"`
	Scale   []float32    `json:"-"` // of gradient and products
	Vectors []float32    `json:"-"` // of products: k × parameters
}

// Answer are PyTorch's arrays by name, in float64.
type Answer map[string][]float64

// Torch runs the program, once for all requests, and returns an answer for each.
func Torch(t testing.TB, requests ...Request) []Answer {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "torch_model.py")
	must(t, os.WriteFile(program, torchModel, 0o644))
	args := []string{program}
	for i, r := range requests {
		folder := filepath.Join(dir, fmt.Sprint(i))
		must(t, os.Mkdir(folder, 0o755))
		request, err := json.Marshal(r)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(folder, "request.json"), request, 0o644))
		must(t, safetensors.WriteFile(filepath.Join(folder, "in.safetensors"), nil, r.tensors()))
		args = append(args, folder)
	}
	if out, err := Clean(exec.Command(Python(t), args...)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var answers []Answer
	for _, folder := range args[1:] {
		_, tensors, err := safetensors.ReadFile(filepath.Join(folder, "out.safetensors"))
		must(t, err)
		answer := Answer{}
		for _, tensor := range tensors {
			answer[tensor.Name] = doubles(t, tensor)
		}
		answers = append(answers, answer)
	}
	return answers
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Clean drops settings of OpenBLAS from outside, which would choose its kernels.
func Clean(cmd *exec.Cmd) *exec.Cmd {
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "OPENBLAS_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	return cmd
}

func (r Request) tensors() []safetensors.Tensor {
	n := int64(r.Data.Len())
	x := make([]float32, 0, r.Data.Len()*r.Data.X.Cols)
	for i := range r.Data.Len() {
		x = append(x, r.Data.X.Row(i)...)
	}
	weight := r.Data.Weight
	if weight == nil {
		for range n {
			weight = append(weight, 1)
		}
	}
	out := []safetensors.Tensor{
		safetensors.New("x", x, n, int64(r.Data.X.Cols)), safetensors.New("y", r.Data.Y, n), safetensors.New("weight", weight, n),
	}
	for _, p := range r.Params {
		shape := make([]int64, len(p.Shape))
		for i, d := range p.Shape {
			shape[i] = int64(d)
		}
		out = append(out, safetensors.New("p."+p.Name, p.Data, shape...))
	}
	if r.Scale != nil {
		out = append(out, safetensors.New("scale", r.Scale, n))
	}
	if r.Vectors != nil {
		size := int64(r.Params.Count())
		out = append(out, safetensors.New("v", r.Vectors, int64(len(r.Vectors))/size, size))
	}
	return out
}

func doubles(t testing.TB, tensor safetensors.Tensor) []float64 {
	t.Helper()
	if v, err := safetensors.Values[float64](tensor); err == nil {
		return v
	}
	v, err := safetensors.Values[float32](tensor)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(v[i])
	}
	return out
}
