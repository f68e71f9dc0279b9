package settle

import (
	"context"
	"fmt"

	"attrib/internal/strictjson"
)

// recompute derives every result from the inputs and compares it with the bundle's.
func (r *Report) recompute(ctx context.Context, files map[string][]byte, o VerifyOptions) error {
	complete := true
	for _, name := range append([]string{FileContributors, FilePolicy}, resultFiles...) {
		if files[name] == nil {
			r.add(name, "", "the file is missing")
			complete = false
		}
	}
	if !complete {
		return nil
	}
	seed, ok := r.checkSeed(files[FileSeed], o)
	if !ok {
		return nil
	}
	weights, err := r.checkWeights(ctx, files, seed, o.Compute)
	if err != nil || weights == nil {
		return err
	}
	r.checkEpoch(files, weights, o)
	return nil
}

// checkSeed derives the seed anew.
func (r *Report) checkSeed(data []byte, o VerifyOptions) (Seed, bool) {
	seed, err := readSeed(data)
	if err != nil {
		r.add(FileSeed, "", err.Error())
		return seed, false
	}
	want, err := seed.recompute(r.inputHash)
	if err != nil {
		r.add(FileSeed, "", err.Error())
		return seed, false
	}
	if o.SeedBlock != nil && seed.Source == SeedFromCommit {
		want = CommittedSeed(r.inputHash, seed.CommitBlock, *o.SeedBlock)
	}
	r.compare(FileSeed, data, want)
	switch {
	case seed.Source == SeedGiven:
		r.Unchecked = append(r.Unchecked, "the seed was given, not drawn from a block: whoever gave it may have tried many")
	case o.SeedBlock == nil:
		r.Unchecked = append(r.Unchecked, fmt.Sprintf("the hash of block %d, which the seed is made from: needs the chain", seed.CommitBlock+1))
	}
	return want, true
}

// checkWeights computes shares.json and weights.json and returns the weights that follow from the inputs.
func (r *Report) checkWeights(ctx context.Context, files map[string][]byte, seed Seed, compute Compute) ([]byte, error) {
	if compute == nil {
		r.Unchecked = append(r.Unchecked, "the way from the matrix to the weights: no computation was given")
		return files[FileWeights], nil
	}
	inputs := map[string][]byte{}
	for name, data := range files {
		if name != FileManifest && phaseOf(name) == PhaseInput {
			inputs[name] = data
		}
	}
	shares, weights, err := compute(ctx, inputs, seed.Bytes())
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		r.add(FileShares, "", "cannot be recomputed: "+err.Error())
		return nil, nil
	}
	r.against(FileShares, files[FileShares], shares)
	r.against(FileWeights, files[FileWeights], weights)
	return weights, nil
}

// checkEpoch settles anew from the weights that follow and compares amounts, totals and root.
func (r *Report) checkEpoch(files map[string][]byte, weights []byte, o VerifyOptions) {
	said, err := decodeEpoch(files[FileEpoch])
	if err != nil {
		r.add(FileEpoch, "", err.Error())
		return
	}
	previous, err := decodePrevious(files[FilePrevious])
	if err != nil {
		r.add(FilePrevious, "", err.Error())
		return
	}
	r.checkPrevious(previous, said, o)
	if o.Posted != nil {
		r.checkPosted(said, o.Posted)
	} else {
		r.Unchecked = append(r.Unchecked, "pool, root and totals against the ledger: needs the chain")
	}
	changed := map[string][]byte{FileContributors: files[FileContributors], FilePolicy: files[FilePolicy], FileWeights: weights}
	e, err := settleFiles(changed, Posting{said.Number, said.ChainID, said.Ledger, said.Token, said.Pool, Seed{}, previous})
	if err != nil {
		r.add(FilePayees, "", "cannot be recomputed: "+err.Error())
		return
	}
	e.InputHash, e.Evidence = r.inputHash, r.Evidence
	r.Epoch = e
	r.compare(FilePayees, files[FilePayees], encodePayees(e.Payees))
	r.compare(FileEpoch, files[FileEpoch], encodeEpoch(e))
}

// checkPrevious ties previous.json to the evidence hash that it names and that the verifier knows.
func (r *Report) checkPrevious(p *Previous, e *Epoch, o VerifyOptions) {
	if p == nil {
		if e.Number != 1 {
			r.add(FilePrevious, "/epoch", fmt.Sprintf("is 0 (no previous epoch), but this is epoch %d", e.Number))
		}
		if o.PreviousEvidence != nil {
			r.add(FilePrevious, "/evidence", fmt.Sprintf("the bundle says that there was no previous epoch, posted was %s", o.PreviousEvidence))
		}
		return
	}
	for _, err := range p.validate(e.ChainID, e.Ledger) {
		r.add(FilePrevious, "/root", err.Error())
	}
	leaf, err := p.payeesLeaf()
	if err != nil || !VerifyProof(p.Evidence, leaf, p.Proof) {
		r.add(FilePrevious, "/payees", "these payees are not proved to be those of evidence "+p.Evidence.Hex())
	}
	switch {
	case o.PreviousEvidence == nil:
		r.Unchecked = append(r.Unchecked, fmt.Sprintf("that evidence %s was posted for epoch %d: needs the chain", p.Evidence, p.Epoch))
	case *o.PreviousEvidence != p.Evidence:
		r.add(FilePrevious, "/evidence", fmt.Sprintf("the bundle says %s, posted was %s", p.Evidence, o.PreviousEvidence))
	}
}

// checkPosted compares what the bundle claims to have posted with what the ledger has.
func (r *Report) checkPosted(e *Epoch, p *Posted) {
	check := func(name string, got, want any) {
		if got != want {
			r.add(FileEpoch, "/"+name, fmt.Sprintf("the bundle says %v, the ledger has %v", got, want))
		}
	}
	check("number", e.Number, p.Number)
	check("chainId", e.ChainID, p.ChainID)
	check("contract", e.Ledger.Hex(), p.Ledger.Hex())
	check("token", e.Token.Hex(), p.Token.Hex())
	check("inputHash", r.inputHash.Hex(), p.InputHash.Hex())
	check("cumulativeTotal", e.CumulativeTotal.Dec(), orZero(p.CumulativeTotal).Dec())
	check("root", e.Root.Hex(), p.Root.Hex())
	check("leaves", e.Leaves, p.Leaves)
}

// compare holds a file of the bundle against the value it should be written from.
func (r *Report) compare(file string, got []byte, want any) {
	data, err := strictjson.Marshal(want)
	if err != nil {
		r.add(file, "", err.Error())
		return
	}
	r.against(file, got, data)
}

func (r *Report) against(file string, got, want []byte) {
	r.Findings = append(r.Findings, diffJSON(file, got, want)...)
	if r.derived != nil {
		r.derived[file] = want
	}
}
