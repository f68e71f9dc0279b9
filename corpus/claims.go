package corpus

import (
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
	roots := c.contentRoots()
	for i, who := range c.Contributors {
		p := c.places[i]
		p.to = found
		if who.Claim == nil {
			if rules.Require && who.Role == RoleData {
				p.bad("claim", "is missing")
			}
			continue
		}
		claim := who.Claim.Claim
		checkSigner(p, who, claim)
		c.checkCover(p, i, claim, roots[i])
		checkRules(p, claim, rules)
		for _, key := range []string{claim.Signature.String(), claim.Payout.Hex() + " " + strconv.FormatUint(claim.Nonce, 10)} {
			if other, ok := used[key]; ok {
				p.bad("claim", "is a replay: nonce %d of %s was used by contributor %q", claim.Nonce, claim.Payout.Hex(), other)
				break
			}
			used[key] = who.ID
		}
	}
}

// contentRoots are the content roots of all contributors, made in one pass over the samples.
func (c *Corpus) contentRoots() []common.Hash {
	hashes := make([][][32]byte, len(c.Contributors))
	for _, r := range c.rows {
		if r.contributor >= 0 {
			hashes[r.contributor] = append(hashes[r.contributor], r.hash)
		}
	}
	roots := make([]common.Hash, len(hashes))
	for i, h := range hashes {
		roots[i] = Root(h)
	}
	return roots
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

// checkCover compares what was signed with what is here.
func (c *Corpus) checkCover(p place, who int, claim *Claim, root common.Hash) {
	if claim.ContentRoot != root {
		p.bad("claim", "was signed for other content: it says %s, the samples here give %s; a sample was added, removed or edited after signing",
			claim.ContentRoot, root)
	}
	if sample, licence, ok := c.otherLicence(who, claim.Licence); ok {
		p.bad("claim", "is for the licence %q, but sample %q has %q", claim.Licence, sample, licence)
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

// otherLicence finds a sample of the contributor that states another licence. A sample that states none stands under the
// claim's.
func (c *Corpus) otherLicence(who int, licence string) (sample, other string, found bool) {
	for _, r := range c.rows {
		if l := c.licences[r.licence]; r.contributor == int32(who) && l != "" && l != licence {
			return r.id, l, true
		}
	}
	return "", "", false
}
