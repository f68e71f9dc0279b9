package corpus

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
)

// Amount is an integer number of base units of the payout token. In JSON it is a decimal string; a plain integer is
// read too.
type Amount struct{ v big.Int }

var decimalDigits = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,77})$`)

// NewAmount copies v.
func NewAmount(v *big.Int) *Amount {
	a := new(Amount)
	a.v.Set(v)
	return a
}

// ParseAmount reads decimal digits, below 2²⁵⁶.
func ParseAmount(s string) (*Amount, error) {
	a := new(Amount)
	if !decimalDigits.MatchString(s) {
		return nil, fmt.Errorf("%q is not a whole number of base units in decimal digits", s)
	}
	if a.v.SetString(s, 10); a.v.BitLen() > 256 {
		return nil, fmt.Errorf("%s does not fit 256 bits", s)
	}
	return a, nil
}

// Big is a copy of the amount.
func (a *Amount) Big() *big.Int { return new(big.Int).Set(&a.v) }

// String is the amount in decimal digits.
func (a *Amount) String() string { return a.v.String() }

// MarshalJSON writes a decimal string.
func (a *Amount) MarshalJSON() ([]byte, error) { return []byte(`"` + a.v.String() + `"`), nil }

// UnmarshalJSON reads a decimal string or an integer.
func (a *Amount) UnmarshalJSON(data []byte) error {
	s := string(data)
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
	}
	got, err := ParseAmount(s)
	if err != nil {
		return fmt.Errorf("field \"weight\": %w", err)
	}
	a.v.Set(&got.v)
	return nil
}
