package settle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"

	"attrib/internal/strictjson"
)

// Compute derives shares.json and weights.json from the input files of a bundle, given by name, and the seed. It must
// give the same bytes on every machine for integers, strings and order.
type Compute func(ctx context.Context, inputs map[string][]byte, seed [32]byte) (shares, weights []byte, err error)

// Posted is what the ledger says about an epoch.
type Posted struct {
	Number, ChainID uint64
	Ledger, Token   common.Address
	Root, InputHash common.Hash
	CumulativeTotal *uint256.Int
	Leaves          uint32
}

// VerifyOptions says what a bundle is verified against. What is left out is reported in Report.Unchecked.
type VerifyOptions struct {
	Compute          Compute     // nil: weights.json is taken as it is
	Posted           *Posted     // the ledger's record of the epoch
	PreviousEvidence common.Hash // evidence hash that was posted for the previous epoch
	SeedBlock        common.Hash // hash of the block after the commit
}

// Report is the outcome of a verification.
type Report struct {
	Evidence  common.Hash // computed from the files
	Authentic bool        // the files are those that the posted evidence hash stands for
	Epoch     *Epoch      // recomputed; nil when the files did not allow it
	Findings  []Finding   // in the order of derivation; empty: the bundle holds
	Unchecked []string    // what was taken on trust, in words

	inputHash common.Hash // of the files
}

// ErrMismatch says that a bundle is not what was posted or does not follow from its inputs. The command line exits
// with 4 for it.
var ErrMismatch = errors.New("verification failed")

// maxReported bounds the findings that Report.Err spells out.
const maxReported = 20

// Err is nil when nothing was found; else ErrMismatch with the findings, the first of which is the cause to look at.
func (r *Report) Err() error {
	if len(r.Findings) == 0 {
		return nil
	}
	lines := make([]string, 0, maxReported+1)
	for i, f := range r.Findings {
		if i == maxReported {
			lines = append(lines, fmt.Sprintf("and %d more", len(r.Findings)-i))
			break
		}
		lines = append(lines, f.String())
	}
	return fmt.Errorf("%w: %s", ErrMismatch, strings.Join(lines, "\n"))
}

// Verify authenticates the bundle in dir against the posted evidence hash and recomputes it from its inputs. A
// mismatch is in the report; an error means that no verdict was reached (the folder cannot be read, the computation
// was interrupted).
//
// First the files: when the manifest's entries give the posted hash, every file and field that differs from them is
// named; when the files give it, the manifest itself was changed and its field is named; when neither does, it is
// another bundle. Then, where manifest and files agree, the derivation: seed, shares, weights, amounts, tree, root.
// So a bundle that was altered and hashed anew is still found out, by the first derived field that differs.
func Verify(ctx context.Context, dir string, evidence common.Hash, o VerifyOptions) (*Report, error) {
	files, odd, err := readBundle(dir)
	if err != nil {
		return nil, err
	}
	r := &Report{Findings: odd}
	if !r.authenticate(files, evidence) {
		return r, nil
	}
	err = r.recompute(ctx, files, o)
	return r, err
}

// authenticate compares files, manifest and posted hash, and says whether it makes sense to recompute.
func (r *Report) authenticate(files map[string][]byte, posted common.Hash) bool {
	want, broken := manifestOf(files)
	r.Evidence, _ = entriesRoot(want.Entries, "")
	r.inputHash = common.HexToHash(want.InputHash)
	text, err := strictjson.Marshal(want)
	if err != nil {
		r.add(FileManifest, "", "cannot be made: "+err.Error())
		return false
	}
	for _, file := range sortedKeys(broken) {
		if r.Evidence == posted || posted == (common.Hash{}) {
			r.add(file, "", "cannot be read: "+broken[file].Error())
		}
	}
	if files[FileManifest] == nil {
		r.add(FileManifest, "", "the file is missing")
	}
	switch {
	case r.Evidence == posted:
		r.Authentic = true
		r.manifestAgainst(files[FileManifest], text, want)
		return len(broken) == 0
	case posted == (common.Hash{}):
		r.Unchecked = append(r.Unchecked, "the evidence hash: none was given, so the bundle may be another than the posted one")
	}
	if files[FileManifest] == nil {
		if posted != (common.Hash{}) {
			r.add(FileManifest, "", fmt.Sprintf("without it the field that differs cannot be named; the files give evidence hash %s, not the posted %s", r.Evidence, posted))
		}
		return false
	}
	return r.filesAgainst(files[FileManifest], posted, want, broken) && len(broken) == 0
}

// manifestAgainst names what was changed in a manifest whose files are the posted ones.
func (r *Report) manifestAgainst(got, text []byte, want Manifest) {
	if got == nil || bytes.Equal(got, text) {
		return
	}
	found := diffJSON(FileManifest, got, text)
	for i := range found {
		found[i].Detail = r.aboutEntry(found[i].Field, want) + found[i].Detail
	}
	if len(found) == 0 {
		found = []Finding{{File: FileManifest, Detail: "its bytes differ from those that Seal writes, though no field does (formatting)"}}
	}
	r.Findings = append(r.Findings, found...)
}

// aboutEntry says which file and field an entry of the manifest is about.
func (r *Report) aboutEntry(pointer string, m Manifest) string {
	var i int
	if _, err := fmt.Sscanf(pointer, "/entries/%d/", &i); err != nil || i < 0 || i >= len(m.Entries) {
		return ""
	}
	e := m.Entries[i]
	if e.Field == "" {
		return fmt.Sprintf("(the entry of %s) ", e.File)
	}
	return fmt.Sprintf("(the entry of %s: %s) ", e.File, Readable(e.Field))
}

// filesAgainst names what differs between manifest and files when the files are not the posted ones.
func (r *Report) filesAgainst(manifest []byte, posted common.Hash, want Manifest, broken map[string]error) bool {
	var m Manifest
	if err := strictjson.Unmarshal(manifest, &m); err != nil {
		r.add(FileManifest, "", err.Error())
		return false
	}
	root, err := entriesRoot(m.Entries, "")
	if err != nil {
		root = common.Hash{}
	}
	r.Findings = append(r.Findings, diffEntries(m.Entries, want.Entries, broken)...)
	if posted != (common.Hash{}) && root != posted {
		r.add(FileManifest, "", fmt.Sprintf("this is not the posted bundle: its manifest gives evidence hash %s, the files give %s, posted is %s", root, r.Evidence, posted))
	}
	if m.InputHash != want.InputHash && len(r.Findings) == 0 {
		r.add(FileManifest, "/inputHash", fmt.Sprintf("the bundle says %q, the files give %s", m.InputHash, want.InputHash))
	}
	return len(diffEntries(m.Entries, want.Entries, broken)) == 0
}

func (r *Report) add(file, pointer, detail string) {
	r.Findings = append(r.Findings, Finding{file, pointer, detail})
}
