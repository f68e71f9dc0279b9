package store

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"attrib/internal/strictjson"
	"attrib/kernels"
)

func (l Layout) validate() error {
	if _, err := kernels.ParseDType(l.Type); err != nil {
		return fmt.Errorf("layout.type: %w", err)
	}
	var errs []error
	if err := l.Kernel().Validate(); err != nil {
		errs = append(errs, fmt.Errorf("layout: %w", err))
	}
	names := map[string]bool{}
	for i, layer := range l.Layers {
		if layer.Name == "" || names[layer.Name] {
			errs = append(errs, fmt.Errorf("layout.layers[%d].name: %q is empty or given twice", i, layer.Name))
		}
		names[layer.Name] = true
		if (layer.FullIn == 0) != (layer.FullOut == 0) || layer.FullIn < 0 || layer.FullOut < 0 {
			errs = append(errs, fmt.Errorf("layout.layers[%d]: fullIn %d and fullOut %d must both be given or both be 0", i, layer.FullIn, layer.FullOut))
		}
	}
	return errors.Join(errs...)
}

var hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// validate reports everything that is wrong with what the caller states, together.
func (h Header) validate() error {
	var errs []error
	oneOf := func(field, v string, allowed ...string) {
		if !slices.Contains(allowed, v) {
			errs = append(errs, fmt.Errorf("%s: %q is not one of %s", field, v, strings.Join(allowed, ", ")))
		}
	}
	errs = append(errs, strictjson.CheckSchema(h.Schema, Schema))
	oneOf("of", h.Of, OfSamples, OfOutputs)
	oneOf("kind", h.Kind, KindGradients, KindEmbeddings)
	oneOf("sign", h.Sign, SignLossGradient, SignGoodnessGradient, SignNone)
	oneOf("measurement", h.Measurement, MeasureLoss, MeasureMargin, MeasureLogProb, MeasureEmbedding)
	oneOf("unit", h.Unit, UnitInfluence, UnitArbitrary)
	if want, ok := signOf[h.Measurement]; ok && want != h.Sign {
		errs = append(errs, fmt.Errorf("sign: %q does not go with measurement %q, want %q", h.Sign, h.Measurement, want))
	}
	if (h.Kind == KindEmbeddings) != (h.Measurement == MeasureEmbedding) {
		errs = append(errs, fmt.Errorf("kind: %q does not go with measurement %q", h.Kind, h.Measurement))
	}
	if h.Kind == KindEmbeddings && h.Unit == UnitInfluence {
		errs = append(errs, fmt.Errorf("unit: %q does not go with kind %q, want %q", h.Unit, h.Kind, UnitArbitrary))
	}
	errs = append(errs, h.Layout.validate())
	for _, f := range []struct{ name, v string }{
		{"model", h.Model}, {"corpus", h.Corpus}, {"method", h.Method}, {"recipe", h.Recipe}, {"projectionSeed", h.ProjectionSeed},
	} {
		if f.v != "" && !hash.MatchString(f.v) {
			errs = append(errs, fmt.Errorf("%s: %q is not 64 lower-case hex digits", f.name, f.v))
		}
	}
	if projected := slices.ContainsFunc(h.Layout.Layers, func(l Layer) bool { return l.FullIn > 0 }); projected != (h.ProjectionSeed != "") {
		errs = append(errs, fmt.Errorf("projectionSeed: %q does not go with the layers: fullIn and fullOut say which are projected", h.ProjectionSeed))
	}
	if c := h.Covariances; c != nil && (len(h.Layout.Layers) == 0 || c.File != covariancesFile || !hash.MatchString(c.SHA256)) {
		errs = append(errs, fmt.Errorf("covariances: want null, or for a factored store the file %q with its SHA-256", covariancesFile))
	}
	if h.Rows <= 0 {
		errs = append(errs, fmt.Errorf("rows: %d is not positive", h.Rows))
	}
	if h.ShardRows < 0 {
		errs = append(errs, fmt.Errorf("shardRows: %d is negative", h.ShardRows))
	}
	return errors.Join(errs...)
}

// Check reports everything that is wrong with what the caller of Create states, together.
func (h Header) Check() error {
	h.Schema = Schema
	return h.validate()
}

// checkShards: the shards follow each other, none is larger than shardRows, nothing overlaps and nothing is missing.
func (h Header) checkShards() error {
	if h.ShardRows <= 0 || h.Rows <= 0 {
		return fmt.Errorf("shardRows: %d is not positive", h.ShardRows)
	}
	var errs []error
	row0 := int64(0)
	for i, s := range h.Shards {
		errs = append(errs, s.check(i, row0, min(h.ShardRows, h.Rows-row0)))
		row0 += max(0, min(s.Rows, h.Rows))
	}
	if row0 != h.Rows {
		errs = append(errs, fmt.Errorf("shards: the %d that are listed hold %d rows, not %d", len(h.Shards), row0, h.Rows))
	}
	return errors.Join(errs...)
}

func (s Shard) check(i int, row0, most int64) error {
	var errs []error
	bad := func(format string, a ...any) {
		errs = append(errs, fmt.Errorf("shards[%d]."+format, append([]any{i}, a...)...))
	}
	if s.File != shardName(i) {
		bad("file: %q, want %q", s.File, shardName(i))
	}
	if s.Row0 != row0 || s.Rows < 1 || s.Rows > most {
		bad("row0, rows: %d and %d, want %d and 1 … %d: shards must follow each other without gap or overlap", s.Row0, s.Rows, row0, most)
	}
	if s.Done != hash.MatchString(s.SHA256) || (!s.Done && s.SHA256 != "") {
		bad("sha256: %q does not go with done %v", s.SHA256, s.Done)
	}
	if !(s.MaxNorm >= 0) || math.IsInf(s.MaxNorm, 0) || (!s.Done && s.MaxNorm != 0) {
		bad("maxNorm: %g does not go with done %v", s.MaxNorm, s.Done)
	}
	return errors.Join(errs...)
}
