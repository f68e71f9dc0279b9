package shapley

import (
	"errors"
	"fmt"
)

// Unit is a credit unit: players that the game treats as one because their data is the same or their owner is.
type Unit struct {
	ID      string
	Players []string
}

// Merge adds the signed columns of every unit's players into one column per unit. Players in no unit are a unit of
// their own, under their own id. Columns come in the order of units, then of the players left. Row bounds hold,
// since merging only shrinks Σ|value|.
func (s *Scores) Merge(units []Unit) (*Scores, error) {
	all, err := s.complete(units)
	if err != nil {
		return nil, err
	}
	column := make(map[string]int, len(s.Players))
	for i, id := range s.Players {
		column[id] = i
	}
	m := &Scores{Outputs: s.Outputs, Scale: s.Scale, Meta: s.Meta, Value: make([]int32, len(s.Outputs)*len(all))}
	for u, unit := range all {
		m.Players = append(m.Players, unit.ID)
		for _, id := range unit.Players {
			for q := range s.Outputs {
				m.Value[q*len(all)+u] += s.Row(q)[column[id]]
			}
		}
	}
	return m, m.Validate()
}

// complete checks the units and appends one for every player in none.
func (s *Scores) complete(units []Unit) ([]Unit, error) {
	var bad []error
	known := make(map[string]bool, len(s.Players))
	for _, id := range s.Players {
		known[id] = true
	}
	taken := make(map[string]string)
	for _, u := range units {
		if len(u.Players) == 0 {
			bad = append(bad, fmt.Errorf("unit %q has no players", u.ID))
		}
		for _, id := range u.Players {
			switch {
			case !known[id]:
				bad = append(bad, fmt.Errorf("unit %q: player %q is not in the scores", u.ID, id))
			case taken[id] != "":
				bad = append(bad, fmt.Errorf("unit %q: player %q is already in unit %q", u.ID, id, taken[id]))
			}
			taken[id] = u.ID
		}
	}
	all := append([]Unit(nil), units...)
	for _, id := range s.Players {
		if taken[id] == "" {
			all = append(all, Unit{ID: id, Players: []string{id}})
		}
	}
	return all, errors.Join(bad...)
}
