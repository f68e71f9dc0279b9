package corpus

import (
	"time"
)

// ReportSchema names the report's JSON form.
const ReportSchema = "attrib.corpus-report/1"

// Report is what Check found in a folder that is right.
type Report struct {
	Schema       string              `json:"schema"`
	Hash         string              `json:"hash"`        // corpus hash
	QueriesHash  string              `json:"queriesHash"` //
	Samples      int                 `json:"samples"`     // of all splits
	Train        int                 `json:"train"`       //
	Kind         Kind                `json:"kind"`        //
	Width        int                 `json:"width"`       // features a sample, 0 for texts and opaque files
	Classes      int                 `json:"classes"`     // 0 when nothing is labelled
	Queries      int                 `json:"queries"`     //
	Earned       *Amount             `json:"earned"`      // by all outputs, base units
	Unhashed     int                 `json:"unhashed"`    // samples without a sha256 in the file: an edit goes unseen unless a claim covers them
	Contributors []ContributorReport `json:"contributors"`
	Warnings     []string            `json:"warnings"`
}

// ContributorReport is a contributor's line of a Report.
type ContributorReport struct {
	ID          string `json:"id"`
	Role        Role   `json:"role"`
	Address     string `json:"address"`
	Unit        string `json:"unit"`
	Samples     int    `json:"samples"`         // training samples
	Shared      int    `json:"shared"`          // training samples whose content another contributor handed in too
	ContentRoot string `json:"contentRoot"`     //
	Claim       string `json:"claim"`           // "none", "signed" (genuine; the deadline was not looked at) or "valid"
	Until       string `json:"until,omitempty"` // the claim's deadline, UTC
}

// Check reads a folder as Open does, holds its claims against the rules as CheckClaims does, and reports what is there.
func Check(dir string, rules ClaimRules) (*Report, error) {
	c, found, err := read(dir, "")
	if err != nil {
		return nil, err
	}
	if len(found.Problems) == 0 {
		c.checkClaims(rules, found)
	}
	if err := found.err(); err != nil {
		return nil, err
	}
	r := &Report{Schema: ReportSchema, Hash: c.Hash(), QueriesHash: c.QueriesHash(), Samples: c.Len(), Train: c.Count(SplitTrain),
		Kind: c.kind, Width: c.width, Classes: c.Classes(), Queries: len(c.Queries), Earned: NewAmount(c.Earned()),
		Unhashed: c.unhashed, Warnings: []string{}}
	for _, w := range c.Warnings {
		r.Warnings = append(r.Warnings, w.Error())
	}
	r.Contributors = c.reportContributors(rules)
	return r, nil
}

func (c *Corpus) reportContributors(rules ClaimRules) []ContributorReport {
	have, shared := c.holdings(), c.shared()
	out := make([]ContributorReport, len(have))
	for i, who := range c.Contributors {
		out[i] = ContributorReport{ID: who.ID, Role: who.Role, Address: who.Address, Unit: who.UnitName(), Samples: have[i].samples,
			Shared: shared[i], ContentRoot: Root(have[i].hashes).Hex(), Claim: "none"}
		if who.Claim == nil {
			continue
		}
		out[i].Claim, out[i].Until = "signed", time.Unix(int64(who.Claim.Claim.Deadline), 0).UTC().Format(time.RFC3339)
		if !rules.Now.IsZero() {
			out[i].Claim = "valid"
		}
	}
	return out
}

// shared counts every contributor's training samples whose exact content another contributor handed in for training too.
func (c *Corpus) shared() []int {
	const several = -2
	owner := map[[32]byte]int32{}
	for _, r := range c.rows.all() {
		if r.split != SplitTrain || r.hash == ([32]byte{}) {
			continue
		}
		if first, ok := owner[r.hash]; ok && first != r.contributor {
			owner[r.hash] = several
		} else if !ok {
			owner[r.hash] = r.contributor
		}
	}
	out := make([]int, len(c.Contributors))
	for _, r := range c.rows.all() {
		if r.split == SplitTrain && owner[r.hash] == several {
			out[r.contributor]++
		}
	}
	return out
}
