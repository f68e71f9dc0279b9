package corpus

import (
	"crypto/ecdsa"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// ClaimType is the encodeType string of a claim (EIP-712).
const ClaimType = "Claim(string contributor,address payout,bytes32 contentRoot,string licence,uint256 nonce,uint256 deadline)"

const claimDomainType = "EIP712Domain(string name,string version,uint256 chainId)"

// Digest is the 32 bytes that are signed: keccak256(0x1901 ‖ domainSeparator ‖ structHash).
func (c *Claim) Digest() common.Hash {
	domain := crypto.Keccak256(keccak(claimDomainType), keccak("attrib"), keccak("1"), word(c.ChainID))
	message := crypto.Keccak256(keccak(ClaimType), keccak(c.Contributor), common.LeftPadBytes(c.Payout[:], 32),
		c.ContentRoot[:], keccak(c.Licence), word(c.Nonce), word(c.Deadline))
	return crypto.Keccak256Hash([]byte{0x19, 0x01}, domain, message)
}

func keccak(s string) []byte { return crypto.Keccak256([]byte(s)) }

// word is an unsigned number as a 32-byte big-endian word of the ABI.
func word(v uint64) []byte {
	var w [32]byte
	binary.BigEndian.PutUint64(w[24:], v)
	return w[:]
}

// Signer makes a 65-byte signature r ‖ s ‖ v of a claim: with a key at hand, or by asking a wallet to sign the typed data.
type Signer func(*Claim) ([]byte, error)

// KeySigner signs with a private key.
func KeySigner(key *ecdsa.PrivateKey) Signer {
	return func(c *Claim) ([]byte, error) {
		digest := c.Digest()
		return crypto.Sign(digest[:], key)
	}
}

// Recover is the address that signed the claim. The signature must be 65 bytes with s in the lower half of the order, since
// otherwise anybody could make a second signature of the same claim.
func (c *Claim) Recover() (common.Address, error) {
	if len(c.Signature) != crypto.SignatureLength {
		return common.Address{}, fmt.Errorf("signature has %d bytes, want %d", len(c.Signature), crypto.SignatureLength)
	}
	sig := append([]byte(nil), c.Signature...)
	if sig[64] != 27 && sig[64] != 28 {
		return common.Address{}, fmt.Errorf("signature ends in %d, want 27 or 28", sig[64])
	}
	sig[64] -= 27
	r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:64])
	if !crypto.ValidateSignatureValues(sig[64], r, s, true) {
		return common.Address{}, errors.New("signature is not valid: r or s is out of range")
	}
	digest := c.Digest()
	pub, err := crypto.SigToPub(digest[:], sig)
	if err != nil {
		return common.Address{}, fmt.Errorf("signature is not valid: %w", err)
	}
	return crypto.PubkeyToAddress(*pub), nil
}

// Sign fills in the signature, with v as wallets write it, and checks that it is the payout address's.
func (c *Claim) Sign(by Signer) error {
	sig, err := by(c)
	if err != nil {
		return err
	}
	if len(sig) == crypto.SignatureLength && sig[64] < 2 {
		sig[64] += 27
	}
	c.Signature = sig
	got, err := c.Recover()
	if err != nil {
		return err
	}
	if got != c.Payout {
		return fmt.Errorf("the key belongs to %s, but the payout address is %s", got.Hex(), c.Payout.Hex())
	}
	return nil
}
