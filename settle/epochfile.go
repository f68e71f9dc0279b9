package settle

import (
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"

	"attrib/internal/strictjson"
)

// epochFile is epoch.json: what is posted.
type epochFile struct {
	Schema          string `json:"schema"`
	Number          uint64 `json:"number"`
	ChainID         uint64 `json:"chainId"`
	Contract        string `json:"contract"`
	Token           string `json:"token"`
	Pool            string `json:"pool"`
	Parent          string `json:"parent"`
	CumulativeTotal string `json:"cumulativeTotal"`
	CarriedTotal    string `json:"carriedTotal"`
	Root            string `json:"root"`
	Leaves          uint32 `json:"leaves"`
	InputHash       string `json:"inputHash"`
}

func encodeEpoch(e *Epoch) epochFile {
	return epochFile{
		Schema: SchemaEpoch, Number: e.Number, ChainID: e.ChainID, Contract: e.Ledger.Hex(), Token: e.Token.Hex(),
		Pool: e.Pool.Dec(), Parent: e.Parent.Hex(), CumulativeTotal: e.CumulativeTotal.Dec(), CarriedTotal: e.CarriedTotal.Dec(),
		Root: e.Root.Hex(), Leaves: e.Leaves, InputHash: e.InputHash.Hex(),
	}
}

// decodeEpoch reads epoch.json without the payees.
func decodeEpoch(data []byte) (*Epoch, error) {
	var f epochFile
	if err := strictjson.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if err := strictjson.CheckSchema(f.Schema, SchemaEpoch); err != nil {
		return nil, err
	}
	e := &Epoch{Number: f.Number, ChainID: f.ChainID, Leaves: f.Leaves}
	var err error
	read := func(name string, e error) {
		if e != nil && err == nil {
			err = fmt.Errorf("%s: %w", name, e)
		}
	}
	var bad error
	e.Ledger, bad = ParseAddress(f.Contract)
	read("contract", bad)
	e.Token, bad = ParseToken(f.Token)
	read("token", bad)
	for _, a := range []struct {
		name, text string
		to         **uint256.Int
	}{{"pool", f.Pool, &e.Pool}, {"cumulativeTotal", f.CumulativeTotal, &e.CumulativeTotal}, {"carriedTotal", f.CarriedTotal, &e.CarriedTotal}} {
		*a.to, bad = ParseAmount(a.text)
		read(a.name, bad)
	}
	for _, h := range []struct {
		name, text string
		to         *common.Hash
	}{{"parent", f.Parent, &e.Parent}, {"root", f.Root, &e.Root}, {"inputHash", f.InputHash, &e.InputHash}} {
		*h.to, bad = parseHash(h.text)
		read(h.name, bad)
	}
	return e, err
}
