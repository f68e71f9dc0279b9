package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"

	"attrib/internal/strictjson"
	"attrib/kernels"
)

// Schema is the version of store.json that this package writes, HeaderFile its name.
const (
	Schema     = "attrib.store/1"
	HeaderFile = "store.json"
)

// Values of Header.Kind.
const (
	KindGradients  = "gradients"
	KindEmbeddings = "embeddings"
)

// Values of Header.Of: what row ids number, from 0.
const (
	OfSamples = "samples" // lines of corpus.jsonl
	OfOutputs = "outputs" // lines of queries.jsonl
)

// Values of Header.Sign: see the package's comment.
const (
	SignLossGradient     = "+loss-gradient"     // rows are +∇ℓ_i
	SignGoodnessGradient = "+goodness-gradient" // rows are +∇m_i, m better when larger
	SignNone             = "none"               // rows are no gradients
)

// Values of Header.Measurement: what a row is the gradient of, or that it is an embedding.
const (
	MeasureLoss      = "loss"
	MeasureMargin    = "margin"   // log p/(1−p) of the label
	MeasureLogProb   = "log-prob" // log p of the label
	MeasureEmbedding = "embedding"
)

// Values of Header.Unit.
const (
	UnitInfluence = "dm/dw"     // scores are changes of the measurement per unit of sample weight
	UnitArbitrary = "arbitrary" // only order and ratios mean something
)

// signOf says which sign goes with a measurement.
var signOf = map[string]string{
	MeasureLoss: SignLossGradient, MeasureMargin: SignGoodnessGradient, MeasureLogProb: SignGoodnessGradient, MeasureEmbedding: SignNone,
}

// Header is store.json. A caller of Create fills everything up to ShardRows; the rest is the writer's.
type Header struct {
	Schema         string       `json:"schema"`
	Of             string       `json:"of"` // Create fills in OfSamples
	Kind           string       `json:"kind"`
	Sign           string       `json:"sign"`
	Measurement    string       `json:"measurement"`
	Unit           string       `json:"unit"`
	Layout         Layout       `json:"layout"`
	Model          string       `json:"model"`          // SHA-256 in hex of what made the rows, or empty
	Corpus         string       `json:"corpus"`         // likewise
	Method         string       `json:"method"`         // likewise
	Recipe         string       `json:"recipe"`         // likewise
	ProjectionSeed string       `json:"projectionSeed"` // 32 bytes in hex, empty without projection
	Covariances    *Covariances `json:"covariances"`    // null where there are none
	Rows           int64        `json:"rows"`
	ShardRows      int64        `json:"shardRows"` // rows of every shard but the last; 0 lets Create choose about 64 MiB
	Shards         []Shard      `json:"shards"`
	Digest         string       `json:"digest"` // SHA-256 of the file's bytes without these 64 digits
}

// Covariances is the file of a factored store's factor covariances: per layer Σ a aᵀ and Σ d dᵀ over all rows and positions.
type Covariances struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// Layout is the form of a row.
type Layout struct {
	Type   string  `json:"type"`   // F32, BF16, F16 or I8: as the numbers lie in the file
	Width  int     `json:"width"`  // numbers of a flat row; for factored rows Σ in·out
	Layers []Layer `json:"layers"` // empty for flat rows
}

// Layer is one layer of a factored row.
type Layer struct {
	Name      string `json:"name"`
	In        int    `json:"in"` // with the column of ones, where a bias is trained
	Out       int    `json:"out"`
	Positions int    `json:"positions"`
	FullIn    int    `json:"fullIn"`  // In before projection, 0 without
	FullOut   int    `json:"fullOut"` // Out before projection, 0 without
}

// Shard is one file of rows Row0 … Row0+Rows−1. SHA256 and MaxNorm are empty until it is done.
type Shard struct {
	File    string  `json:"file"`
	Row0    int64   `json:"row0"`
	Rows    int64   `json:"rows"`
	SHA256  string  `json:"sha256"`
	MaxNorm float64 `json:"maxNorm"` // the largest Euclidean norm of a row, flattened
	Done    bool    `json:"done"`
}

// Flat is the layout of flat F32 rows.
func Flat(width int) Layout { return Layout{Type: "F32", Width: width, Layers: []Layer{}} }

// Factored is the layout of factored F32 rows.
func Factored(layers ...Layer) Layout {
	l := Layout{Type: "F32", Layers: layers}
	for _, layer := range layers {
		l.Width += layer.In * layer.Out
	}
	return l
}

// As is the same layout with numbers of another type.
func (l Layout) As(t kernels.DType) Layout {
	l.Type = t.String()
	return l
}

// dtype is the type of the numbers in the file; validate has seen it.
func (l Layout) dtype() kernels.DType {
	t, _ := kernels.ParseDType(l.Type)
	return t
}

// rowBytes is what a row takes in its shard, with its id and its scales.
func (l Layout) rowBytes() int64 {
	n := int64(8)
	for _, c := range l.columns() {
		n += c.perRow() * int64(l.dtype().Size())
		if l.dtype() == kernels.TypeI8 {
			n += 4 * int64(c.lines)
		}
	}
	return n
}

// Kernel is the layout as kernels know it: what Read gives is single precision, whatever the file holds.
func (l Layout) Kernel() kernels.Layout {
	k := kernels.Layout{Width: l.Width}
	for _, layer := range l.Layers {
		k.Factors = append(k.Factors, kernels.FactorDims{In: layer.In, Out: layer.Out, Positions: layer.Positions})
	}
	return k
}

// shardBytes is about what a shard takes, with its header, unless the caller says how many rows it has.
const shardBytes = 64 << 20

// ShardBytes is about what the largest shard takes in memory while it is made.
func (h Header) ShardBytes() int64 {
	h.plan()
	return min(h.ShardRows, h.Rows) * h.Layout.rowBytes()
}

// plan lists the shards, none of them done, unless the caller has listed them.
func (h *Header) plan() {
	if len(h.Shards) > 0 { // rows of foreign files
		h.ShardRows = 0
		for i := range h.Shards {
			h.ShardRows = max(h.ShardRows, h.Shards[i].Rows)
		}
		return
	}
	if h.ShardRows == 0 {
		h.ShardRows = max(1, (shardBytes-1<<16)/h.Layout.rowBytes())
	}
	h.Shards = []Shard{}
	for row0 := int64(0); row0 < h.Rows; row0 += h.ShardRows {
		h.Shards = append(h.Shards, Shard{File: shardName(len(h.Shards)), Row0: row0, Rows: min(h.ShardRows, h.Rows-row0)})
	}
}

// shardOf is the shard that holds a row.
func (h Header) shardOf(row int64) int {
	return sort.Search(len(h.Shards)-1, func(i int) bool { return h.Shards[i+1].Row0 > row })
}

func shardName(i int) string { return fmt.Sprintf("shard-%05d.safetensors", i) }

func recordName(i int) string { return fmt.Sprintf("shard-%05d.json", i) }

// seal sets the digest and renders the file.
func (h *Header) seal() ([]byte, error) {
	if h.Layout.Layers == nil {
		h.Layout.Layers = []Layer{}
	}
	h.Digest = ""
	data, err := strictjson.Marshal(h)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	h.Digest = hex.EncodeToString(sum[:])
	return strictjson.Marshal(h)
}

// digestOf is the SHA-256 of a header file's bytes without the digits of its digest, the last field.
func digestOf(data []byte) string {
	const key = `"digest": "`
	sum := sha256.New()
	at := bytes.LastIndex(data, []byte(key)) + len(key)
	if rest := data[at:]; at >= len(key) && len(rest) >= 64 {
		sum.Write(data[:at])
		sum.Write(rest[64:])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// difference names the first field in which a resumed run disagrees with the store.
func (h Header) difference(old Header) error {
	if h.ShardRows == 0 {
		h.ShardRows = old.ShardRows
	}
	for _, f := range []struct {
		name     string
		now, was any
	}{
		{"of", h.Of, old.Of}, {"kind", h.Kind, old.Kind}, {"sign", h.Sign, old.Sign}, {"measurement", h.Measurement, old.Measurement}, {"unit", h.Unit, old.Unit},
		{"layout.type", h.Layout.Type, old.Layout.Type}, {"layout.width", h.Layout.Width, old.Layout.Width},
		{"layout.layers", fmt.Sprint(h.Layout.Layers), fmt.Sprint(old.Layout.Layers)}, {"model", h.Model, old.Model},
		{"corpus", h.Corpus, old.Corpus}, {"method", h.Method, old.Method}, {"recipe", h.Recipe, old.Recipe},
		{"projectionSeed", h.ProjectionSeed, old.ProjectionSeed}, {"rows", h.Rows, old.Rows}, {"shardRows", h.ShardRows, old.ShardRows},
	} {
		if f.now != f.was {
			return fmt.Errorf("field %q is %v in the store, but %v in this run: resuming needs the same settings", f.name, f.was, f.now)
		}
	}
	return nil
}
