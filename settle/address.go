package settle

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/ethereum/go-ethereum/common"
)

var hexAddress = regexp.MustCompile(`^0x[0-9a-fA-F]{40}$`)

// ErrZeroAddress says that an address is 0x000…0, which nobody can claim for.
var ErrZeroAddress = errors.New("is the zero address, which nobody can claim for")

// ParseAddress reads a 20-byte address in hexadecimal with 0x. Mixed case must be a right EIP-55 checksum; a single
// case carries none and is accepted. The zero address is refused.
func ParseAddress(s string) (common.Address, error) {
	a, err := ParseToken(s)
	if err != nil {
		return a, err
	}
	if a == (common.Address{}) {
		return a, fmt.Errorf("address %s %w", s, ErrZeroAddress)
	}
	return a, nil
}

// ParseToken is ParseAddress that takes the zero address too: as a ledger's token it means the native currency.
func ParseToken(s string) (common.Address, error) {
	if !hexAddress.MatchString(s) {
		return common.Address{}, fmt.Errorf("%q is not an address: want 0x and 40 hexadecimal digits", s)
	}
	a := common.HexToAddress(s)
	digits := s[2:]
	mixed := digits != strings.ToLower(digits) && digits != strings.ToUpper(digits)
	if mixed && a.Hex() != s {
		return common.Address{}, fmt.Errorf("address %s has a bad checksum: EIP-55 gives %s; a digit may be mistyped", s, a.Hex())
	}
	return a, nil
}
