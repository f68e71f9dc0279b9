package settle

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"

	"attrib/internal/strictjson"
)

// Schemas of the files that this package writes besides manifest.json and seed.json.
const (
	SchemaPayees   = "attrib.payees/1"
	SchemaPrevious = "attrib.previous/1"
	SchemaEpoch    = "attrib.epoch/1"
)

// payeesFile is payees.json, and the payees of previous.json. Amounts are base units as decimal strings.
type payeesFile struct {
	Schema string      `json:"schema"`
	Payees []payeeLine `json:"payees"`
}

type payeeLine struct {
	ID         string `json:"id"`
	Address    string `json:"address"`
	Weight     string `json:"weight"`
	Earned     string `json:"earned"`
	Amount     string `json:"amount"`
	Credit     string `json:"credit"`
	Cumulative string `json:"cumulative"`
}

// previousFile is previous.json. With epoch 0 there was none and the rest is empty.
type previousFile struct {
	Schema   string      `json:"schema"`
	Epoch    uint64      `json:"epoch"`
	Root     string      `json:"root"`
	Evidence string      `json:"evidence"`
	Proof    []string    `json:"proof"`
	Payees   []payeeLine `json:"payees"`
}

// epochFile is epoch.json: what is posted.
type epochFile struct {
	Schema          string `json:"schema"`
	Number          uint64 `json:"number"`
	ChainID         uint64 `json:"chainId"`
	Contract        string `json:"contract"`
	Token           string `json:"token"`
	Pool            string `json:"pool"`
	Parent          string `json:"parent"`
	CumulativeTotal string `json:"cumulativeTotal"`
	CarriedTotal    string `json:"carriedTotal"`
	Root            string `json:"root"`
	Leaves          uint32 `json:"leaves"`
	InputHash       string `json:"inputHash"`
}

func encodePayees(payees []Payee) payeesFile {
	return payeesFile{SchemaPayees, payeeLines(payees)}
}

func payeeLines(payees []Payee) []payeeLine {
	out := make([]payeeLine, len(payees))
	for i, p := range payees {
		out[i] = payeeLine{p.ID, p.Address.Hex(), strconv.FormatUint(p.Weight, 10), p.Earned.Dec(), p.Amount.Dec(), p.Credit.Dec(), p.Cumulative.Dec()}
	}
	return out
}

// decodePayees reads lines; where is put before the index in errors, such as "payees".
func decodePayees(where string, lines []payeeLine) ([]Payee, error) {
	out := make([]Payee, len(lines))
	for i, l := range lines {
		var err error
		note := func(name string, e error) {
			if e != nil && err == nil {
				err = fmt.Errorf("%s[%d].%s: %w", where, i, name, e)
			}
		}
		p := Payee{ID: l.ID}
		var e error
		p.Address, e = ParseAddress(l.Address)
		note("address", e)
		p.Weight, e = parseWeight(l.Weight)
		note("weight", e)
		for _, a := range []struct {
			name string
			text string
			to   **uint256.Int
		}{{"earned", l.Earned, &p.Earned}, {"amount", l.Amount, &p.Amount}, {"credit", l.Credit, &p.Credit}, {"cumulative", l.Cumulative, &p.Cumulative}} {
			*a.to, e = ParseAmount(a.text)
			note(a.name, e)
		}
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

// ParseAmount reads base units: decimal digits without sign, leading zeros or separators, below 2^256.
func ParseAmount(s string) (*uint256.Int, error) {
	x, err := uint256.FromDecimal(s)
	if err != nil || x.Dec() != s {
		return nil, fmt.Errorf("%q is not an amount: want decimal digits below 2^256", s)
	}
	return x, nil
}

func parseWeight(s string) (uint64, error) {
	w, err := strconv.ParseUint(s, 10, 64)
	if err != nil || strconv.FormatUint(w, 10) != s {
		return 0, fmt.Errorf("%q is not a weight: want decimal digits below 2^64", s)
	}
	return w, nil
}

func encodePrevious(p *Previous) previousFile {
	if p == nil {
		return previousFile{Schema: SchemaPrevious, Proof: []string{}, Payees: []payeeLine{}}
	}
	out := previousFile{SchemaPrevious, p.Epoch, p.Root.Hex(), p.Evidence.Hex(), []string{}, payeeLines(p.Payees)}
	for _, h := range p.Proof {
		out.Proof = append(out.Proof, h.Hex())
	}
	return out
}

// decodePrevious reads previous.json; nil means that there was no previous epoch.
func decodePrevious(data []byte) (*Previous, error) {
	var f previousFile
	if err := strictjson.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if err := strictjson.CheckSchema(f.Schema, SchemaPrevious); err != nil {
		return nil, err
	}
	if f.Epoch == 0 {
		if f.Root+f.Evidence != "" || len(f.Proof)+len(f.Payees) > 0 {
			return nil, fmt.Errorf("epoch is 0, which means %w, yet there are other fields", errNoPrevious)
		}
		return nil, nil
	}
	p := &Previous{Epoch: f.Epoch}
	var err error
	if p.Root, err = parseHash(f.Root); err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	if p.Evidence, err = parseHash(f.Evidence); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	for i, text := range f.Proof {
		h, err := parseHash(text)
		if err != nil {
			return nil, fmt.Errorf("proof[%d]: %w", i, err)
		}
		p.Proof = append(p.Proof, h)
	}
	p.Payees, err = decodePayees("payees", f.Payees)
	return p, err
}

func encodeEpoch(e *Epoch) epochFile {
	return epochFile{
		Schema: SchemaEpoch, Number: e.Number, ChainID: e.ChainID, Contract: e.Ledger.Hex(), Token: e.Token.Hex(),
		Pool: e.Pool.Dec(), Parent: e.Parent.Hex(), CumulativeTotal: e.CumulativeTotal.Dec(), CarriedTotal: e.CarriedTotal.Dec(),
		Root: e.Root.Hex(), Leaves: e.Leaves, InputHash: e.InputHash.Hex(),
	}
}

// decodeEpoch reads epoch.json without the payees.
func decodeEpoch(data []byte) (*Epoch, error) {
	var f epochFile
	if err := strictjson.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if err := strictjson.CheckSchema(f.Schema, SchemaEpoch); err != nil {
		return nil, err
	}
	e := &Epoch{Number: f.Number, ChainID: f.ChainID, Leaves: f.Leaves}
	var err error
	read := func(name string, e error) {
		if e != nil && err == nil {
			err = fmt.Errorf("%s: %w", name, e)
		}
	}
	var bad error
	e.Ledger, bad = ParseAddress(f.Contract)
	read("contract", bad)
	e.Token, bad = ParseToken(f.Token)
	read("token", bad)
	for _, a := range []struct {
		name, text string
		to         **uint256.Int
	}{{"pool", f.Pool, &e.Pool}, {"cumulativeTotal", f.CumulativeTotal, &e.CumulativeTotal}, {"carriedTotal", f.CarriedTotal, &e.CarriedTotal}} {
		*a.to, bad = ParseAmount(a.text)
		read(a.name, bad)
	}
	for _, h := range []struct {
		name, text string
		to         *common.Hash
	}{{"parent", f.Parent, &e.Parent}, {"root", f.Root, &e.Root}, {"inputHash", f.InputHash, &e.InputHash}} {
		*h.to, bad = parseHash(h.text)
		read(h.name, bad)
	}
	return e, err
}

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
