package results

import (
	"fmt"
	"io"
	"strings"
)

// Table prints the README's tables, one per card; without results it prints nothing, and emulated ones are none.
func Table(w io.Writer, all []*Result) error {
	var b strings.Builder
	for _, r := range all {
		if r.Emulated {
			continue
		}
		proven := 0
		for _, k := range r.Kernels {
			if k.Proven {
				proven++
			}
		}
		fmt.Fprintf(&b, "%s, CUDA %s, %s (`bench/gpu.sh`): copy %s, cuBLAS bf16 %s; %d of %d kernels proven.\n\n",
			r.Card, r.CUDA, r.Date, unit(r.Ceilings.Copy, 1e12, "TB/s"), unit(r.Ceilings.BF16, 1e12, "TFLOP/s"), proven, len(r.Kernels))
		b.WriteString("| shape | seconds | of copy bandwidth | of cuBLAS bf16 | × PyTorch | recall | target |\n| --- | --- | --- | --- | --- | --- | --- |\n")
		for _, s := range r.Shapes {
			fmt.Fprintf(&b, "| %s | %.4g | %s | %s | %s | %s | %s |\n", s.Name, s.Seconds, percent(s.OfCopy), percent(s.OfBF16),
				unit(s.Speedup, 1, "×"), unit(s.Recall, 1, ""), s.Target+met(s.Met))
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func unit(v, per float64, name string) string {
	if v == 0 {
		return "–"
	}
	return strings.TrimSpace(fmt.Sprintf("%.3g %s", v/per, name))
}

func percent(v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

func met(ok *bool) string {
	switch {
	case ok == nil:
		return ""
	case *ok:
		return " (met)"
	}
	return " (missed)"
}
