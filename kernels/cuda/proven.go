package cuda

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"strings"

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

// Form is a kernel and the target it was compiled for.
type Form struct{ Kernel, Target string }

// Forms lists the kernels that a card of a compute capability runs, each in the form it takes there ([PTX]), sorted by
// name, but for the self-tests.
func Forms(capability int) []Form {
	target := map[string]string{}
	for _, t := range targetsFor(capability) { // best first
		files, _ := fs.Glob(ptxFiles, "ptx/*."+t+".ptx")
		for _, f := range files {
			source := strings.TrimSuffix(f, "."+t+".ptx")
			if target[source] == "" {
				target[source] = t
			}
		}
	}
	var all []Form
	for source, t := range target {
		for _, k := range entries(source + "." + t + ".ptx") {
			all = append(all, Form{k, t})
		}
	}
	slices.SortFunc(all, func(a, b Form) int { return strings.Compare(a.Kernel, b.Kernel) })
	return all
}
