package truth

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"

	"attrib/train"
)

var (
	hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
	nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

const maxSeed = 1<<53 - 1

// Validate reports every problem together, each with the name of its field or tensor.
func (t *Truth) Validate() error {
	bad := t.describe()
	for i := range t.Parts {
		if err := t.checkPart(&t.Parts[i]); err != nil {
			bad = append(bad, err)
		}
	}
	bad = append(bad, t.checkNames(), t.checkStarts())
	return errors.Join(bad...)
}

// describe checks what is not of a part.
func (t *Truth) describe() (bad []error) {
	say := func(field, format string, args ...any) {
		bad = append(bad, fmt.Errorf("field "+field+": "+format, args...))
	}
	if t.Source == "" || t.Arithmetic == "" {
		say("source, arithmetic", "%q and %q, want both said", t.Source, t.Arithmetic)
	}
	if err := t.Model.Validate(); err != nil {
		say("model", "%w", err)
	}
	for name, h := range map[string]string{"data": t.Data, "queries": t.Queries} {
		if !hashForm.MatchString(h) {
			say(name, "%q is not a SHA-256 in hexadecimal", h)
		}
	}
	if t.Removal != WeightZero {
		say("removal", "%q is not %s", t.Removal, WeightZero)
	}
	if _, err := Objective(t.Measurement); err != nil {
		say("measurement", "%w", err)
	} else if t.Measurement != MinusLoss && t.Model.Loss != train.CrossEntropy {
		say("measurement", "%s needs probabilities, and the model's loss is %s", t.Measurement, t.Model.Loss)
	}
	for field, ids := range map[string][]string{"samples": t.Samples, "outputs": t.Outputs} {
		if err := unique(ids); err != nil {
			say(field, "%w", err)
		}
	}
	if err := t.checkGroups(); err != nil {
		bad = append(bad, err)
	}
	slices.SortFunc(bad, func(a, b error) int { return compare(a.Error(), b.Error()) })
	return bad
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func unique(ids []string) error {
	if len(ids) == 0 {
		return errors.New("there are none")
	}
	seen := make(map[string]int, len(ids))
	for i, id := range ids {
		if j, ok := seen[id]; ok {
			return fmt.Errorf("rows %d and %d are both %q", j, i, id)
		}
		seen[id] = i
	}
	return nil
}

func (t *Truth) checkGroups() error {
	switch t.By {
	case BySample:
		if len(t.Groups) > 0 || len(t.Group) > 0 {
			return errors.New("field groups: given, although single samples are removed")
		}
		return nil
	case ByContributor:
	default:
		return fmt.Errorf("field by: %q is not %s or %s", t.By, BySample, ByContributor)
	}
	if err := unique(t.Groups); err != nil {
		return fmt.Errorf("field groups: %w", err)
	}
	if len(t.Group) != len(t.Samples) {
		return fmt.Errorf("field group: %d entries for %d samples", len(t.Group), len(t.Samples))
	}
	for i, g := range t.Group {
		if g < -1 || int(g) >= len(t.Groups) {
			return fmt.Errorf("field group: sample %d is of group %d of %d", i, g, len(t.Groups))
		}
	}
	return nil
}

// checkNames wants parts, each of a name of its own.
func (t *Truth) checkNames() error {
	if len(t.Parts) == 0 {
		return errors.New("field parts: there are none")
	}
	seen := map[string]bool{}
	for _, p := range t.Parts {
		if seen[p.Name] {
			return fmt.Errorf("field parts: two are named %q", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

func (t *Truth) checkPart(p *Part) error {
	var bad []error
	say := func(format string, args ...any) {
		bad = append(bad, fmt.Errorf("part "+p.Name+": "+format, args...))
	}
	n := len(t.Samples)
	m := p.Subsets(n)
	if !nameForm.MatchString(p.Name) {
		say("%q is not a name of letters, digits, dots, dashes and underscores", p.Name)
	}
	if err := CheckSeeds(p.Seeds); err != nil {
		say("field seeds: %w", err)
	}
	if m == 0 || len(p.Keep) != m*n {
		say("tensor keep.%s has %d values, want subsets of %d samples", p.Name, len(p.Keep), n)
		return errors.Join(bad...)
	}
	if err := bits(p.Keep, n); err != nil {
		say("tensor keep.%s: %w", p.Name, err)
	}
	if err := t.checkRemoved(p, m); err != nil {
		say("%w", err)
	}
	if len(p.Values) != len(p.Seeds) || p.Params != nil && len(p.Params) != len(p.Seeds) {
		say("values of %d and parameters of %d seeds, want those of %d", len(p.Values), len(p.Params), len(p.Seeds))
		return errors.Join(bad...)
	}
	for s, v := range p.Values {
		if err := finite(v, m, len(t.Outputs)); err != nil {
			say("tensor %s: %w", t.valuesName(p, s), err)
		}
		if p.Params != nil && len(p.Params[s]) != 32*m {
			say("tensor %s: %d bytes for %d models", paramsName(p, s), len(p.Params[s]), m)
		}
	}
	return errors.Join(bad...)
}

// checkRemoved holds the part removed against the subsets, and coalitions against the samples they keep.
func (t *Truth) checkRemoved(p *Part, m int) error {
	if !(p.Removed > 0 && p.Removed < 1) {
		return fmt.Errorf("field removed: %v is not between 0 and 1", p.Removed)
	}
	of, rows := len(t.Samples), p.Keep
	if t.By == ByContributor {
		of, rows = len(t.Groups), p.Coalition
		if err := t.checkCoalitions(p, m); err != nil {
			return err
		}
	} else if p.Coalition != nil {
		return fmt.Errorf("tensor coalition.%s is given, although single samples are removed", p.Name)
	}
	if mean := meanZeros(rows, m); math.Abs(mean-p.Removed*float64(of)) > .5+1e-6 {
		return fmt.Errorf("field removed: %v of %d would be %.1f, and the subsets remove %.1f", p.Removed, of, p.Removed*float64(of), mean)
	}
	return nil
}

func (t *Truth) checkCoalitions(p *Part, m int) error {
	n, k := len(t.Samples), len(t.Groups)
	if len(p.Coalition) != m*k || len(t.Group) != n {
		return fmt.Errorf("tensor coalition.%s has %d values, want %d×%d", p.Name, len(p.Coalition), m, k)
	}
	if err := bits(p.Coalition, k); err != nil {
		return fmt.Errorf("tensor coalition.%s: %w", p.Name, err)
	}
	for r := range m {
		for i, g := range t.Group {
			want := uint8(1)
			if g >= 0 && int(g) < k {
				want = p.Coalition[r*k+int(g)]
			}
			if p.Keep[r*n+i] != want {
				return fmt.Errorf("tensor keep.%s: subset %d, sample %d has weight %d, its contributor %d", p.Name, r, i, p.Keep[r*n+i], want)
			}
		}
	}
	return nil
}

// meanZeros is the mean number of zeros in a row.
func meanZeros(rows []uint8, m int) float64 {
	zeros := 0
	for _, v := range rows {
		if v == 0 {
			zeros++
		}
	}
	return float64(zeros) / float64(m)
}

func bits(v []uint8, cols int) error {
	for i, x := range v {
		if x > 1 {
			return fmt.Errorf("row %d, column %d is %d, want 0 or 1", i/cols, i%cols, x)
		}
	}
	return nil
}

func finite(v []float32, rows, cols int) error {
	if len(v) != rows*cols {
		return fmt.Errorf("%d values, want %d×%d", len(v), rows, cols)
	}
	for i, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("subset %d, output %d is %v", i/cols, i%cols, x)
		}
	}
	return nil
}

// CheckSeeds wants at least one training seed, none twice, each from 0 to 2⁵³−1.
func CheckSeeds(seeds []int64) error {
	if len(seeds) == 0 {
		return errors.New("no training seed is given")
	}
	seen := map[int64]bool{}
	for _, s := range seeds {
		switch {
		case s < 0 || s > maxSeed:
			return fmt.Errorf("seed %d is not between 0 and 2⁵³−1", s)
		case seen[s]:
			return fmt.Errorf("seed %d is given twice", s)
		}
		seen[s] = true
	}
	return nil
}

func (t *Truth) checkStarts() error {
	if err := t.checkInitial(t.Initial); err != nil {
		return fmt.Errorf("tensors initial.%s: %w", allSeeds, err)
	}
	for seed, s := range t.Starts {
		if err := t.checkInitial(s.Initial); err != nil {
			return fmt.Errorf("tensors initial.%d: %w", seed, err)
		}
		if s.Order != nil && len(s.Order) != t.Model.Epochs {
			return fmt.Errorf("tensor order.%d: %d epochs, want %d", seed, len(s.Order), t.Model.Epochs)
		}
		for e, order := range s.Order {
			if err := permutation(order, len(t.Samples)); err != nil {
				return fmt.Errorf("tensor order.%d: epoch %d: %w", seed, e, err)
			}
		}
	}
	return nil
}

// checkInitial holds initial parameters against a model that lists its layers.
func (t *Truth) checkInitial(p train.Params) error {
	if p == nil || t.Model.Builder != "" {
		return nil
	}
	net, err := train.NewNetwork(t.Model)
	if err != nil {
		return err
	}
	_, err = p.Match(net.Specs())
	return err
}

func permutation(order []int, n int) error {
	seen := make([]bool, n)
	for i, v := range order {
		if v < 0 || v >= n || seen[v] {
			return fmt.Errorf("place %d: sample %d is outside the %d samples or visited twice", i, v, n)
		}
		seen[v] = true
	}
	if len(order) != n {
		return fmt.Errorf("%d of %d samples are visited", len(order), n)
	}
	return nil
}
