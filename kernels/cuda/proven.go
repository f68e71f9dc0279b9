package cuda

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"sync"

	"attrib/kernels/cuda/driver"
)

// Proven says whether a kernel has passed its tests on a card of that name, with the PTX that this program brings: a
// file of bench/results says so. A kernel whose source has changed since is unproven.
func Proven(card, kernel string) bool {
	return slices.ContainsFunc(driver.Proofs(card), func(p driver.Proof) bool {
		return p.Kernel == kernel && slices.Contains(ptxHashes(), p.PTX)
	})
}

// PTXHash is what [driver.Proof] knows a text of PTX by.
func PTXHash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

var ptxHashes = sync.OnceValue(func() []string {
	var all []string
	files, _ := fs.Glob(ptxFiles, "ptx/*.ptx")
	for _, f := range files {
		text, _ := ptxFiles.ReadFile(f)
		all = append(all, PTXHash(text))
	}
	return all
})
