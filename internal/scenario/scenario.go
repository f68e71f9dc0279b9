package scenario

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"path/filepath"

	"github.com/ethereum/go-ethereum/crypto"

	"attrib/corpus"
	"attrib/internal/digits"
	"attrib/internal/philox"
	"attrib/internal/strictjson"
	"attrib/policy"
)

// Options choose a scenario. The zero value is the demo's.
type Options struct {
	Seed     [32]byte // of every random choice
	Alpha    float64  // label skew: small is more. Default 0.5
	DataOnly bool     // leaves out the model builder, the prompt writers and the reviewer. Default: they are there
	ChainID  uint64   // in the claims. Default 1337, the embedded chain
	Deadline uint64   // of the claims, Unix seconds. Default 4102444800, 2100-01-01
}

func (o *Options) fill() error {
	if o.Alpha == 0 {
		o.Alpha = 0.5
	}
	if !(o.Alpha >= 0.05 && o.Alpha <= 1000) {
		return errors.New("alpha must be between 0.05 and 1000")
	}
	if o.ChainID == 0 {
		o.ChainID = 1337
	}
	if o.Deadline == 0 {
		o.Deadline = 4102444800
	}
	return nil
}

// Key is the PUBLIC test key of a contributor of the demo: keccak256("attrib demo key" ‖ id). Anybody can compute it.
func Key(id string) *ecdsa.PrivateKey {
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte("attrib demo key"), []byte(id)))
	if err != nil {
		panic(err) // a hash outside of the curve's order has the probability 2⁻¹²⁸
	}
	return key
}

// party is a contributor and what it hands in.
type party struct {
	id    string
	role  corpus.Role
	plan  string // what it plays
	items []item
}

// parties lists all contributors in the order of reports.
func parties(o Options) []party {
	sets := deal(o.Seed, o.Alpha)
	var out []party
	for i, rows := range sets[:honest] {
		out = append(out, party{fmt.Sprintf("honest-%d", i+1), corpus.RoleData, "honest", trueItems(rows)})
	}
	copying := philox.New(o.Seed, streamCopy)
	first, _ := half(copying, sets[0])
	second, _ := half(copying, sets[1])
	a, b := half(philox.New(o.Seed, streamSplit), sets[honest])
	out = append(out,
		party{"copier", corpus.RoleData, "copies half of honest-1 and of honest-2", trueItems(append(first, second...))},
		party{"wrong-labels", corpus.RoleData, "labels are wrong", wrongItems(philox.New(o.Seed, streamWrong))},
		party{"split-a", corpus.RoleData, "one owner with split-b", trueItems(a)},
		party{"split-b", corpus.RoleData, "one owner with split-a", trueItems(b)})
	if o.DataOnly {
		return out
	}
	return append(out, party{"network-builder", corpus.RoleModel, "built the model", nil},
		party{"prompter-1", corpus.RolePrompt, "wrote two prompts of three", nil},
		party{"prompter-2", corpus.RolePrompt, "wrote one prompt of three", nil},
		party{"reviewer-1", corpus.RoleReview, "reviewed every output", nil})
}

// Build makes the records. The same options give the same records.
func Build(o Options) (corpus.Folder, error) {
	var f corpus.Folder
	if err := o.fill(); err != nil {
		return f, err
	}
	images := digits.Images()
	for _, p := range parties(o) {
		var hashes [][32]byte
		for i, it := range p.items {
			s := sample(fmt.Sprintf("%s/%03d", p.id, i), images, it)
			s.Contributor = p.id
			f.Samples, hashes = append(f.Samples, s), append(hashes, s.Content.SHA256())
		}
		who, err := contributor(o, p, hashes)
		if err != nil {
			return f, err
		}
		f.Contributors = append(f.Contributors, who)
	}
	first := digits.Train + digits.Queries + wrongRows
	for i, it := range trueItems(rowRange(first, digits.Count-first)) {
		s := sample(fmt.Sprintf("held-out/%03d", i), images, it)
		s.Split = corpus.SplitHeldOut
		f.Samples = append(f.Samples, s)
	}
	f.Queries, f.Approvals = queries(o, images)
	return f, nil
}

// Write puts the scenario into a corpus folder, with a policy.json: the default policy, or with DataOnly the whole pool for
// data.
func Write(dir string, o Options) error {
	f, err := Build(o)
	if err != nil {
		return err
	}
	if err := corpus.Write(dir, f); err != nil {
		return err
	}
	p := policy.Default()
	if o.DataOnly {
		p.Roles = map[policy.Role]int{policy.Data: policy.Whole}
	}
	return strictjson.WriteFile(filepath.Join(dir, "policy.json"), p)
}

func sample(id string, images *[digits.Count][digits.Pixels]uint8, it item) corpus.Sample {
	return corpus.Sample{ID: id, Content: pixels(images, it.row), Label: &it.label, Licence: digits.Licence, Split: corpus.SplitTrain,
		Meta: map[string]any{"digit": digits.Original()[it.row]}}
}

func pixels(images *[digits.Count][digits.Pixels]uint8, row int) *corpus.Content {
	v := make([]float64, digits.Pixels)
	for k, p := range images[row] {
		v[k] = float64(p) / digits.Max
	}
	return corpus.Numbers(v)
}

// contributor is a line with a signed claim over the contributor's samples.
func contributor(o Options, p party, hashes [][32]byte) (corpus.Contributor, error) {
	key := Key(p.id)
	claim := &corpus.Claim{Schema: corpus.ClaimSchema, Contributor: p.id, Payout: crypto.PubkeyToAddress(key.PublicKey),
		ContentRoot: corpus.Root(hashes), Licence: digits.Licence, Nonce: 1, Deadline: o.Deadline, ChainID: o.ChainID}
	if err := claim.Sign(corpus.KeySigner(key)); err != nil {
		return corpus.Contributor{}, fmt.Errorf("claim of %s: %w", p.id, err)
	}
	return corpus.Contributor{ID: p.id, Address: claim.Payout.Hex(), Role: p.role, Claim: &corpus.ClaimRef{Claim: claim},
		Meta: map[string]any{"plan": p.plan, "key": "public test key of the demo"}}, nil
}

// queries are the outputs, each approved by the reviewer.
func queries(o Options, images *[digits.Count][digits.Pixels]uint8) ([]corpus.Query, []corpus.Approval) {
	weights, prompts := philox.New(o.Seed, streamWeight), philox.New(o.Seed, streamPrompt)
	var out []corpus.Query
	var approvals []corpus.Approval
	for i, it := range trueItems(rowRange(digits.Train, digits.Queries)) {
		q := corpus.Query{ID: fmt.Sprintf("output-%03d", i), Content: pixels(images, it.row), Label: &it.label,
			Weight: corpus.NewAmount(earned(weights))}
		if !o.DataOnly {
			q.PromptBy, q.ReviewedBy = []string{"prompter-1", "prompter-1", "prompter-2"}[prompts.Intn(3)], "reviewer-1"
			approvals = append(approvals, corpus.Approval{Query: q.ID, By: "reviewer-1", Verdict: corpus.Approved})
		}
		out = append(out, q)
	}
	return out, approvals
}

// earned is between 1 and 2 units of 10¹² times 2^g, where g ≥ k has the probability 4⁻ᵏ, to 2⁶.
func earned(s *philox.Stream) *big.Int {
	g := bits.LeadingZeros32(s.Uint32()|1<<19) / 2
	return big.NewInt((1_000_000 + int64(s.Intn(1_000_000))) * 1_000_000 << g)
}
