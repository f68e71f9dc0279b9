package corpus

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/ethereum/go-ethereum/common"
)

// ClaimRules say what is asked of claims beyond being genuine. The zero value asks nothing more.
type ClaimRules struct {
	Now     time.Time // claims with an earlier deadline are expired; zero: deadlines are not looked at
	ChainID uint64    // claims must be for this chain; 0: any
	Require bool      // data contributors without a claim are an error; default: they are allowed
}

// CheckClaims verifies every claim: that the contributor's payout address signed it, that it is the contributor's own,
// that it covers exactly the samples here and their licence, that it is used once, and what the rules ask. The error is an *Invalid that names the
// contributors.
func (c *Corpus) CheckClaims(rules ClaimRules) error {
	found := &Invalid{}
	c.checkClaims(rules, found)
	return found.err()
}

func (c *Corpus) checkClaims(rules ClaimRules, found *Invalid) {
	used := map[string]string{}
	var have []holding // of no use where nobody claims
	for i, who := range c.Contributors {
		p := c.places[i]
		p.to = found
		if who.Claim == nil {
			if rules.Require && who.Role == RoleData {
				p.bad("claim", "is missing")
			}
			continue
		}
		if have == nil {
			have = c.holdings()
		}
		claim := who.Claim.Claim
		checkSigner(p, who, claim)
		checkCover(p, claim, have[i])
		checkRules(p, claim, rules)
		checkReplay(p, claim, used)
	}
}

// checkReplay refuses a signature that somebody else uses too, and a nonce that an address signs twice.
func checkReplay(p place, claim *Claim, used map[string]string) {
	keys := []string{claim.Signature.String(), claim.Payout.Hex() + " " + strconv.FormatUint(claim.Nonce, 10)}
	for _, key := range keys {
		if other, ok := used[key]; ok {
			p.bad("claim", "is a replay: nonce %d of %s is used by %s too", claim.Nonce, claim.Payout.Hex(), other)
			return
		}
	}
	for _, key := range keys {
		used[key] = p.record
	}
}

// holding is what a contributor handed in.
type holding struct {
	hashes   [][32]byte
	samples  int               // of SplitTrain
	bare     string            // a sample without content and sha256, which nothing can be signed for
	licences map[string]string // licence to the first sample under it; samples without one are not here
}

// holdings are those of all contributors, found in one pass over the samples.
func (c *Corpus) holdings() []holding {
	out := make([]holding, len(c.Contributors))
	for i := range out {
		out[i].licences = map[string]string{}
	}
	for _, r := range c.rows.all() {
		if r.contributor < 0 {
			continue
		}
		h := &out[r.contributor]
		h.hashes = append(h.hashes, r.hash)
		if r.hash == ([32]byte{}) {
			h.bare = r.id
		}
		if r.split == SplitTrain {
			h.samples++
		}
		if l := c.licences[r.licence]; l != "" && h.licences[l] == "" {
			h.licences[l] = r.id
		}
	}
	return out
}

func checkSigner(p place, who Contributor, claim *Claim) {
	if claim.Contributor != who.ID {
		p.bad("claim", "belongs to contributor %q", claim.Contributor)
	}
	if claim.Payout != common.HexToAddress(who.Address) {
		p.bad("claim", "pays %s, but the contributor's address is %s", claim.Payout.Hex(), who.Address)
	}
	signer, err := claim.Recover()
	switch {
	case err != nil:
		p.bad("claim", "is forged or damaged: %v", err)
	case signer != claim.Payout:
		p.bad("claim", "is forged or was changed after signing: %s signed it, not the payout address %s", signer.Hex(), claim.Payout.Hex())
	}
}

// checkCover compares what was signed with what is here. A sample that states no licence stands under the claim's.
func checkCover(p place, claim *Claim, have holding) {
	if have.bare != "" {
		p.bad("claim", "covers nothing: sample %q has neither content nor sha256", have.bare)
	}
	if root := Root(have.hashes); claim.ContentRoot != root {
		p.bad("claim", "was signed for other content: it says %s, the samples here give %s; a sample was added, removed or edited after signing",
			claim.ContentRoot, root)
	}
	for _, licence := range slices.Sorted(maps.Keys(have.licences)) {
		if licence != claim.Licence {
			p.bad("claim", "is for the licence %q, but sample %q has %q", claim.Licence, have.licences[licence], licence)
		}
	}
}

func checkRules(p place, claim *Claim, rules ClaimRules) {
	if !rules.Now.IsZero() && int64(claim.Deadline) < rules.Now.Unix() {
		p.bad("claim", "expired at %s", time.Unix(int64(claim.Deadline), 0).UTC().Format(time.RFC3339))
	}
	if rules.ChainID != 0 && claim.ChainID != rules.ChainID {
		p.bad("claim", "is for chain %d, want %d", claim.ChainID, rules.ChainID)
	}
}
