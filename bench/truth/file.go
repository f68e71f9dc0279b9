package truth

import (
	"crypto/sha256"
	"encoding/hex"

	"attrib/internal/strictjson"
	"attrib/train"
)

// The files of a truth.
const (
	Name        = "truth.json"
	RowsName    = "rows.json"
	SubsetsName = "subsets.safetensors"
	OutputsName = "outputs.safetensors"
	StartsName  = "starts.safetensors"
)

// Header is the content of truth.json.
type Header struct {
	Schema      string       `json:"schema"`
	Source      string       `json:"source"`
	Arithmetic  string       `json:"arithmetic"`
	Model       train.Model  `json:"model"`
	ModelHash   string       `json:"modelHash"` // Model.Hash
	Data        string       `json:"data"`
	Queries     string       `json:"queries"`
	Samples     int          `json:"samples"`
	Outputs     int          `json:"outputs"`
	Removal     string       `json:"removal"`
	Measurement string       `json:"measurement"`
	By          string       `json:"by"`
	SubsetSeed  *int64       `json:"subsetSeed"`
	Parts       []PartHeader `json:"parts"`
	Files       []File       `json:"files"`
	Digest      string       `json:"digest"` // SHA-256 of this file with an empty digest
}

// PartHeader is a part in truth.json.
type PartHeader struct {
	Name    string  `json:"part"`
	Removed float64 `json:"removed"`
	Subsets int     `json:"subsets"`
	Seeds   []int64 `json:"seeds"`
}

// File is another file of the truth, by the SHA-256 of its bytes in hexadecimal.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Rows is the content of rows.json.
type Rows struct {
	Schema  string   `json:"schema"`
	Samples []string `json:"samples"`
	Outputs []string `json:"outputs"`
	Groups  []string `json:"groups,omitempty"`
	Group   []int32  `json:"group,omitempty"`
}

// header describes the truth without its files.
func (t *Truth) header() Header {
	h := Header{
		Schema: Schema, Source: t.Source, Arithmetic: t.Arithmetic, Model: t.Model, ModelHash: t.Model.Hash(), Data: t.Data, Queries: t.Queries,
		Samples: len(t.Samples), Outputs: len(t.Outputs), Removal: t.Removal, Measurement: t.Measurement, By: t.By, SubsetSeed: t.SubsetSeed,
	}
	for i := range t.Parts {
		p := &t.Parts[i]
		h.Parts = append(h.Parts, PartHeader{p.Name, p.Removed, p.Subsets(len(t.Samples)), p.Seeds})
	}
	return h
}

func (h Header) digest() (string, error) {
	h.Digest = ""
	data, err := strictjson.Marshal(h)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), err
}
