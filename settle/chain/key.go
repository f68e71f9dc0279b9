package chain

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"runtime"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

// Signer signs for one account. [Key] is one; an external signer can be another.
type Signer interface {
	Address() common.Address
	SignTx(tx *types.Transaction, chainID *big.Int) (*types.Transaction, error)
	SignDigest(digest common.Hash) ([]byte, error) // 65 bytes r ‖ s ‖ v with v 27 or 28
}

// Key is a private key in memory. It prints as its address.
type Key struct {
	secret  *ecdsa.PrivateKey
	address common.Address
}

var errBadKey = errors.New("is not a private key: want 64 hexadecimal digits, with or without 0x")

// ParseKey reads a raw key in hexadecimal. Errors do not repeat it.
func ParseKey(text string) (*Key, error) {
	secret, err := crypto.HexToECDSA(strings.TrimPrefix(strings.TrimSpace(text), "0x"))
	if err != nil {
		return nil, fmt.Errorf("the text given %w", errBadKey)
	}
	return newKey(secret), nil
}

func newKey(secret *ecdsa.PrivateKey) *Key {
	return &Key{secret, crypto.PubkeyToAddress(secret.PublicKey)}
}

// LoadKey reads a file with a raw key in hexadecimal. The file must not be readable by others.
func LoadKey(path string) (*Key, error) {
	data, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	k, err := ParseKey(string(data))
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, errBadKey)
	}
	return k, nil
}

// LoadKeystore reads an encrypted keystore file (Web3 Secret Storage) with the password in a file of its own, of
// which a final line break is not part.
func LoadKeystore(path, passwordFile string) (*Key, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	password, err := readSecret(passwordFile)
	if err != nil {
		return nil, err
	}
	k, err := keystore.DecryptKey(data, strings.TrimRight(string(password), "\r\n"))
	if err != nil {
		return nil, fmt.Errorf("keystore %s with the password in %s: %w", path, passwordFile, err)
	}
	return newKey(k.PrivateKey), nil
}

// readSecret reads a file that only its owner may read. Windows has no such mode bits.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if open := info.Mode().Perm() & (fs.FileMode(0o077)); open != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%s has mode %04o, so others can read it: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	return os.ReadFile(path)
}

// Address is the account the key signs for.
func (k *Key) Address() common.Address { return k.address }

// String is the address, so that a key that is printed by mistake does not leak.
func (k *Key) String() string { return "key of " + k.address.Hex() }

// GoString is String.
func (k *Key) GoString() string { return k.String() }

// Format is String for every verb.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// MarshalText is String, for loggers.
func (k *Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// SignTx signs a transaction for one chain.
func (k *Key) SignTx(tx *types.Transaction, chainID *big.Int) (*types.Transaction, error) {
	return types.SignTx(tx, types.LatestSignerForChainID(chainID), k.secret)
}

// SignDigest signs 32 bytes, such as an EIP-712 digest.
func (k *Key) SignDigest(digest common.Hash) ([]byte, error) {
	sig, err := crypto.Sign(digest[:], k.secret)
	if err == nil {
		sig[64] += 27
	}
	return sig, err
}
