package settle

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"

	"attrib/internal/philox"
	"attrib/internal/strictjson"
	"attrib/policy"
	"attrib/shapley"
)

// realInputs is a bundle's inputs as package policy has them: six data contributors, two of each other role.
func realInputs() policy.Inputs {
	draw := philox.New([32]byte{8}, 1)
	in := policy.Inputs{
		Scores:       &shapley.Scores{Scale: -10, Meta: shapley.Meta{Method: "test", Sign: "positive: the sample helped", Unit: "arbitrary"}},
		Outputs:      &policy.Outputs{Schema: policy.OutputsSchema},
		Policy:       policy.Default(),
		Clusters:     &policy.Clusters{Schema: policy.ClustersSchema, Units: []policy.Unit{{ID: "u0", Players: []string{"d0", "d1"}, Owners: []policy.Owner{{ID: "d0", Part: 1}, {ID: "d1", Part: 1}}}}},
		Contributors: &policy.Contributors{Schema: policy.ContributorsSchema},
		Recipe:       policy.DefaultRecipe(),
	}
	in.Policy.MinimumPayout = "105000"
	in.Recipe.Estimator, in.Recipe.Permutations, in.Recipe.Bootstrap = "permutations", 64, 100
	add := func(id string, role policy.Role) {
		n := uint64(len(in.Contributors.Contributors))
		in.Contributors.Contributors = append(in.Contributors.Contributors, policy.Contributor{ID: id, Role: role, Address: account(n).Hex()})
	}
	for i := range 6 {
		in.Scores.Players = append(in.Scores.Players, fmt.Sprintf("d%d", i))
		add(fmt.Sprintf("d%d", i), policy.Data)
	}
	for i, r := range []policy.Role{policy.Model, policy.Prompt, policy.Review} {
		add(fmt.Sprintf("r%d", i), r)
	}
	for q := range 12 {
		o := policy.Output{ID: fmt.Sprintf("q%d", q), Earned: fmt.Sprint(1 + draw.Intn(1000)), PromptBy: "r1", ReviewedBy: []string{"r2"}}
		in.Outputs.Outputs = append(in.Outputs.Outputs, o)
		earned, _ := shapley.ParseWhole(o.Earned)
		in.Scores.Outputs = append(in.Scores.Outputs, shapley.Output{ID: o.ID, Earned: earned})
		for i := range 6 {
			in.Scores.Value = append(in.Scores.Value, int32(400*i+draw.Intn(2000)-800))
		}
	}
	return in
}

// realBundle is sealed with package policy's computation.
func realBundle(t *testing.T) (string, *Epoch) {
	t.Helper()
	dir := t.TempDir()
	if err := policy.WriteInputs(dir, realInputs()); err != nil {
		t.Fatal(err)
	}
	seed := CommittedSeed(must(InputHash(dir)), 41, common.HexToHash("0xb10c"))
	in := must(policy.ReadInputs(dir))
	result := must(policy.Compute(t.Context(), in, seed.Bytes(), 1))
	if err := policy.WriteResult(dir, result); err != nil {
		t.Fatal(err)
	}
	e, err := Prepare(dir, Posting{Number: 1, ChainID: 1337, Ledger: testLedger, Pool: uint256.NewInt(1e6), Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return dir, e
}

func TestPolicyBundleIsRecomputed(t *testing.T) {
	dir, e := realBundle(t)
	if e.CarriedTotal.IsZero() {
		t.Errorf("carried nothing; the test wants a payee below the minimum")
	}
	for _, workers := range []int{1, 3} {
		if err := verify(t, dir, e.Evidence, VerifyOptions{Compute: PolicyCompute(workers)}).Err(); err != nil {
			t.Fatalf("%d workers: %v", workers, err)
		}
	}
	// weights moved from one payee to another, and everything after them computed and hashed anew
	w := must(policy.Read[policy.Weights](filepath.Join(dir, FileWeights)))
	w.Weight[5], w.Weight[0] = w.Weight[5]-1<<50, w.Weight[0]+1<<50
	if err := policy.Write(filepath.Join(dir, FileWeights), w); err != nil {
		t.Fatal(err)
	}
	seed := must(readSeed(must(os.ReadFile(filepath.Join(dir, FileSeed)))))
	lie := must(Prepare(dir, Posting{Number: 1, ChainID: 1337, Ledger: testLedger, Pool: uint256.NewInt(1e6), Seed: seed}))
	r := verify(t, dir, lie.Evidence, VerifyOptions{Compute: PolicyCompute(0)})
	if !r.Authentic || len(r.Findings) == 0 || !strings.HasPrefix(r.Findings[0].String(), "weights.json: weights[0].weight (d0): the bundle says") {
		t.Errorf("findings %v", r.Findings)
	}
	if r.Epoch == nil || r.Epoch.Root != e.Root {
		t.Error("recomputation does not give the honest root")
	}
}

// TestPolicyBundleNamesEveryChange is TestVerifyNamesEveryChange for the inputs and results that attrib writes.
func TestPolicyBundleNamesEveryChange(t *testing.T) {
	dir, e := realBundle(t)
	n := changeEveryLeaf(t, dir, func() *Report { return verify(t, dir, e.Evidence, VerifyOptions{Compute: PolicyCompute(1)}) }, func(name string) bool { return name != FileManifest })
	if n < 300 {
		t.Errorf("%d leaves were changed", n)
	}
	name := "scores.int.safetensors"
	data := must(os.ReadFile(filepath.Join(dir, name)))
	data[len(data)-4*7] ^= 0x40 // of 12 × 6, the seventh from the end: row 10, column 5
	write(t, dir, name, data)
	r := verify(t, dir, e.Evidence, VerifyOptions{})
	if len(r.Findings) != 1 || !strings.HasPrefix(r.Findings[0].String(), name+": values[10][5]: ") {
		t.Errorf("one tensor element: %v", r.Findings)
	}
}

// TestPolicyInputsThatCannotBeComputed: an authentic bundle whose inputs are senseless is a finding, and its words do
// not tell where the verifier worked.
func TestPolicyInputsThatCannotBeComputed(t *testing.T) {
	dir, _ := realBundle(t)
	data := must(os.ReadFile(filepath.Join(dir, FilePolicy)))
	write(t, dir, FilePolicy, bytes.Replace(data, []byte("7000"), []byte("7001"), 1))
	seed := CommittedSeed(must(InputHash(dir)), 41, common.HexToHash("0xb10c"))
	text := must(strictjson.Marshal(seed))
	write(t, dir, FileSeed, text)
	r := verify(t, dir, must(Seal(dir)), VerifyOptions{Compute: PolicyCompute(1)})
	if err := r.Err(); err == nil || !strings.Contains(err.Error(), "shares.json: cannot be recomputed: policy.json: roles sum to 10001") || strings.Contains(err.Error(), "attrib-verify") {
		t.Errorf("%v", err)
	}
}
