package policy

import (
	"fmt"
	"path/filepath"

	"attrib/internal/strictjson"
	"attrib/shapley"
)

// Names of the files in a folder that Inputs and Result are read from and written to.
const (
	PolicyFile       = "policy.json"
	ContributorsFile = "contributors.json"
	OutputsFile      = "outputs.json"
	ClustersFile     = "clusters.json"
	RecipeFile       = "recipe.json"
	SharesFile       = "shares.json"
	WeightsFile      = "weights.json"
)

// Read reads any of this package's files: *Policy, *Contributors, *Outputs, *Clusters, *Recipe, *MethodError, *Shares
// or *Weights. Reading is strict and errors name the file.
func Read[T any, P interface {
	*T
	Validate() error
}](path string) (P, error) {
	p := P(new(T))
	if err := strictjson.ReadFile(path, p); err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// Write writes any of this package's files, whole or not at all.
func Write(path string, file interface{ Validate() error }) error {
	if err := file.Validate(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return strictjson.WriteFile(path, file)
}

// ReadInputs reads the input files of a folder, such as an evidence folder.
func ReadInputs(dir string) (in Inputs, err error) {
	if in.Scores, err = shapley.ReadScores(dir); err != nil {
		return in, err
	}
	if in.Outputs, err = Read[Outputs](filepath.Join(dir, OutputsFile)); err != nil {
		return in, err
	}
	if in.Policy, err = Read[Policy](filepath.Join(dir, PolicyFile)); err != nil {
		return in, err
	}
	if in.Clusters, err = Read[Clusters](filepath.Join(dir, ClustersFile)); err != nil {
		return in, err
	}
	if in.Contributors, err = Read[Contributors](filepath.Join(dir, ContributorsFile)); err != nil {
		return in, err
	}
	in.Recipe, err = Read[Recipe](filepath.Join(dir, RecipeFile))
	return in, err
}

// WriteInputs writes the input files into a folder.
func WriteInputs(dir string, in Inputs) error {
	if err := shapley.WriteScores(dir, in.Scores); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		file interface{ Validate() error }
	}{{OutputsFile, in.Outputs}, {PolicyFile, in.Policy}, {ClustersFile, in.Clusters}, {ContributorsFile, in.Contributors}, {RecipeFile, in.Recipe}} {
		if err := Write(filepath.Join(dir, f.name), f.file); err != nil {
			return err
		}
	}
	return nil
}

// WriteResult writes shares.json and weights.json into a folder.
func WriteResult(dir string, r *Result) error {
	if err := Write(filepath.Join(dir, SharesFile), r.Shares); err != nil {
		return err
	}
	return Write(filepath.Join(dir, WeightsFile), r.Weights)
}
