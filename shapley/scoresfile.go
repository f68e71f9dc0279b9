package shapley

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"attrib/internal/safetensors"
	"attrib/internal/strictjson"
)

// The file form of Scores.
const (
	ScoresSchema = "attrib.scores/1"
	ScoresFile   = "scores.json"            // everything but the matrix
	TensorFile   = "scores.int.safetensors" // the matrix
	TensorName   = "values"                 // I32 [outputs, players]
)

// scoresFile is scores.json.
type scoresFile struct {
	Schema  string       `json:"schema"`
	Scale   int          `json:"scale"`
	Meta    Meta         `json:"meta"`
	Players []string     `json:"players"`
	Outputs []outputLine `json:"outputs"`
}

type outputLine struct {
	ID     string `json:"id"`
	Run    int    `json:"run"`
	Earned string `json:"earned"`
}

// metadata repeats in the tensor's file what its numbers mean.
func (s *Scores) metadata() map[string]string {
	return map[string]string{"schema": ScoresSchema, "scale": strconv.Itoa(s.Scale), "sign": s.Meta.Sign, "unit": s.Meta.Unit}
}

// WriteScores writes scores.json and scores.int.safetensors into dir.
func WriteScores(dir string, s *Scores) error {
	if err := s.Validate(); err != nil {
		return err
	}
	f := scoresFile{Schema: ScoresSchema, Scale: s.Scale, Meta: s.Meta, Players: s.Players}
	for _, o := range s.Outputs {
		f.Outputs = append(f.Outputs, outputLine{o.ID, o.Run, o.Earned.String()})
	}
	values := safetensors.New(TensorName, s.Value, int64(len(s.Outputs)), int64(len(s.Players)))
	if err := safetensors.WriteFile(filepath.Join(dir, TensorFile), s.metadata(), []safetensors.Tensor{values}); err != nil {
		return err
	}
	return strictjson.WriteFile(filepath.Join(dir, ScoresFile), f)
}

// ReadScores reads what WriteScores wrote. Everything is checked; errors name the file.
func ReadScores(dir string) (*Scores, error) {
	path := filepath.Join(dir, ScoresFile)
	var f scoresFile
	if err := strictjson.ReadFile(path, &f); err != nil {
		return nil, err
	}
	s, err := f.scores()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	tensors := filepath.Join(dir, TensorFile)
	if err := s.readValues(tensors); err != nil {
		return nil, fmt.Errorf("%s: %w", tensors, err)
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return s, nil
}

func (f scoresFile) scores() (*Scores, error) {
	if err := strictjson.CheckSchema(f.Schema, ScoresSchema); err != nil {
		return nil, err
	}
	s := &Scores{Players: f.Players, Scale: f.Scale, Meta: f.Meta}
	var bad []error
	for _, o := range f.Outputs {
		earned, err := ParseWhole(o.Earned)
		if err != nil {
			bad = append(bad, fmt.Errorf("output %q: field \"earned\": %w", o.ID, err))
		}
		s.Outputs = append(s.Outputs, Output{o.ID, o.Run, earned})
	}
	return s, errors.Join(bad...)
}

func (s *Scores) readValues(path string) error {
	meta, tensors, err := safetensors.ReadFile(path)
	if err != nil {
		return err
	}
	for key, want := range s.metadata() {
		if meta[key] != want {
			return fmt.Errorf("metadata %q is %q, but %s says %q", key, meta[key], ScoresFile, want)
		}
	}
	if len(tensors) != 1 || tensors[0].Name != TensorName {
		return fmt.Errorf("want the tensor %q and no other", TensorName)
	}
	if err := tensors[0].CheckShape(safetensors.I32, int64(len(s.Outputs)), int64(len(s.Players))); err != nil {
		return err
	}
	s.Value, err = safetensors.Values[int32](tensors[0])
	return err
}
