package shapley

import (
	"fmt"
	"math/big"
	"regexp"
)

var wholeForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,77})$`)

// ParseWhole reads a whole number of money or earnings from the form the files keep it in: a string of at most 78
// decimal digits, without sign or leading zeros, so that a number has one form only.
func ParseWhole(s string) (*big.Int, error) {
	if !wholeForm.MatchString(s) {
		return nil, fmt.Errorf("%q is not a whole number in decimal digits", s)
	}
	v, _ := new(big.Int).SetString(s, 10)
	return v, nil
}
