package cli

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/holiman/uint256"

	"attrib/internal/scenario"
	"attrib/internal/strictjson"
	"attrib/settle"
	"attrib/settle/chain"
	"attrib/settle/embedded"
)

// startChain serves the embedded chain, makes a ledger on it and funds it with what the outputs earned.
func (d *demo) startChain(ctx context.Context) (string, error) {
	c, err := embedded.New(embedded.Options{})
	if err != nil {
		return "", err
	}
	serving, stop := context.WithCancel(ctx)
	server, err := c.Serve(serving, "127.0.0.1:0")
	if err != nil {
		stop()
		c.Close()
		return "", err
	}
	d.made.chain, d.made.stop, d.made.url, d.made.served = c, stop, server.URL, server
	if err := d.writeKeys(); err != nil {
		return "", err
	}
	d.says = append(d.says, "attrib chain --keys "+d.path("keys")+" & sleep 3")
	return d.makeLedger(ctx)
}

func (d *demo) stopChain() {
	if d.made.chain == nil {
		return
	}
	d.made.stop()
	_ = d.made.served.Wait()
	_ = d.made.chain.Close()
	d.made.chain = nil
}

// writeKeys writes the public test keys of the development accounts and of the contributors.
func (d *demo) writeKeys() error {
	if err := writeKeys(d.path("keys")); err != nil {
		return err
	}
	for _, p := range d.made.corpus.Contributors {
		text := hex.EncodeToString(crypto.FromECDSA(scenario.Key(p.ID)))
		if err := writeKey(d.path("keys", p.ID+".key"), text); err != nil {
			return err
		}
	}
	return nil
}

// flags are the flags of a settle command signed by a key of the keys folder.
func (d *demo) flags(key string) chainFlags {
	return chainFlags{keyFlags: keyFlags{File: d.path("keys", key+".key")}, RPC: d.made.url, Ledger: d.path("ledger.json"), Confirmations: 1, Dev: true}
}

func (d *demo) makeLedger(ctx context.Context) (string, error) {
	window := 24 * time.Hour
	o := deployOptions{chainFlags: d.flags("dev0"), Token: zeroToken, Arbiter: embedded.Account(1).Hex(), Window: window, Resolution: window,
		Expiry: "2126-01-01T00:00:00Z", Bond: "10000000000000000", Reward: "10000000000000000"}
	d.say("settle deploy --key-file %s --arbiter %s --window 24h --ledger %s --dev", o.File, o.Arbiter, o.Ledger)
	deployment, err := runDeploy(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	client, _, err := o.open(ctx, true)
	if err != nil {
		return "", err
	}
	defer client.Close()
	pool, _ := uint256.FromBig(d.made.corpus.Earned())
	d.say("settle fund --key-file %s --ledger %s --amount %s --dev", o.File, o.Ledger, pool.Dec())
	if _, err := client.Fund(ctx, pool); err != nil {
		return "", err
	}
	d.say("settle stake --key-file %s --ledger %s --amount %s --dev", o.File, o.Ledger, o.Reward)
	if _, err := client.Stake(ctx, uint256.MustFromDecimal(o.Reward)); err != nil {
		return "", err
	}
	d.result.Contract, d.result.ChainID, d.result.Pool = deployment.Contract, deployment.ChainID, pool.Dec()
	return fmt.Sprintf("ledger %s holds the %s that the outputs earned", deployment.Contract, pool.Dec()), nil
}

// commit fixes the inputs on chain before the seed exists.
func (d *demo) commit(ctx context.Context) (string, error) {
	o := d.valueOptions()
	o.Prepare = true
	d.say("%s --prepare", d.valueCommand(o))
	r, err := runValue(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	c := commitOptions{chainFlags: d.flags("dev0"), Value: o.Out}
	d.say("settle commit --key-file %s --ledger %s --value %s --dev", c.File, c.Ledger, c.Value)
	seed, err := runCommit(ctx, d.env, c)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("inputs %s… fixed in block %d, before anybody can know the seed", r.InputHash[:10], seed.CommitBlock), nil
}

func (d *demo) post(ctx context.Context) (string, error) {
	o := postOptions{chainFlags: d.flags("dev0"), Value: d.path("value"), Pool: d.result.Pool, Accept: d.opt.Seed != ""}
	o.stage = d.sub("epoch-1", "settle post", map[string]string{"value": o.Value, "pool": o.Pool, "ledger": o.Ledger})
	accept := ""
	if o.Accept {
		accept = " --accept-warnings"
	}
	d.say("settle post --key-file %s --ledger %s --value %s --pool %s --out %s --dev%s", o.File, o.Ledger, o.Value, o.Pool, o.Out, accept)
	r, err := runPost(ctx, d.env, o)
	if err != nil {
		return "", err
	}
	d.made.post, d.result.Root, d.result.EvidenceHash = r, r.Root, r.EvidenceHash
	return fmt.Sprintf("root %s… for %d payees", r.Root[:10], r.Payees), nil
}

func (d *demo) finalise(ctx context.Context) (string, error) {
	f := d.flags("dev0")
	d.say("settle finalise --key-file %s --ledger %s --epoch 1 --dev", f.File, f.Ledger)
	client, _, err := f.open(ctx, true)
	if err != nil {
		return "", err
	}
	defer client.Close()
	_, err = finalise(ctx, client, 1)
	return "nobody challenged it in its window of 24 hours, which the embedded chain lets pass", err
}

// claim gives every payee gas money and lets each claim with its own key.
func (d *demo) claim(ctx context.Context) (string, error) {
	dir := filepath.Join(d.path("epoch-1"), evidenceDir)
	epoch, err := settle.Load(dir)
	if err != nil {
		return "", err
	}
	if err := d.sendGas(ctx, payable(epoch)); err != nil {
		return "", err
	}
	d.made.paid = map[string]*big.Int{}
	show := d.env.progress("claim", "payees")
	for i, p := range epoch.Payees {
		d.made.paid[p.ID] = new(big.Int)
		if p.Cumulative.IsZero() {
			continue
		}
		results, err := runClaim(ctx, d.env, claimOptions{chainFlags: d.flags(p.ID), Evidence: dir})
		if err != nil {
			return "", err
		}
		d.made.paid[p.ID].SetString(results[0].Amount, 10)
		show(int64(i+1), int64(len(epoch.Payees)))
	}
	d.say("settle claim --key-file %s --ledger %s --evidence %s --dev    # and so on for each", d.path("keys", epoch.Payees[0].ID+".key"), d.path("ledger.json"), dir)
	return fmt.Sprintf("%d payees claimed with their own keys", len(payable(epoch))), nil
}

func (d *demo) sendGas(ctx context.Context, accounts []common.Address) error {
	client, _, err := d.flags("dev0").open(ctx, true)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, a := range accounts {
		call := chain.Call{Operation: "gas", Words: "send gas money to " + a.Hex(), To: &a, Value: big.NewInt(1e16)}
		if _, err := client.Send(ctx, call, nil); err != nil {
			return err
		}
	}
	return nil
}

// verify checks the posted root in a process that knows the evidence folder and what is on chain, and nothing else.
func (d *demo) verify(ctx context.Context) (string, error) {
	client, _, err := d.flags("dev0").open(ctx, false)
	if err != nil {
		return "", err
	}
	defer client.Close()
	posted, err := client.PostedEpoch(ctx, 1)
	if err != nil {
		return "", err
	}
	args := []string{"verify", filepath.Join(d.path("epoch-1"), evidenceDir), "--evidence-hash", posted.Evidence.Hex(), "--root", posted.Root.Hex()}
	d.say("%s", strings.Join(args, " "))
	d.result.Verified, err = d.env.verifyApart(ctx, args)
	d.fillContributors()
	return "recomputed in a process of its own from the evidence and the posted hash", err
}

// verifyApart runs attrib verify as a process of its own where this process is the program, and here in tests.
func (e *env) verifyApart(ctx context.Context, args []string) (bool, error) {
	args = append(args, "--json", "--quiet")
	var out strings.Builder
	if e.self == "" {
		code := Run(ctx, args, &out, e.err, e.registry)
		if code != exitOK {
			return false, fmt.Errorf("attrib verify ended with exit code %d", code)
		}
	} else {
		cmd := exec.CommandContext(ctx, e.self, args...)
		cmd.Stdout, cmd.Stderr = &out, e.err
		cmd.Env = os.Environ()
		if err := cmd.Run(); err != nil {
			return false, fmt.Errorf("attrib verify: %w", err)
		}
	}
	var r VerifyResult
	if err := strictjson.Unmarshal([]byte(out.String()), &r); err != nil {
		return false, err
	}
	return r.Verified, nil
}
