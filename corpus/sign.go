package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/common"

	"attrib/internal/atomicfile"
	"attrib/internal/strictjson"
)

// SignOptions are the parts of a claim that the folder does not say.
type SignOptions struct {
	ChainID  uint64 // the chain the payout is on; needed
	Deadline uint64 // Unix seconds after which the claim is void; needed
	Nonce    uint64 // default: one more than that of the claim it replaces, or 1
	Licence  string // default: the one licence of the contributor's samples
}

// Validate reports all that is missing.
func (o SignOptions) Validate() error {
	var errs []error
	if o.ChainID == 0 {
		errs = append(errs, errors.New("a claim needs a chain id"))
	}
	if o.Deadline == 0 || o.Deadline > 1<<53 {
		errs = append(errs, fmt.Errorf("deadline %d: a claim needs one in Unix seconds, at most 2⁵³", o.Deadline))
	}
	return errors.Join(errs...)
}

// Sign makes a contributor's claim over the samples in the folder, has it signed, and puts it into the contributor's line,
// replacing an earlier one. When the line names a claim file the claim goes there and the line stays; a CSV file must
// name one. All other lines keep their bytes. Nothing is written unless the signature is the payout address's.
func Sign(dir, contributor string, by Signer, opts SignOptions) (*Claim, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	release, err := atomicfile.Lock(dir)
	if err != nil {
		return nil, err
	}
	defer release()
	c, found, err := read(dir, contributor)
	if err == nil {
		err = found.err()
	}
	if err != nil {
		return nil, err
	}
	i, ok := c.index[contributor]
	if !ok {
		return nil, fmt.Errorf("%s: there is no contributor %q", dir, contributor)
	}
	claim, err := c.newClaim(i, opts)
	if err == nil {
		err = claim.Sign(by)
	}
	if err == nil {
		err = c.putClaim(i, claim)
	}
	if err != nil {
		return nil, fmt.Errorf("sign for contributor %q: %w", contributor, err)
	}
	return claim, nil
}

// newClaim states what is in the folder, unsigned.
func (c *Corpus) newClaim(i int, opts SignOptions) (*Claim, error) {
	who, have := c.Contributors[i], c.holdings()[i]
	if have.bare != "" {
		return nil, fmt.Errorf("sample %q has neither content nor sha256: there is nothing to sign for", have.bare)
	}
	names := slices.Sorted(maps.Keys(have.licences))
	if opts.Licence == "" && len(names) == 1 {
		opts.Licence = names[0]
	}
	if len(names) > 1 || len(names) == 1 && names[0] != opts.Licence {
		return nil, fmt.Errorf("the samples are under %q and the claim under %q: a claim covers one licence", names, opts.Licence)
	}
	if opts.Nonce == 0 {
		opts.Nonce = 1
		if who.Claim != nil && who.Claim.Claim != nil {
			opts.Nonce = who.Claim.Claim.Nonce + 1
		}
	}
	return &Claim{Schema: ClaimSchema, Contributor: who.ID, Payout: common.HexToAddress(who.Address), ContentRoot: Root(have.hashes),
		Licence: opts.Licence, Nonce: opts.Nonce, Deadline: opts.Deadline, ChainID: opts.ChainID}, nil
}

// putClaim writes the claim where the contributor's line has or wants it.
func (c *Corpus) putClaim(i int, claim *Claim) error {
	who, at := c.Contributors[i], c.places[i]
	switch {
	case who.Claim != nil && who.Claim.Path != "":
		return c.writeClaimFile(who.Claim.Path, claim)
	case strings.HasSuffix(at.file, ".csv"):
		return fmt.Errorf("%s:%d: fill in the column \"claim\" with the path the claim is to have, such as claims/NAME.json, and sign again", at.file, at.line)
	}
	who.Claim = &ClaimRef{Claim: claim}
	line, err := jsonLine(who)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(at.file)
	if err != nil {
		return err
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	lines[at.line-1] = line
	return atomicfile.WriteBytes(at.file, bytes.Join(lines, nil))
}

// writeClaimFile writes inside the folder only: a link on the way may not lead out of it.
func (c *Corpus) writeClaimFile(name string, claim *Claim) error {
	if err := checkPath(name); err != nil {
		return err
	}
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(name)), 0o755); err != nil {
		return fmt.Errorf("%q: %w", name, inside(err))
	}
	return strictjson.WriteFile(filepath.Join(c.dir, filepath.FromSlash(name)), claim)
}
