package settle

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"attrib/internal/strictjson"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"
)

// A small bundle: 3 outputs, 4 contributors. Its computation is not attrib's but has the same shape: matrix and policy
// give shares (with annotations), shares give weights, and the seed matters.
var testMatrix = [][]int32{{5, -2, 9, 1}, {4, 7, 0, 1}, {-1, 2, 3, 2}}

func tensorFile(rows [][]int32) []byte {
	var body bytes.Buffer
	for _, r := range rows {
		_ = binary.Write(&body, binary.LittleEndian, r)
	}
	head := fmt.Sprintf(`{"__metadata__":{"scale":"-20"},"values":{"dtype":"I32","shape":[%d,%d],"data_offsets":[0,%d]}}`, len(rows), len(rows[0]), body.Len())
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	return append(append(out, head...), body.Bytes()...)
}

func testInputs() map[string]any {
	type m = map[string]any
	var people, outputs []any
	for i := range testMatrix[0] {
		people = append(people, m{"id": fmt.Sprintf("c%d", i), "address": account(uint64(i)).Hex(), "role": "data", "unit": nil})
	}
	for i := range testMatrix {
		outputs = append(outputs, m{"id": fmt.Sprintf("q%d", i), "earned": fmt.Sprint(100 + i), "promptBy": "", "reviewedBy": []any{}})
	}
	return map[string]any{
		"scores.json":    m{"schema": "attrib.scores/1", "scale": -20, "players": []string{"c0", "c1", "c2", "c3"}, "file": "scores.int.safetensors"},
		"outputs.json":   m{"schema": "attrib.outputs/1", "outputs": outputs},
		FilePolicy:       m{"schema": "attrib.policy/1", "roles": m{"data": 10000}, "minimumPayout": "131"},
		"clusters.json":  m{"schema": "attrib.clusters/1", "clusters": []any{m{"id": "u/1", "members~": []string{"s1", "s2"}}}},
		FileContributors: m{"schema": "attrib.contributors/1", "contributors": people},
		"recipe.json":    m{"schema": "attrib.recipe/1", "game": "additive", "budget": 1e6, "bootstrap": true},
	}
}

func writeInputs(t *testing.T, dir string) {
	t.Helper()
	for name, v := range testInputs() {
		if err := strictjson.WriteFile(filepath.Join(dir, name), v); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "scores.int.safetensors", tensorFile(testMatrix))
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// testCompute sums columns over outputs weighted by what they earned, clips, and divides 2⁶³.
func testCompute(_ context.Context, in map[string][]byte, seed [32]byte) (shares, weights []byte, err error) {
	var outputs struct{ Outputs []struct{ Earned string } }
	var people struct{ Contributors []struct{ ID string } }
	for name, v := range map[string]any{"outputs.json": &outputs, FileContributors: &people} {
		if err := json.Unmarshal(in[name], v); err != nil {
			return nil, nil, err
		}
	}
	body := in["scores.int.safetensors"]
	body = body[8+binary.LittleEndian.Uint64(body):]
	n, sum := len(people.Contributors), new(big.Int)
	total := make([]*big.Int, n)
	for p := range total {
		total[p] = new(big.Int)
		for q, o := range outputs.Outputs {
			earned, _ := new(big.Int).SetString(o.Earned, 10)
			v := int32(binary.LittleEndian.Uint32(body[4*(q*n+p):]))
			total[p].Add(total[p], earned.Mul(earned, big.NewInt(int64(v))))
		}
		if total[p].Sign() < 0 {
			total[p].SetInt64(0)
		}
		sum.Add(sum, total[p])
	}
	var s, w []any
	left := new(big.Int).SetUint64(WeightTotal)
	for p := n - 1; p >= 0; p-- {
		part := new(big.Int).Mul(total[p], new(big.Int).SetUint64(WeightTotal))
		part.Div(part, sum)
		if left.Sub(left, part); p == 0 {
			part.Add(part, left)
		}
		high, _ := new(big.Rat).SetFrac(total[p], sum).Float64()
		s = append([]any{map[string]any{"id": people.Contributors[p].ID, "value": total[p].String(), "high": high + 0.01}}, s...)
		w = append([]any{map[string]any{"id": people.Contributors[p].ID, "weight": part.String()}}, w...)
	}
	shares, _ = strictjson.Marshal(map[string]any{"schema": "attrib.shares/1", "walk": int(seed[0]), "shares": s, "method": nil})
	weights, _ = strictjson.Marshal(map[string]any{"schema": "attrib.weights/1", "weights": w})
	return shares, weights, nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// testBundle makes a sealed bundle of the first epoch in a new folder.
func testBundle(t *testing.T) (string, *Epoch) { return testBundleAfter(t, nil, 1) }

func testBundleAfter(t *testing.T, previous *Previous, number uint64) (string, *Epoch) {
	t.Helper()
	dir := t.TempDir()
	writeInputs(t, dir)
	seed := CommittedSeed(must(InputHash(dir)), 41, common.HexToHash("0xb10c"))
	return dir, finishBundle(t, dir, seed, previous, number)
}

// finishBundle adds the results to inputs.
func finishBundle(t *testing.T, dir string, seed Seed, previous *Previous, number uint64) *Epoch {
	t.Helper()
	files, _, err := readBundle(dir)
	if err != nil {
		t.Fatal(err)
	}
	shares, weights, err := testCompute(t.Context(), files, seed.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, FileShares, shares)
	write(t, dir, FileWeights, weights)
	e, err := Prepare(dir, Posting{Number: number, ChainID: 1337, Ledger: testLedger, Pool: uint256.NewInt(1000), Seed: seed, Previous: previous})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func verify(t *testing.T, dir string, evidence common.Hash, o VerifyOptions) *Report {
	t.Helper()
	if o.Compute == nil {
		o.Compute = testCompute
	}
	r, err := Verify(t.Context(), dir, evidence, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
