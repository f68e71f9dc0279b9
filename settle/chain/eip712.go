package chain

import (
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// ClaimTo authorises the ledger to pay what an account is owed to another recipient. The account signs it with
// EIP-712, domain "attrib ledger" version "1".
type ClaimTo struct {
	Account, Recipient common.Address
	CumulativeAmount   *big.Int
	Nonce              *big.Int // the account's in the ledger; see Client.Nonce
	Deadline           *big.Int // UNIX time
}

var (
	domainType  = crypto.Keccak256Hash([]byte("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"))
	claimToType = crypto.Keccak256Hash([]byte("ClaimTo(address account,address recipient,uint256 cumulativeAmount,uint256 nonce,uint256 deadline)"))
)

// Digest is what is signed: keccak256(0x1901 ‖ domain separator ‖ struct hash).
func (c ClaimTo) Digest(chainID uint64, ledger common.Address) common.Hash {
	word := func(x *big.Int) []byte { return common.BigToHash(x).Bytes() }
	address := func(a common.Address) []byte { return common.LeftPadBytes(a[:], 32) }
	domain := crypto.Keccak256(domainType[:], crypto.Keccak256([]byte("attrib ledger")), crypto.Keccak256([]byte("1")),
		word(new(big.Int).SetUint64(chainID)), address(ledger))
	body := crypto.Keccak256(claimToType[:], address(c.Account), address(c.Recipient), word(c.CumulativeAmount), word(c.Nonce), word(c.Deadline))
	return crypto.Keccak256Hash([]byte{0x19, 0x01}, domain, body)
}
