package driver

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
)

//go:embed proven.json
var provenJSON []byte

// Proof is a kernel that passed its tests on a card, as a file of bench/results records it.
type Proof struct {
	Card   string `json:"card"`   // the device's name: "NVIDIA H200"
	Kernel string `json:"kernel"` // as in the source
	PTX    string `json:"ptx"`    // SHA-256 of the text that ran: another text is not proven
	Result string `json:"result"` // the file under bench/results
}

var proofs = sync.OnceValue(func() []Proof {
	var all []Proof
	if err := json.Unmarshal(provenJSON, &all); err != nil {
		panic("driver: proven.json: " + err.Error()) // a test reads it
	}
	return all
})

// Proofs are the kernels proven on a card.
func Proofs(card string) []Proof {
	return slices.DeleteFunc(slices.Clone(proofs()), func(p Proof) bool { return p.Card != card })
}

// Proven says whether a kernel has passed its tests on a card of that name.
func Proven(card, kernel string) bool {
	return slices.ContainsFunc(proofs(), func(p Proof) bool { return p.Card == card && p.Kernel == kernel })
}
