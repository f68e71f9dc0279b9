package policy

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"attrib/shapley"
)

// fullInputs uses every field of every file.
func fullInputs() Inputs {
	in := testInputs(6, 8, 2, 1)
	in.Clusters.Units = []Unit{{ID: "pair", Players: []string{"d00", "d01"}, Owners: []Owner{{"d00", 2}, {"d01", 1}}}}
	in.Contributors.Contributors[1].Unit = "pair"
	in.Policy.Parts = map[Role]map[string]uint32{Model: {"model0": 1, "model1": 2}}
	in.Policy.Game = GameSpec{Name: "saturating", Function: "table", Unit: 900, Table: []shapley.Point{{X: 1000, Y: 10000}, {X: 5000, Y: 20000}}}
	in.Policy.Noise = &Noise{Bound: 5, Fallback: "equal"}
	in.Recipe.MethodError = &MethodError{Schema: MethodErrorSchema, Method: "test", Value: 0.1, Low: 0.05, High: 0.2, Source: strings.Repeat("0", 64)}
	return in
}

func TestFilesRoundTripAndFitTheirSchemas(t *testing.T) {
	for name, in := range map[string]Inputs{"small": testInputs(3, 2, 1, 1), "full": fullInputs()} {
		dir := t.TempDir()
		if err := WriteInputs(dir, in); err != nil {
			t.Fatal(err)
		}
		back, err := ReadInputs(dir)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, in) {
			t.Errorf("%s: inputs changed on disk", name)
		}
		r := compute(t, back, 0)
		if err := WriteResult(dir, r); err != nil {
			t.Fatal(err)
		}
		shares, err := Read[Shares](filepath.Join(dir, SharesFile))
		if err != nil || !reflect.DeepEqual(shares, r.Shares) {
			t.Errorf("%s: shares changed on disk: %v", name, err)
		}
		weights, err := Read[Weights](filepath.Join(dir, WeightsFile))
		if err != nil || !reflect.DeepEqual(weights, r.Weights) {
			t.Errorf("%s: weights changed on disk: %v\n%+v\n%+v", name, err, weights, r.Weights)
		}
		if in.Recipe.MethodError != nil {
			path := filepath.Join(dir, "method-error.json")
			if err := Write(path, in.Recipe.MethodError); err != nil {
				t.Fatal(err)
			}
			checkSchema(t, path, "method-error")
		}
		for file, schema := range map[string]string{
			shapley.ScoresFile: "scores", OutputsFile: "outputs", PolicyFile: "policy", ClustersFile: "clusters",
			ContributorsFile: "payee-order", RecipeFile: "recipe", SharesFile: "shares", WeightsFile: "weights",
		} {
			checkSchema(t, filepath.Join(dir, file), schema)
		}
	}
}

func checkSchema(t *testing.T, path, name string) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../docs/schemas/" + name + ".v1.json")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	v.(map[string]any)["extra"] = true
	if schema.Validate(v) == nil {
		t.Errorf("schema %s lets unknown fields pass", name)
	}
}

func TestBadInputIsNamed(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(*Inputs)
	}{
		{"roles sum to 9999", func(in *Inputs) { in.Policy.Roles[Data]-- }},
		{`roles: "cook" is not a role`, func(in *Inputs) { in.Policy.Roles["cook"] = 0 }},
		{"roles.model is -1", func(in *Inputs) { in.Policy.Roles[Model] = -1 }},
		{`rule "per-output" is not known`, func(in *Inputs) { in.Policy.Rule = "per-output" }},
		{`game.name "chess"`, func(in *Inputs) { in.Policy.Game.Name = "chess" }},
		{`game.function "tanh"`, func(in *Inputs) { in.Policy.Game.Function = "tanh" }},
		{"belong to the saturating game", func(in *Inputs) { in.Policy.Game.Name = "coverage" }},
		{"sqrt takes none", func(in *Inputs) { in.Policy.Game = GameSpec{Name: "saturating", Function: "sqrt", Unit: 3} }},
		{"minimumPayout", func(in *Inputs) { in.Policy.MinimumPayout = "-1" }},
		{"noise.bound is 10001", func(in *Inputs) { in.Policy.Noise = &Noise{10001, "equal"} }},
		{`noise.fallback "luck"`, func(in *Inputs) { in.Policy.Noise = &Noise{1, "luck"} }},
		{"parts.data", func(in *Inputs) { in.Policy.Parts = map[Role]map[string]uint32{Data: {}} }},
		{`parts.model: contributor "tuning0" has the role "tuning"`, func(in *Inputs) { in.Policy.Parts = map[Role]map[string]uint32{Model: {"tuning0": 1}} }},
		{`contributor "d00" is given twice`, func(in *Inputs) { in.Contributors.Contributors[1].ID = "d00" }},
		{`contributor "d00": role "chef"`, func(in *Inputs) { in.Contributors.Contributors[0].Role = "chef" }},
		{`contributor "model0": unit and samples`, func(in *Inputs) { in.Contributors.Contributors[3].Samples = 4 }},
		{`data contributor "idle": unit "idle" has no samples`, func(in *Inputs) {
			in.Contributors.Contributors = append(in.Contributors.Contributors, Contributor{ID: "idle", Role: Data})
		}},
		{`unit "d02" has influence but no data contributor`, func(in *Inputs) { in.Contributors.Contributors[2] = Contributor{ID: "d02", Role: Tuning} }},
		{`unit "u": owner "model0" is not a data contributor`, func(in *Inputs) {
			in.Clusters.Units = []Unit{{ID: "u", Players: []string{"d00"}, Owners: []Owner{{"d00", 1}, {"model0", 1}}}}
		}},
		{`unit "u": owner "d00" has no part`, func(in *Inputs) {
			in.Clusters.Units = []Unit{{ID: "u", Players: []string{"d00"}, Owners: []Owner{{"d00", 0}}}}
		}},
		{`unit "u": player "ghost" is not in the scores`, func(in *Inputs) {
			in.Clusters.Units = []Unit{{ID: "u", Players: []string{"ghost"}, Owners: []Owner{{"d00", 1}}}}
		}},
		{`output "q001": promptBy: contributor "nobody" is not known`, func(in *Inputs) { in.Outputs.Outputs[1].PromptBy = "nobody" }},
		{`output "q001": reviewedBy: contributor "d00" has the role "data"`, func(in *Inputs) { in.Outputs.Outputs[1].ReviewedBy = []string{"d00"} }},
		{`output "q001": a reviewer is given twice`, func(in *Inputs) { in.Outputs.Outputs[1].ReviewedBy = []string{"review0", "review0"} }},
		{`output "q001": field "earned"`, func(in *Inputs) { in.Outputs.Outputs[1].Earned = "1.5" }},
		{`output "q001" earned`, func(in *Inputs) { in.Outputs.Outputs[1].Earned = "999999" }},
		{`output "q001" is in the scores but not among the outputs`, func(in *Inputs) { in.Outputs.Outputs = in.Outputs.Outputs[:1] }},
		{`output "extra" has no scores`, func(in *Inputs) { in.Outputs.Outputs = append(in.Outputs.Outputs, Output{ID: "extra", Earned: "1"}) }},
		{`estimator "oracle"`, func(in *Inputs) { in.Recipe.Estimator = "oracle" }},
		{"2 permutations", func(in *Inputs) { in.Recipe.Permutations = 2 }},
		{"bootstrap is 5", func(in *Inputs) { in.Recipe.Bootstrap = 5 }},
		{`exact "maybe"`, func(in *Inputs) { in.Recipe.Exact = "maybe" }},
		{"0 ≤ low ≤ value ≤ high ≤ 1", func(in *Inputs) { in.Recipe.MethodError = &MethodError{MethodErrorSchema, "m", 0.5, 0.6, 0.7, ""} }},
		{"from the future", func(in *Inputs) { in.Recipe.Schema = "attrib.recipe/9" }},
		{"an input is missing", func(in *Inputs) { in.Clusters = nil }},
		{"earned nothing", func(in *Inputs) {
			for i := range in.Outputs.Outputs {
				in.Outputs.Outputs[i].Earned = "0"
			}
			for i := range in.Scores.Outputs {
				in.Scores.Outputs[i].Earned.SetInt64(0)
			}
		}},
	} {
		in := testInputs(3, 3, 1, 1)
		c.change(&in)
		if _, err := Compute(ctx, in, seed, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestResultFilesAreReadStrictly(t *testing.T) {
	dir := t.TempDir()
	r := compute(t, testInputs(3, 2, 1, 1), 0)
	if err := WriteResult(dir, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, WeightsFile)
	data, _ := os.ReadFile(path)
	for from, to := range map[string]string{`"weight": "`: `"weight": "1`, `"id": "d00"`: `"id": "d01"`, `"low"`: `"lo"`} {
		os.WriteFile(path, bytes.Replace(data, []byte(from), []byte(to), 1), 0o644)
		if _, err := Read[Weights](path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", from, err)
		}
	}
	path = filepath.Join(dir, SharesFile)
	data, _ = os.ReadFile(path)
	for from, to := range map[string]string{`"share": 0.`: `"share": 0.9`, `"harm"`: `"hurt"`} {
		os.WriteFile(path, bytes.Replace(data, []byte(from), []byte(to), 1), 0o644)
		if _, err := Read[Shares](path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", from, err)
		}
	}
}
