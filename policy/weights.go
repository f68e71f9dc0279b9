package policy

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"attrib/shapley/apportion"
)

// ErrNoRole says that no role with a part of the pool has anybody to pay.
var ErrNoRole = errors.New("no role with a part of the pool has a contributor to pay")

// weights divides the whole pool: every role's part by its own measure.
func (c *computation) weights(s *Shares) (*Weights, error) {
	within := c.withinRoles()
	role, warnings, err := c.roleParts(within)
	if err != nil {
		return nil, err
	}
	w := &Weights{Schema: WeightsSchema, RoleParts: make(map[Role]string), Warnings: append(slices.Clone(s.Warnings), warnings...)}
	for r, part := range role {
		w.RoleParts[r] = part.RatString()
	}
	var parts []*big.Rat
	for _, p := range c.in.Contributors.Contributors {
		part := new(big.Rat)
		if role[p.Role] != nil && within[p.Role][p.ID] != nil {
			part.Mul(role[p.Role], within[p.Role][p.ID])
		}
		parts = append(parts, part)
		w.ID, w.Role, w.Address = append(w.ID, p.ID), append(w.Role, p.Role), append(w.Address, p.Address)
		w.Low, w.High = append(w.Low, float(part)), append(w.High, float(part))
	}
	if w.Weight, err = divideByID(w.ID, parts); err != nil {
		return nil, err
	}
	w.annotate(s, role[Data])
	return w, w.Validate()
}

// divideByID apportions 2⁶³ with ties in the order of ids, whatever the order of the list.
func divideByID(id []string, parts []*big.Rat) ([]uint64, error) {
	order := counting(len(id))
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(id[a], id[b]) })
	byID := make([]*big.Rat, len(id))
	for k, i := range order {
		byID[k] = parts[i]
	}
	weight, err := apportion.Divide(Total, byID)
	if err != nil {
		return nil, err
	}
	out := make([]uint64, len(id))
	for k, i := range order {
		out[i] = weight[k]
	}
	return out, nil
}

// annotate scales the intervals and errors of the data's shares to the whole pool.
func (w *Weights) annotate(s *Shares, data *big.Rat) {
	part := 0.0
	if data != nil {
		part = float(data)
	}
	share := make(map[string]Share, len(s.Contributors))
	for _, x := range s.Contributors {
		share[x.ID] = x
	}
	for i, id := range w.ID {
		if x, ok := share[id]; ok && w.Role[i] == Data {
			w.Low[i], w.High[i] = min(w.Low[i], part*x.ShareLow), max(w.High[i], part*x.ShareHigh)
		}
	}
	scale := func(e *float64) *float64 {
		if e == nil {
			return nil
		}
		f := part * *e
		return &f
	}
	w.Err = Errors{scale(s.Errors.Estimator), scale(s.Errors.Sampling), scale(s.Errors.Method)}
}

// roleParts is what each role really gets. A role that has a part but nobody to give it to passes it to the others,
// in proportion to theirs.
func (c *computation) roleParts(within map[Role]map[string]*big.Rat) (map[Role]*big.Rat, []string, error) {
	var warnings []string
	total := int64(0)
	for _, r := range Roles {
		points := c.in.Policy.Roles[r]
		if within[r] != nil {
			total += int64(points)
		} else if points > 0 {
			warnings = append(warnings, fmt.Sprintf("role %q has %d basis points but nobody to pay: they go to the other roles in proportion", r, points))
		}
	}
	if total == 0 {
		return nil, nil, ErrNoRole
	}
	parts := make(map[Role]*big.Rat)
	for _, r := range Roles {
		if within[r] != nil {
			parts[r] = big.NewRat(int64(c.in.Policy.Roles[r]), total)
		}
	}
	return parts, warnings, nil
}

// withinRoles divides 1 within every role that has members and a basis; other roles are absent.
func (c *computation) withinRoles() map[Role]map[string]*big.Rat {
	within := make(map[Role]map[string]*big.Rat)
	put := func(r Role, value map[string]*big.Rat) {
		if share := normalise(value); share != nil {
			within[r] = share
		}
	}
	data := make(map[string]*big.Rat)
	for i, id := range c.owners.id {
		data[id] = c.data.share[i]
	}
	put(Data, data)
	put(Model, c.statedParts(Model))
	put(Tuning, c.statedParts(Tuning))
	prompt, review := c.earnedBy()
	put(Prompt, prompt)
	put(Review, review)
	return within
}

// statedParts is the policy's parts of a role, or equal ones where it states none.
func (c *computation) statedParts(r Role) map[string]*big.Rat {
	stated := c.in.Policy.Parts[r]
	value := make(map[string]*big.Rat)
	for _, p := range c.in.Contributors.Contributors {
		switch {
		case p.Role != r:
		case stated != nil:
			value[p.ID] = big.NewRat(int64(stated[p.ID]), 1)
		default:
			value[p.ID] = big.NewRat(1, 1)
		}
	}
	return value
}

// earnedBy is what the outputs that each one prompted earned, and each one's equal part of what was reviewed.
func (c *computation) earnedBy() (prompt, review map[string]*big.Rat) {
	prompt, review = make(map[string]*big.Rat), make(map[string]*big.Rat)
	earned := c.in.Outputs.earned()
	add := func(to map[string]*big.Rat, id string, v *big.Rat) {
		if to[id] == nil {
			to[id] = new(big.Rat)
		}
		to[id].Add(to[id], v)
	}
	for _, o := range c.in.Outputs.Outputs {
		if o.PromptBy != "" {
			add(prompt, o.PromptBy, new(big.Rat).SetInt(earned[o.ID]))
		}
		for _, id := range o.ReviewedBy {
			add(review, id, new(big.Rat).SetFrac(earned[o.ID], big.NewInt(int64(len(o.ReviewedBy)))))
		}
	}
	return prompt, review
}

// normalise divides by the sum; nil where that is zero.
func normalise(value map[string]*big.Rat) map[string]*big.Rat {
	total := new(big.Rat)
	for _, v := range value {
		total.Add(total, v)
	}
	if total.Sign() == 0 {
		return nil
	}
	share := make(map[string]*big.Rat, len(value))
	for id, v := range value {
		share[id] = new(big.Rat).Quo(v, total)
	}
	return share
}
