package embedded

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"sync"

	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/crypto"

	"attrib/settle/chain"
)

// Accounts is how many development accounts hold money.
const Accounts = 40

// seedOfTestPhrase is the BIP-39 seed of "test test test test test test test test test test test junk", the phrase
// that anvil and hardhat take their accounts from: the keys are the same, and as public, as theirs.
const seedOfTestPhrase = "9dfc3c64c2f8bede1533b6a79f8570e5943e0b8fd1cf77107adf7b72cef42185" +
	"d564a3aee24cab43f80e3c4538087d70fc824eabbad596a23c97b6ee8322ccc0"

// KeyTexts are the private keys of the development accounts m/44'/60'/0'/0/i of the test phrase, in hexadecimal.
// Everybody knows them.
var KeyTexts = sync.OnceValue(func() []string {
	seed, _ := hex.DecodeString(seedOfTestPhrase)
	node := master(seed)
	for _, index := range []uint32{44 | hardened, 60 | hardened, hardened, 0} {
		node = node.child(index)
	}
	out := make([]string, Accounts)
	for i := range out {
		leaf := node.child(uint32(i))
		out[i] = hex.EncodeToString(leaf.secret[:])
	}
	return out
})

// Keys are the development accounts, in the order of KeyTexts.
var Keys = sync.OnceValue(func() []*chain.Key {
	out := make([]*chain.Key, Accounts)
	for i, text := range KeyTexts() {
		key, err := chain.ParseKey(text)
		if err != nil {
			panic(err) // the phrase is a constant
		}
		out[i] = key
	}
	return out
})

const hardened = 1 << 31

// extendedKey is a node of a BIP-32 tree.
type extendedKey struct{ secret, chainCode [32]byte }

func master(seed []byte) extendedKey { return split(mac([]byte("Bitcoin seed"), seed)) }

func split(sum []byte) extendedKey { return extendedKey{[32]byte(sum[:32]), [32]byte(sum[32:])} }

func mac(key, data []byte) []byte {
	h := hmac.New(sha512.New, key)
	h.Write(data)
	return h.Sum(nil)
}

// child derives a private child; the cases that BIP-32 leaves out (probability 2⁻¹²⁷) do not occur for this phrase.
func (k extendedKey) child(index uint32) extendedKey {
	data := append([]byte{0}, k.secret[:]...)
	if index < hardened {
		secret, err := crypto.ToECDSA(k.secret[:])
		if err != nil {
			panic(err)
		}
		data = crypto.CompressPubkey(&secret.PublicKey)
	}
	out := split(mac(k.chainCode[:], binary.BigEndian.AppendUint32(data, index)))
	sum := new(big.Int).Add(new(big.Int).SetBytes(out.secret[:]), new(big.Int).SetBytes(k.secret[:]))
	out.secret = [32]byte(math.PaddedBigBytes(sum.Mod(sum, crypto.S256().Params().N), 32))
	return out
}
