package settle

import (
	"fmt"
	"strconv"

	"github.com/holiman/uint256"
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
