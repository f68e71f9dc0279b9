package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"math/big"
)

func (o *opener) readQueries() {
	sum := sha256.New()
	var places []place
	load(o, queryTable, true, func(p place, q *Query) {
		p = p.named("query", q.ID)
		places = append(places, p)
		o.query(p, q)
	})
	o.fillWeights(places)
	for i := range o.Queries {
		o.hashQuery(sum, &o.Queries[i])
	}
	sum.Sum(o.queryHash[:0])
}

func (o *opener) query(p place, q *Query) {
	if err := checkID(q.ID); err != nil {
		p.bad("id", "%v", err)
	} else if line, ok := o.queryIDs[q.ID]; ok {
		p.bad("id", "is given in line %d already", line)
	}
	o.queryIDs[q.ID] = p.line
	o.inspect(p, q.asset())
	label(p, q.Label)
	if q.Target != nil {
		if q.Label != nil {
			p.bad("target", "is given beside label; give one")
		}
		if err := q.Target.check(); err != nil {
			p.bad("target", "%v", err)
		}
	}
	if q.Weight != nil && q.Weight.v.Sign() <= 0 {
		p.bad("weight", "is %s: an output that earned nothing is left out of the file", q.Weight)
	}
	o.refer(p, "promptBy", q.PromptBy, RolePrompt)
	o.refer(p, "reviewedBy", q.ReviewedBy, RoleReview)
	o.Queries = append(o.Queries, *q)
}

// refer checks that a field names a contributor of a role.
func (o *opener) refer(p place, field, id string, role Role) {
	i, ok := o.index[id]
	switch {
	case id == "" || !ok && o.unclear[contributorTable.name]:
	case !ok:
		p.bad(field, "%q is not in the contributors file", id)
	case o.Contributors[i].Role != role && o.Contributors[i].Role != "":
		p.bad(field, "%q has the role %q, want %q", id, o.Contributors[i].Role, role)
	}
}

// fillWeights gives every output the weight 1 when none has a weight. Where only some have one, a missing weight is a
// mistake and not a 1.
func (o *opener) fillWeights(places []place) {
	given := 0
	for _, q := range o.Queries {
		if q.Weight != nil {
			given++
		}
	}
	for i := range o.Queries {
		if o.Queries[i].Weight != nil {
			continue
		}
		o.Queries[i].Weight = NewAmount(big.NewInt(1))
		if given > 0 {
			places[i].bad("weight", "is missing, while other outputs have one")
		}
	}
}

func (o *opener) hashQuery(sum hash.Hash, q *Query) {
	var digest [32]byte
	if q.asset().kind() != KindAbsent {
		data, err := q.asset().bytes(o.root)
		if err != nil {
			return // reported when the query was checked
		}
		digest = sha256.Sum256(data)
	}
	var target any
	if q.Target != nil {
		h := q.Target.SHA256()
		target = hex.EncodeToString(h[:])
	}
	sum.Write(canonicalLine(q.ID, hex.EncodeToString(digest[:]), q.Label, target, q.Weight.String(), q.PromptBy, q.ReviewedBy))
}

// approval returns the check of one line, which remembers the lines before it.
func (o *opener) approval() func(place, *Approval) {
	type key struct{ query, by string }
	seen := map[key]int{}
	return func(p place, a *Approval) {
		p = p.named("approval of", a.Query)
		if _, ok := o.queryIDs[a.Query]; !ok && !o.unclear[queryTable.name] {
			p.bad("query", "%q is not in the queries file", a.Query)
		}
		if a.By == "" {
			p.bad("by", "is missing")
		}
		o.refer(p, "by", a.By, RoleReview)
		if a.Verdict != Approved && a.Verdict != Rejected {
			p.bad("verdict", "is %q, want %q or %q", a.Verdict, Approved, Rejected)
		}
		if line, ok := seen[key{a.Query, a.By}]; ok {
			p.bad("by", "%q judged this output in line %d already", a.By, line)
		}
		seen[key{a.Query, a.By}] = p.line
		o.Approvals = append(o.Approvals, *a)
	}
}
