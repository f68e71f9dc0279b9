package settle

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"attrib/internal/strictjson"
	"attrib/policy"
)

// PolicyCompute is the Compute of bundles whose inputs are those of package policy. Workers is how many may run at a
// time (0: GOMAXPROCS); it does not change the result.
func PolicyCompute(workers int) Compute {
	return func(ctx context.Context, inputs map[string][]byte, seed [32]byte) (shares, weights []byte, err error) {
		in, err := policyInputs(inputs)
		if err != nil {
			return nil, nil, err
		}
		result, err := policy.Compute(ctx, in, seed, workers)
		if err != nil {
			return nil, nil, err
		}
		if shares, err = strictjson.Marshal(result.Shares); err != nil {
			return nil, nil, err
		}
		weights, err = strictjson.Marshal(result.Weights)
		return shares, weights, err
	}
}

// policyInputs reads from a copy of exactly the bytes that were authenticated: the folder may change meanwhile.
func policyInputs(inputs map[string][]byte) (policy.Inputs, error) {
	dir, err := os.MkdirTemp("", "attrib-verify-")
	if err != nil {
		return policy.Inputs{}, err
	}
	defer os.RemoveAll(dir)
	for name, data := range inputs {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return policy.Inputs{}, err
		}
	}
	in, err := policy.ReadInputs(dir)
	if err != nil {
		// where the copy lay is nobody's business
		return in, errors.New(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
	}
	return in, nil
}
