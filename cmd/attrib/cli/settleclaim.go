package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/spf13/cobra"

	"attrib/settle"
	"attrib/settle/chain"
)

type claimOptions struct {
	chainFlags
	Evidence string
	Account  string
	To       string
	Deadline string
	All      bool
}

// ClaimResult is one payment, or the finding that nothing was left to pay.
type ClaimResult struct {
	SendResult
	ID         string `json:"id"`
	Account    string `json:"account"`
	Recipient  string `json:"recipient"`
	Amount     string `json:"amount"`
	Cumulative string `json:"cumulative"`
}

func newClaim(e *env) *cobra.Command {
	var o claimOptions
	cmd := &cobra.Command{
		Use:   "claim",
		Short: "Claim what an account is owed, for oneself or for others",
		Long: `Presents an account's proof to the ledger, which pays the account, whoever sends. --to pays another recipient and
needs the account's own key. --all claims for every payee of the epoch.`,
		Example: "  attrib settle claim --ledger ledger.json --key-file ada.key --evidence out/epoch-1/evidence --dev",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			results, err := runClaim(cmd.Context(), e, o)
			if err != nil || results == nil {
				return err
			}
			return e.print(map[string]any{"schema": "attrib.claim-result/1", "claims": results}, func(w io.Writer) { printClaims(w, results) })
		},
	}
	o.register(cmd, true)
	f := cmd.Flags()
	f.StringVar(&o.Evidence, "evidence", "", "evidence folder of the finalised epoch")
	f.StringVar(&o.Account, "account", "", "default: the key's address")
	f.StringVar(&o.To, "to", "", "pay this address instead (needs the account's key)")
	f.StringVar(&o.Deadline, "deadline", "2100-01-01T00:00:00Z", "of a claim to another address (RFC 3339)")
	f.BoolVar(&o.All, "all", false, "claim for every payee")
	require(cmd, "evidence")
	return cmd
}

func runClaim(ctx context.Context, e *env, o claimOptions) ([]ClaimResult, error) {
	if o.All && (o.Account != "" || o.To != "") {
		return nil, usage(errors.New("--all goes with neither --account nor --to"))
	}
	epoch, err := settle.Load(o.Evidence)
	if err != nil {
		return nil, fmt.Errorf("--evidence: %w", err)
	}
	client, _, err := o.open(ctx, !o.Calldata)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	accounts, err := o.accounts(client, epoch)
	if err != nil {
		return nil, err
	}
	if o.Calldata {
		return nil, o.calldata(e, client, epoch, accounts)
	}
	if o.To != "" {
		r, err := o.claimTo(ctx, client, epoch, accounts[0])
		return []ClaimResult{r}, err
	}
	return claimFor(ctx, client, epoch, accounts)
}

func (o claimOptions) accounts(client *chain.Client, epoch *settle.Epoch) ([]common.Address, error) {
	if o.All {
		return payable(epoch), nil
	}
	if o.Account == "" && client.Account() != (common.Address{}) {
		return []common.Address{client.Account()}, nil
	}
	if o.Account == "" {
		key, err := o.load()
		if err != nil {
			return nil, usage(errors.New("--account is missing: whose claim is it?"))
		}
		return []common.Address{key.Address()}, nil
	}
	a, err := settle.ParseAddress(o.Account)
	if err != nil {
		return nil, usage(fmt.Errorf("--account: %w", err))
	}
	return []common.Address{a}, nil
}

// payable are the accounts with a leaf.
func payable(epoch *settle.Epoch) []common.Address {
	var out []common.Address
	for _, p := range epoch.Payees {
		if !p.Cumulative.IsZero() {
			out = append(out, p.Address)
		}
	}
	return out
}

func (o claimOptions) calldata(e *env, client *chain.Client, epoch *settle.Epoch, accounts []common.Address) error {
	claims, err := epoch.Claims(accounts...)
	if err != nil {
		return err
	}
	var calls []chain.Call
	for _, c := range claims {
		calls = append(calls, chain.ClaimCall(client.Ledger(), c))
	}
	return e.printCalls(calls, client.ChainID())
}

// claimFor claims for each account in turn; accounts with nothing left are noted and passed over.
func claimFor(ctx context.Context, client *chain.Client, epoch *settle.Epoch, accounts []common.Address) ([]ClaimResult, error) {
	results := []ClaimResult{}
	for _, a := range accounts {
		payee, _ := epoch.Payee(a)
		payment, err := client.Claim(ctx, epoch, a)
		if errors.Is(err, chain.ErrAlreadyClaimed) {
			r := ClaimResult{ID: payee.ID, Account: a.Hex(), Recipient: a.Hex(), Amount: "0", Cumulative: payee.Cumulative.Dec()}
			r.SendResult = SendResult{Operation: "claim", ChainID: client.ChainID(), Contract: client.Ledger().Hex(), Already: true}
			results = append(results, r)
			continue
		}
		if err != nil {
			return results, fmt.Errorf("claim for %s: %w", a.Hex(), err)
		}
		results = append(results, claimResult(client, payee.ID, payment))
	}
	return results, nil
}

func (o claimOptions) claimTo(ctx context.Context, client *chain.Client, epoch *settle.Epoch, account common.Address) (ClaimResult, error) {
	to, err := settle.ParseAddress(o.To)
	if err != nil {
		return ClaimResult{}, usage(fmt.Errorf("--to: %w", err))
	}
	deadline, err := time.Parse(time.RFC3339, o.Deadline)
	if err != nil {
		return ClaimResult{}, usage(fmt.Errorf("--deadline %q is not a time such as 2100-01-01T00:00:00Z", o.Deadline))
	}
	if account != client.Account() {
		return ClaimResult{}, usage(fmt.Errorf("--to needs the key of %s, the key given is %s's", account.Hex(), client.Account().Hex()))
	}
	payee, _ := epoch.Payee(account)
	payment, err := client.ClaimTo(ctx, epoch, account, to, big.NewInt(deadline.Unix()), nil)
	if err != nil {
		return ClaimResult{}, err
	}
	return claimResult(client, payee.ID, payment), nil
}

func claimResult(client *chain.Client, id string, p *chain.Payment) ClaimResult {
	sent := sendResult(client, &p.Outcome)
	sent.Schema = "" // the list has one
	return ClaimResult{SendResult: sent, ID: id, Account: p.Account.Hex(), Recipient: p.Recipient.Hex(),
		Amount: p.Amount.Dec(), Cumulative: p.Cumulative.Dec()}
}

func printClaims(w io.Writer, results []ClaimResult) {
	rows := [][]string{{"PAYEE", "ACCOUNT", "PAID", "TO", "BLOCK"}}
	for _, r := range results {
		block := fmt.Sprint(r.Block)
		if r.Already {
			block = "paid before"
		}
		rows = append(rows, []string{r.ID, r.Account, r.Amount, r.Recipient, block})
	}
	table(w, rows)
}
