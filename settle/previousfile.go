package settle

import (
	"fmt"

	"attrib/internal/strictjson"
)

// previousFile is previous.json. With epoch 0 there was none and the rest is empty.
type previousFile struct {
	Schema   string      `json:"schema"`
	Epoch    uint64      `json:"epoch"`
	Root     string      `json:"root"`
	Evidence string      `json:"evidence"`
	Proof    []string    `json:"proof"`
	Payees   []payeeLine `json:"payees"`
}

func encodePrevious(p *Previous) previousFile {
	if p == nil {
		return previousFile{Schema: SchemaPrevious, Proof: []string{}, Payees: []payeeLine{}}
	}
	out := previousFile{SchemaPrevious, p.Epoch, p.Root.Hex(), p.Evidence.Hex(), []string{}, payeeLines(p.Payees)}
	for _, h := range p.Proof {
		out.Proof = append(out.Proof, h.Hex())
	}
	return out
}

// decodePrevious reads previous.json; nil means that there was no previous epoch.
func decodePrevious(data []byte) (*Previous, error) {
	var f previousFile
	if err := strictjson.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if err := strictjson.CheckSchema(f.Schema, SchemaPrevious); err != nil {
		return nil, err
	}
	if f.Epoch == 0 {
		if f.Root+f.Evidence != "" || len(f.Proof)+len(f.Payees) > 0 {
			return nil, fmt.Errorf("epoch is 0, which means that there was no previous epoch, yet other fields say more")
		}
		return nil, nil
	}
	p := &Previous{Epoch: f.Epoch}
	var err error
	if p.Root, err = parseHash(f.Root); err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	if p.Evidence, err = parseHash(f.Evidence); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	for i, text := range f.Proof {
		h, err := parseHash(text)
		if err != nil {
			return nil, fmt.Errorf("proof[%d]: %w", i, err)
		}
		p.Proof = append(p.Proof, h)
	}
	p.Payees, err = decodePayees("payees", f.Payees)
	return p, err
}
