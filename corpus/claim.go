package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

// Claim is a contributor's signed statement: this content, under this licence, pays this address. It is signed as EIP-712
// typed data with the domain {name "attrib", version "1", chainId} and the primary type
//
//	Claim(string contributor,address payout,bytes32 contentRoot,string licence,uint256 nonce,uint256 deadline)
type Claim struct {
	Schema      string         `json:"schema,omitempty"`
	Contributor string         `json:"contributor"` // id
	Payout      common.Address `json:"payout"`      // who signs and is paid
	ContentRoot common.Hash    `json:"contentRoot"`
	Licence     string         `json:"licence"`
	Nonce       uint64         `json:"nonce,string"`
	Deadline    uint64         `json:"deadline"` // Unix seconds; valid up to and including it
	ChainID     uint64         `json:"chainId"`
	Signature   hexutil.Bytes  `json:"signature"`            // r ‖ s ‖ v, 65 bytes, v is 27 or 28
	AnchoredAt  uint64         `json:"anchoredAt,omitempty"` // Unix seconds of the ledger's anchor event; not signed
}

// MarshalJSON writes the payout address in EIP-55 form.
func (c Claim) MarshalJSON() ([]byte, error) {
	type plain Claim
	return json.Marshal(struct {
		plain
		Payout string `json:"payout"`
	}{plain(c), c.Payout.Hex()})
}

// ClaimRef is a claim in a contributor's line: the claim itself or the path of a file that holds it. Open reads the file, so
// Claim is set in both cases.
type ClaimRef struct {
	Path  string
	Claim *Claim
}

// MarshalJSON writes the path if there is one, otherwise the claim.
func (r *ClaimRef) MarshalJSON() ([]byte, error) {
	if r.Path != "" {
		return json.Marshal(r.Path)
	}
	return json.Marshal(r.Claim)
}

// UnmarshalJSON reads a path or a claim.
func (r *ClaimRef) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, &r.Path)
	}
	if !bytes.HasPrefix(data, []byte(`{`)) {
		return errors.New("field \"claim\": must be a claim or the path of one")
	}
	r.Claim = new(Claim)
	if err := claimTable.decode(data, r.Claim, &r.Claim.Schema); err != nil {
		return fmt.Errorf("field \"claim\": %w", err)
	}
	return nil
}
