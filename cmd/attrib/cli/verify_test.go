package cli

import (
	"errors"
	"strings"
	"testing"

	"attrib/settle"

	"github.com/ethereum/go-ethereum/common"
)

// TestZeroHashesAreUsageErrors: an unset variable in a script must not read as "not given".
func TestZeroHashesAreUsageErrors(t *testing.T) {
	zero := common.Hash{}.Hex()
	for name, o := range map[string]verifyOptions{
		"evidence-hash": {EvidenceHash: zero}, "root": {Root: zero}, "previous-evidence-hash": {Previous: zero}, "seed-block-hash": {SeedBlock: zero},
	} {
		_, _, err := o.hashes(&settle.VerifyOptions{})
		var use usageError
		if !errors.As(err, &use) || !strings.Contains(err.Error(), "--"+name+" is zero: the zero hash is what an unset value reads as") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var opts settle.VerifyOptions
	if _, _, err := (verifyOptions{}).hashes(&opts); err != nil || opts.PreviousEvidence != nil || opts.SeedBlock != nil {
		t.Errorf("nothing given: %v, %+v", err, opts)
	}
	o := verifyOptions{Previous: "0x" + strings.Repeat("12", 32), SeedBlock: "0x" + strings.Repeat("34", 32)}
	if _, _, err := o.hashes(&opts); err != nil || opts.PreviousEvidence.Hex() != o.Previous || opts.SeedBlock.Hex() != o.SeedBlock {
		t.Errorf("%v, %+v", err, opts)
	}
}
