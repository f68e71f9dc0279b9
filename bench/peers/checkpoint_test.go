package peers

import (
	_ "embed"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"attrib/internal/safetensors"
	"attrib/train"
)

//go:embed checkpoint.py
var checkpointProgram []byte

// TestCheckpointsGoBothWays trains here, loads the checkpoint in PyTorch as a state_dict, and reads back what PyTorch
// saves, in every type; a pickle is refused.
func TestCheckpointsGoBothWays(t *testing.T) {
	python := Python(t)
	for _, n := range networks()[:5] {
		t.Run(n.name, func(t *testing.T) {
			dir := t.TempDir()
			_, d := n.start(t)
			p, _, err := train.Run(t.Context(), n.model, d, train.Options{Out: dir})
			must(t, err)
			must(t, n.model.Write(filepath.Join(dir, "model.json")))
			must(t, os.WriteFile(filepath.Join(dir, "torch_model.py"), torchModel, 0o644))
			must(t, os.WriteFile(filepath.Join(dir, "checkpoint.py"), checkpointProgram, 0o644))
			must(t, safetensors.WriteFile(filepath.Join(dir, "x.safetensors"), nil, Request{Data: d}.tensors()[:1]))
			if out, err := Clean(exec.Command(python, filepath.Join(dir, "checkpoint.py"), dir)).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			net, err := train.NewNetwork(n.model)
			must(t, err)
			logits, err := train.Logits(net, p, d.X)
			must(t, err)
			_, theirs, err := safetensors.ReadFile(filepath.Join(dir, "logits.safetensors"))
			must(t, err)
			off := apart(floats(logits.Floats()), doubles(t, theirs[0]))
			t.Logf("logits %.1e", off)
			if !(off < 1e-5) {
				t.Errorf("PyTorch's logits with our checkpoint differ by %.1e", off)
			}
			for name, part := range map[string]float64{"F32": 0, "F64": 0, "BF16": 1.0 / 256} {
				back, err := train.ReadCheckpoint(filepath.Join(dir, "torch-"+name+".safetensors"), net.Specs())
				must(t, err)
				for k := range p {
					for i, v := range p[k].Data {
						if want := v + .25; !(math.Abs(float64(back[k].Data[i]-want)) <= part*math.Abs(float64(want))) {
							t.Fatalf("%s: tensor %q: value %d is %v, want %v", name, p[k].Name, i, back[k].Data[i], want)
						}
					}
				}
			}
			if _, err := train.ReadCheckpoint(filepath.Join(dir, "torch.pt"), net.Specs()); err == nil || !strings.Contains(err.Error(), "safetensors.torch.save_file") {
				t.Errorf("a pickle: %v", err)
			}
		})
	}
}
