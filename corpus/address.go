package corpus

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/ethereum/go-ethereum/common"
)

var addressDigits = regexp.MustCompile(`^0x[0-9a-fA-F]{40}$`)

// ParseAddress reads a payout address. Mixed case must be a right EIP-55 checksum. Digits of a single case carry no
// checksum: they are accepted, and checked is false, since a mistyped digit would go unseen. The zero address is refused.
func ParseAddress(s string) (a common.Address, checked bool, err error) {
	if !addressDigits.MatchString(s) {
		return a, false, fmt.Errorf("%q is not an address: want 0x and 40 hexadecimal digits", s)
	}
	a = common.HexToAddress(s)
	if a == (common.Address{}) {
		return a, false, errors.New("is the zero address, which nobody can claim for")
	}
	digits := s[2:]
	if digits == strings.ToLower(digits) || digits == strings.ToUpper(digits) {
		return a, a.Hex() == s, nil
	}
	if a.Hex() != s {
		return a, false, fmt.Errorf("%s has a bad checksum (EIP-55): a digit is mistyped, or it is %s", s, a.Hex())
	}
	return a, true, nil
}
