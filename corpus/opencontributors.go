package corpus

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxID bounds ids, which end up in reports and in signed messages.
const maxID = 256

// checkID refuses names that cannot be told apart on a screen or break a report.
func checkID(id string) error {
	switch {
	case id == "":
		return errors.New("is missing")
	case len(id) > maxID:
		return fmt.Errorf("has %d bytes, more than %d", len(id), maxID)
	case strings.TrimSpace(id) != id:
		return errors.New("begins or ends with white space")
	case strings.ContainsFunc(id, unicode.IsControl):
		return errors.New("holds control characters")
	}
	return nil
}

// contributor checks one line and keeps it.
func (o *opener) contributor(p place, c *Contributor) {
	p = p.named("contributor", c.ID)
	if err := checkID(c.ID); err != nil {
		p.bad("id", "%v", err)
	} else if at, ok := o.index[c.ID]; ok {
		p.bad("id", "is given in line %d already", o.places[at].line)
		o.unclear[contributorTable.name] = true
	} else {
		o.index[c.ID] = len(o.Contributors)
	}
	if !slices.Contains(Roles(), c.Role) {
		p.bad("role", "is %q, want one of %v", c.Role, Roles())
		c.Role = "" // nobody is judged by it
	}
	if c.Unit != "" {
		if err := checkID(c.Unit); err != nil {
			p.bad("unit", "%v", err)
		}
	}
	o.checkAddress(p, c)
	o.readClaim(p, c)
	o.places = append(o.places, p)
	o.Contributors = append(o.Contributors, *c)
}

func (o *opener) checkAddress(p place, c *Contributor) {
	a, checked, err := ParseAddress(c.Address)
	if err != nil {
		p.bad("address", "%v", err)
		return
	}
	if !checked {
		o.Warnings = append(o.Warnings, fmt.Errorf("%s:%d: %s: address %s has no checksum, so a mistyped digit goes unseen; write %s",
			p.file, p.line, p.record, c.Address, a.Hex()))
	}
	if other, ok := o.addresses[a]; ok {
		p.bad("address", "is the address of contributor %q too", other)
	}
	o.addresses[a] = c.ID
	c.Address = a.Hex()
}

// readClaim replaces a claim's path by its content.
func (o *opener) readClaim(p place, c *Contributor) {
	if c.Claim == nil || c.Claim.Path == "" {
		return
	}
	data, err := readFile(o.root, c.Claim.Path)
	if err == nil {
		c.Claim.Claim = new(Claim)
		if err = claimTable.decode(data, c.Claim.Claim, &c.Claim.Claim.Schema); err != nil {
			err = fmt.Errorf("%s: %w", c.Claim.Path, err)
		}
	}
	if err == nil {
		return
	}
	c.Claim.Claim = nil
	if c.ID != o.signing {
		p.bad("claim", "%v", err)
	}
}

// checkUnits refuses to pay somebody through a contributor who is paid through another one: chains of units would make the
// player depend on the order they are followed in.
func (o *opener) checkUnits() {
	for i, c := range o.Contributors {
		if at, ok := o.index[c.UnitName()]; ok && o.Contributors[at].UnitName() != c.UnitName() {
			o.places[i].bad("unit", "is contributor %q, who is paid through %q", c.Unit, o.Contributors[at].Unit)
		}
	}
}
