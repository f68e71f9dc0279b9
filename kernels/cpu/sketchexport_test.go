package cpu

import (
	"context"

	"attrib/kernels"
	"attrib/kernels/simd"
)

// SketchForms are the forms of products of bytes on a path, by name; "" stands for plain Go.
func SketchForms(p simd.Path) (names []string) {
	for _, form := range sketchUnits(p) {
		names = append(names, form.name)
	}
	if len(names) == 0 {
		names = append(names, "")
	}
	return names
}

// SketchWith is ScanSketch with a form of SketchForms. Tests hold every form to the scan, not only the fastest.
func SketchWith(ctx context.Context, d kernels.Device, form string, sketch, exact kernels.Source, scan kernels.Scan, o kernels.SketchOptions) (*kernels.Result, error) {
	dev := d.(*device)
	candidates, err := o.Resolve(sketch, exact, scan)
	if err != nil {
		return nil, err
	}
	for _, f := range sketchUnits(dev.path) {
		if f.name == form {
			return dev.sketchWith(ctx, f, sketch, exact, &scan, candidates)
		}
	}
	return dev.sketchWith(ctx, nil, sketch, exact, &scan, candidates)
}
