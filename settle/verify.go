package settle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
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
	Compute          Compute      // nil: weights.json is taken as it is
	Posted           *Posted      // nil, or the ledger's record of the epoch
	PreviousEvidence *common.Hash // nil, or the evidence hash that was posted for the previous epoch
	SeedBlock        *common.Hash // nil, or the hash of the block after the commit
	Unposted         bool         // no evidence hash is known: the bundle is held against itself only
}

// Report is the outcome of a verification.
type Report struct {
	Evidence  common.Hash // computed from the files
	Authentic bool        // the files are those that the posted evidence hash stands for
	Epoch     *Epoch      // recomputed; nil when the files did not allow it
	Findings  []Finding   // in the order of derivation; empty: the bundle holds
	Unchecked []string    // what was taken on trust, in words

	inputHash common.Hash       // of the files
	trusted   []Entry           // of the manifest that gives the posted hash, where it is not that of the files
	derived   map[string][]byte // nil, or result files as recomputed
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
// The zero hash is a hash like any other; that none is known is said by o.Unposted.
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
	if !r.authenticate(files, evidence, o) {
		return r, r.explain(ctx, files, o)
	}
	err = r.recompute(ctx, files, o)
	return r, err
}

// explain adds to findings about derived fields what was posted: the value that recomputation gives, where it has the
// posted hash. Only with the posted inputs can it be recomputed.
func (r *Report) explain(ctx context.Context, files map[string][]byte, o VerifyOptions) error {
	for _, f := range r.Findings {
		if phaseOf(f.File) != PhaseResult || f.Field == "" {
			return nil
		}
	}
	if r.trusted == nil {
		return nil
	}
	again := &Report{inputHash: r.inputHash, derived: map[string][]byte{}}
	if err := again.recompute(ctx, files, o); err != nil {
		return err
	}
	posted := byFile(r.trusted)
	for i, f := range r.Findings {
		fields, _ := fieldsOf(f.File, again.derived[f.File])
		for _, x := range fields {
			if x.pointer == f.Field && entryHash(f.File, x.pointer, x.value) == posted[f.File][x.pointer].Hash {
				r.Findings[i].Detail += ", posted and recomputed: " + show(x.value)
			}
		}
	}
	return nil
}

// authenticate compares files, manifest and posted hash, and says whether it makes sense to recompute.
func (r *Report) authenticate(files map[string][]byte, posted common.Hash, o VerifyOptions) bool {
	want, broken := manifestOf(files)
	r.Evidence, _ = entriesRoot(want.Entries, "")
	r.inputHash = common.HexToHash(want.InputHash)
	text, err := strictjson.Marshal(want)
	if err != nil {
		r.add(FileManifest, "", "cannot be made: "+err.Error())
		return false
	}
	for _, file := range sortedKeys(broken) {
		if r.Evidence == posted || o.Unposted {
			r.add(file, "", "cannot be read: "+broken[file].Error())
		}
	}
	if files[FileManifest] == nil {
		r.add(FileManifest, "", "the file is missing")
	}
	switch {
	case r.Evidence == posted && !o.Unposted:
		r.Authentic = true
		r.manifestAgainst(files[FileManifest], text, want)
		return len(broken) == 0
	case o.Unposted:
		r.Unchecked = append(r.Unchecked, "the evidence hash: none was given, so the bundle may be another than the posted one")
	}
	if files[FileManifest] == nil {
		if !o.Unposted {
			r.add(FileManifest, "", fmt.Sprintf("without it the field that differs cannot be named; the files give evidence hash %s, not the posted %s", r.Evidence, posted))
		}
		return false
	}
	return r.filesAgainst(files, posted, want, broken, o) && len(broken) == 0
}

// manifestAgainst names what was changed in a manifest whose files are the posted ones.
func (r *Report) manifestAgainst(got, text []byte, want Manifest) {
	if got == nil || bytes.Equal(got, text) {
		return
	}
	if len(got) == 0 {
		r.add(FileManifest, "", "the file is empty")
		return
	}
	found := diffJSON(FileManifest, got, text)
	var has Manifest
	_ = strictjson.Unmarshal(got, &has) // only to name an entry that was inserted
	for i := range found {
		m := want
		if found[i].Detail == insertedHere {
			m = has
		}
		found[i].Detail = aboutEntry(found[i].Field, m) + found[i].Detail
	}
	if len(found) == 0 {
		found = []Finding{{File: FileManifest, Detail: "its bytes differ from those that Seal writes, though no field does (formatting)"}}
	}
	r.Findings = append(r.Findings, found...)
}

// aboutEntry says which file and field an entry of the manifest is about.
func aboutEntry(pointer string, m Manifest) string {
	index, inside := strings.CutPrefix(pointer, "/entries/")
	index, _, _ = strings.Cut(index, "/")
	i, err := strconv.Atoi(index)
	if !inside || err != nil || i < 0 || i >= len(m.Entries) {
		return ""
	}
	e := m.Entries[i]
	if e.Field == "" {
		return fmt.Sprintf("(the entry of %s) ", e.File)
	}
	return fmt.Sprintf("(the entry of %s: %s) ", e.File, Readable(e.Field))
}

// filesAgainst names what differs between manifest and files when the files are not the posted ones.
func (r *Report) filesAgainst(files map[string][]byte, posted common.Hash, want Manifest, broken map[string]error, o VerifyOptions) bool {
	var m Manifest
	if len(files[FileManifest]) == 0 {
		r.add(FileManifest, "", "the file is empty")
		return false
	}
	if err := strictjson.Unmarshal(files[FileManifest], &m); err != nil {
		r.add(FileManifest, "", err.Error())
		return false
	}
	root, err := entriesRoot(m.Entries, "")
	if err == nil && root == posted && !o.Unposted {
		r.trusted = m.Entries
	}
	found := diffEntries(m.Entries, want.Entries, files, broken)
	r.Findings = append(r.Findings, found...)
	if !o.Unposted && root != posted {
		gives := root.Hex()
		if err != nil {
			gives = "none (" + err.Error() + ")"
		}
		r.add(FileManifest, "", r.another(gives, posted, files[FileEpoch], o.Posted))
	}
	if m.InputHash != want.InputHash && len(r.Findings) == 0 {
		r.add(FileManifest, "/inputHash", fmt.Sprintf("the bundle says %q, the files give %s", m.InputHash, want.InputHash))
	}
	if len(r.Findings) == 0 && len(m.Entries) != len(want.Entries) {
		r.add(FileManifest, "/entries", fmt.Sprintf("has %d entries, the files give %d: some are listed twice", len(m.Entries), len(want.Entries)))
	}
	return len(found) == 0
}

// another says that the manifest is that of another bundle, and what is known of how it differs: hashes of other
// fields name no field, but inputs that are not those of the commit give themselves away.
func (r *Report) another(gives string, posted common.Hash, epoch []byte, ledger *Posted) string {
	text := fmt.Sprintf("this is not the posted bundle: its manifest gives evidence hash %s, the files give %s, posted is %s; which field was changed cannot be told from the hashes of another bundle", gives, r.Evidence, posted)
	committed, by := common.Hash{}, "the ledger"
	if ledger != nil {
		committed = ledger.InputHash
	} else if e, err := decodeEpoch(epoch); err == nil {
		committed, by = e.InputHash, FileEpoch
	} else {
		return text
	}
	if committed != r.inputHash {
		return text + fmt.Sprintf("; an input file is among the changed ones: the input files give input hash %s, committed was %s (by %s)", r.inputHash, committed, by)
	}
	return text + fmt.Sprintf("; the input files give the input hash that %s says was committed", by)
}

func (r *Report) add(file, pointer, detail string) {
	r.Findings = append(r.Findings, Finding{File: file, Field: pointer, Detail: detail})
}
