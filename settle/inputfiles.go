package settle

import (
	"encoding/json"
	"fmt"

	"github.com/holiman/uint256"
)

// contributor is what settling needs of a line of contributors.json.
type contributor struct {
	ID      string `json:"id"`
	Address string `json:"address"`
}

// weight is what settling needs of a line of weights.json.
type weight struct {
	ID     string `json:"id"`
	Weight string `json:"weight"`
}

// readShares joins contributors.json and weights.json: payees in the order of the contributors.
func readShares(contributors, weights []byte) ([]Share, error) {
	var c struct {
		Contributors []contributor `json:"contributors"`
	}
	var w struct {
		Weights []weight `json:"weights"`
	}
	if err := json.Unmarshal(contributors, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", FileContributors, err)
	}
	if err := json.Unmarshal(weights, &w); err != nil {
		return nil, fmt.Errorf("%s: %w", FileWeights, err)
	}
	byID := map[string]uint64{}
	for i, line := range w.Weights {
		if _, twice := byID[line.ID]; twice {
			return nil, fmt.Errorf("%s: weights[%d].id: %q is given twice", FileWeights, i, line.ID)
		}
		value, err := parseWeight(line.Weight)
		if err != nil {
			return nil, fmt.Errorf("%s: weights[%d].weight: %w", FileWeights, i, err)
		}
		byID[line.ID] = value
	}
	return joinShares(c.Contributors, byID)
}

func joinShares(contributors []contributor, byID map[string]uint64) ([]Share, error) {
	out := make([]Share, len(contributors))
	for i, line := range contributors {
		if line.Address == "" {
			return nil, fmt.Errorf("%s: contributors[%d].address (%s): is missing, so %s cannot be paid", FileContributors, i, line.ID, line.ID)
		}
		address, err := ParseAddress(line.Address)
		if err != nil {
			return nil, fmt.Errorf("%s: contributors[%d].address (%s): %w", FileContributors, i, line.ID, err)
		}
		value, ok := byID[line.ID]
		if !ok {
			return nil, fmt.Errorf("%s: contributors[%d].id: %q has no weight in %s", FileContributors, i, line.ID, FileWeights)
		}
		delete(byID, line.ID)
		out[i] = Share{line.ID, address, value}
	}
	for _, id := range sortedKeys(byID) {
		return nil, fmt.Errorf("%s: unknown contributor %q: not in %s", FileWeights, id, FileContributors)
	}
	return out, nil
}

// readMinimum reads policy.json's minimumPayout; absent means 0.
func readMinimum(policy []byte) (*uint256.Int, error) {
	var p struct {
		MinimumPayout *string `json:"minimumPayout"`
	}
	if err := json.Unmarshal(policy, &p); err != nil {
		return nil, fmt.Errorf("%s: %w", FilePolicy, err)
	}
	if p.MinimumPayout == nil {
		return new(uint256.Int), nil
	}
	x, err := ParseAmount(*p.MinimumPayout)
	if err != nil {
		return nil, fmt.Errorf("%s: minimumPayout: %w", FilePolicy, err)
	}
	return x, nil
}
