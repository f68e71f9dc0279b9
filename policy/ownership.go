package policy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
)

// ownership says to whom the value of each unit goes: a contributor's value is Σ_u part(u, contributor)·value(u).
type ownership struct {
	id   []string      // data contributors, sorted
	unit []string      // units of the game, sorted
	of   [][]ownedPart // by unit
}

type ownedPart struct {
	contributor int
	part        *big.Rat
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// newOwnership matches units and data contributors; every unit needs an owner and every data contributor a unit.
func newOwnership(in Inputs) (*ownership, error) {
	o := &ownership{}
	through := make(map[string][]string) // unit → contributors paid through it
	for _, c := range in.Contributors.Contributors {
		if c.Role == Data {
			o.id = append(o.id, c.ID)
			unit := cmp.Or(c.Unit, c.ID)
			through[unit] = append(through[unit], c.ID)
		}
	}
	slices.Sort(o.id)
	owners := in.unitOwners(through)
	o.unit = sortedKeys(owners)
	return o, o.assign(owners, through)
}

// unitOwners lists the owners of every unit of the game, those of players in no cluster too.
func (in Inputs) unitOwners(through map[string][]string) map[string][]Owner {
	owners := make(map[string][]Owner)
	clustered := make(map[string]bool)
	add := func(unit string, stated []Owner) {
		owners[unit] = stated
		if len(stated) == 0 {
			for _, id := range through[unit] {
				owners[unit] = append(owners[unit], Owner{id, 1})
			}
		}
	}
	for _, u := range in.Clusters.Units {
		add(u.ID, u.Owners)
		for _, p := range u.Players {
			clustered[p] = true
		}
	}
	for _, p := range in.Scores.Players {
		if !clustered[p] {
			add(p, nil)
		}
	}
	return owners
}

func (o *ownership) assign(owners map[string][]Owner, through map[string][]string) error {
	var bad []error
	paid := make(map[string]bool)
	for _, u := range o.unit {
		if len(owners[u]) == 0 {
			bad = append(bad, fmt.Errorf("unit %q has influence but no data contributor is paid through it", u))
		}
		var parts []ownedPart
		total := int64(0)
		for _, w := range owners[u] {
			total += int64(w.Part)
		}
		for _, w := range owners[u] {
			i, ok := slices.BinarySearch(o.id, w.ID)
			if !ok {
				bad = append(bad, fmt.Errorf("unit %q: owner %q is not a data contributor", u, w.ID))
			}
			paid[w.ID] = true
			parts = append(parts, ownedPart{i, big.NewRat(int64(w.Part), total)})
		}
		slices.SortFunc(parts, func(a, b ownedPart) int { return cmp.Compare(a.contributor, b.contributor) })
		o.of = append(o.of, parts)
	}
	for _, unit := range sortedKeys(through) {
		if _, ok := owners[unit]; !ok {
			for _, id := range through[unit] {
				if !paid[id] {
					bad = append(bad, fmt.Errorf("data contributor %q: unit %q has no samples in the scores", id, unit))
				}
			}
		}
	}
	return errors.Join(bad...)
}

// values maps values of units to values of contributors, exactly.
func (o *ownership) values(unit []*big.Rat) []*big.Rat {
	value := make([]*big.Rat, len(o.id))
	for i := range value {
		value[i] = new(big.Rat)
	}
	for u, parts := range o.of {
		for _, p := range parts {
			value[p.contributor].Add(value[p.contributor], new(big.Rat).Mul(p.part, unit[u]))
		}
	}
	return value
}

// floats is values for one row of floats.
func (o *ownership) floats(unit []float64) []float64 {
	value := make([]float64, len(o.id))
	for u, parts := range o.of {
		for _, p := range parts {
			f, _ := p.part.Float64()
			value[p.contributor] += float64(f * unit[u])
		}
	}
	return value
}
