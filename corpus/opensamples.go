package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"regexp"
	"slices"
)

var hashDigits = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (o *opener) readSamples() {
	sum := sha256.New()
	o.samplesFile = load(o, sampleTable, true, func(p place, s *Sample) { o.sample(p.named("sample", s.ID), s, sum) })
	sum.Sum(o.hash[:0])
	o.ids = nil
	if o.unclear[sampleTable.name] || o.unclear[contributorTable.name] {
		return
	}
	if o.Count(SplitTrain) == 0 {
		o.found.add(Problem{File: o.samplesFile, Text: `no sample has the split "train"`})
		return
	}
	for i, c := range o.Contributors {
		if c.Role == RoleData && o.samples[i] == 0 {
			o.places[i].bad("role", `is "data", but no sample of the split "train" names this contributor`)
		}
	}
}

// sample checks one line and keeps what later stages need of it.
func (o *opener) sample(p place, s *Sample, sum hash.Hash) {
	if err := checkID(s.ID); err != nil {
		p.bad("id", "%v", err)
	}
	if line, ok := o.ids.first(s.ID, p.line); ok && s.ID != "" {
		p.bad("id", "is given in line %d already", line)
	}
	if s.Split == "" {
		s.Split = SplitTrain
	}
	if !slices.Contains(Splits(), s.Split) {
		p.bad("split", "is %q, want one of %v", s.Split, Splits())
	}
	r := row{id: s.ID, label: label(p, s.Label), contributor: o.owner(p, s), split: s.Split, licence: o.licence(s.Licence)}
	if s.SHA256 == "" {
		o.unhashed++
	} else if !hashDigits.MatchString(s.SHA256) {
		p.bad("sha256", "is not 64 lower-case hexadecimal digits")
		s.SHA256 = ""
	}
	if f, ok := o.inspect(p, s.asset()); ok {
		r.hash = f.hash
		if f.kind == KindAbsent {
			hex.Decode(r.hash[:], []byte(s.SHA256)) // checked above
		} else if got := hex.EncodeToString(f.hash[:]); s.SHA256 != "" && s.SHA256 != got {
			p.bad("sha256", "the asset was edited: the file says %s, the content has %s", s.SHA256, got)
		}
	}
	o.rows.add(r)
	sum.Write(canonicalLine(s.ID, hex.EncodeToString(r.hash[:]), s.Label, s.Contributor, s.Licence, s.Split))
}

// label is −1 when there is none.
func label(p place, l *int32) int32 {
	if l == nil {
		return -1
	}
	if *l < 0 {
		p.bad("label", "is %d, but classes are counted from 0", *l)
	}
	return *l
}

// owner is the sample's contributor, −1 when there is none. A mistake here makes it unclear who has samples.
func (o *opener) owner(p place, s *Sample) int32 {
	bad := func(format string, args ...any) int32 {
		p.bad("contributor", format, args...)
		o.unclear[sampleTable.name] = true
		return -1
	}
	i, ok := o.index[s.Contributor]
	switch {
	case s.Contributor == "" && s.Split == SplitTrain:
		return bad("is missing: who is paid for it?")
	case s.Contributor == "" || !ok && o.unclear[contributorTable.name]:
		return -1
	case !ok:
		return bad("%q is not in the contributors file", s.Contributor)
	}
	if role := o.Contributors[i].Role; role != RoleData && role != RoleTuning && role != "" {
		return bad("%q has the role %q: samples belong to data or tuning contributors", s.Contributor, role)
	}
	if s.Split == SplitTrain {
		o.samples[i]++
	}
	return int32(i)
}

// licence is the place of a licence in Corpus.licences.
func (o *opener) licence(name string) int32 {
	i, ok := o.licenceAt[name]
	if !ok {
		i = int32(len(o.licences))
		o.licenceAt[name] = i
		o.licences = append(o.licences, name)
	}
	return i
}

// inspect reads an asset and holds its kind and width against the first one's. Bad assets are reported.
func (o *opener) inspect(p place, a asset) (facts, bool) {
	field, err := a.check()
	if err != nil {
		p.bad(field, "%v", err)
		return facts{}, false
	}
	f, err := a.inspect(o.root)
	if err != nil {
		p.bad("path", "%v", err)
		return facts{}, false
	}
	switch {
	case o.first == "":
		o.kind, o.width, o.first = f.kind, f.width, p.record
	case f.kind == KindAbsent && o.kind != KindAbsent:
		p.bad("content", "is missing, and there is no path, though %s has %s", o.first, o.kind)
	case f.kind != o.kind:
		p.bad(nameOf(a), "is %s, but %s is %s: a corpus holds one kind", f.kind, o.first, o.kind)
	case f.width != o.width:
		p.bad(nameOf(a), "has %d features, but %s has %d", f.width, o.first, o.width)
	}
	return f, true
}

func nameOf(a asset) string {
	if a.content != nil {
		return "content"
	}
	return "path"
}

// canonicalLine is a line of what a corpus hash covers: a JSON array and a newline.
func canonicalLine(fields ...any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(fields); err != nil {
		panic(err) // strings and numbers only
	}
	return buf.Bytes()
}
