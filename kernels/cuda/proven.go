package cuda

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"

	"attrib/kernels/cuda/driver"
)

// Proven says whether the form of a kernel for a target ("sm_80") has passed its tests on a card of that name, with the
// PTX that this program brings: a file of bench/results says so. A kernel whose source has changed since is unproven.
func Proven(card, target, kernel string) bool {
	return provenBy(driver.Proofs(card), target, kernel)
}

func provenBy(proofs []driver.Proof, target, kernel string) bool {
	return slices.ContainsFunc(proofs, func(p driver.Proof) bool { return p.Kernel == kernel && slices.Contains(hashes(target), p.PTX) })
}

// PTXHash is what [driver.Proof] knows a text of PTX by.
func PTXHash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// hashes are those of the texts for a target.
func hashes(target string) []string {
	var all []string
	files, _ := fs.Glob(ptxFiles, "ptx/*."+target+".ptx")
	for _, f := range files {
		text, _ := ptxFiles.ReadFile(f)
		all = append(all, PTXHash(text))
	}
	return all
}
