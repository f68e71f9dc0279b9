package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"attrib/settle/chain"
)

func newSettle(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "settle",
		Short: "Post weights as a funded Merkle root on an EVM chain, and claim from it",
		Long: `The life of an epoch: fund the ledger, commit the hash of the inputs, value them with the seed that the next block
gives, post the root with its evidence, wait for the window, finalise, claim. An interrupted command is run again: it
finds its transaction in the journal, and commit, post, finalise and claim notice what the ledger shows already (fund,
stake and anchor add once more when they are run once more). --calldata prints a transaction instead of sending it.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDeploy(e), newFund(e), newStake(e), newAnchor(e), newCommit(e), newPost(e), newChallenge(e),
		newResolve(e), newExpire(e), newFinalise(e), newClaim(e), newStatus(e))
	return cmd
}

// SendResult is what a command that sends one transaction prints.
type SendResult struct {
	Schema      string `json:"schema,omitempty"`
	Operation   string `json:"operation"`
	ChainID     uint64 `json:"chainId"`
	Contract    string `json:"contract"`
	Transaction string `json:"transaction,omitempty"`
	Block       uint64 `json:"block"`
	GasUsed     uint64 `json:"gasUsed"`
	Already     bool   `json:"already"` // it was done before, nothing was sent
}

func sendResult(c *chain.Client, o *chain.Outcome) SendResult {
	r := SendResult{Schema: "attrib.send-result/1", Operation: o.Operation, ChainID: c.ChainID(), Contract: c.Ledger().Hex(), Block: o.Block, GasUsed: o.GasUsed, Already: o.Already}
	if o.Hash != [32]byte{} {
		r.Transaction = o.Hash.Hex()
	}
	return r
}

func (r SendResult) text(w io.Writer) {
	if r.Already {
		fmt.Fprintf(w, "%s: was done already\n", r.Operation)
		return
	}
	fmt.Fprintf(w, "%s: done in block %d, %d gas, %s\n", r.Operation, r.Block, r.GasUsed, r.Transaction)
}

// act is a command of one transaction: it prints calls under --calldata and sends otherwise.
func (e *env) act(ctx context.Context, c chainFlags, calls func(*chain.Client) ([]chain.Call, error), send func(*chain.Client) (*chain.Outcome, error)) error {
	client, _, err := c.open(ctx, !c.Calldata)
	if err != nil {
		return err
	}
	defer client.Close()
	if c.Calldata {
		list, err := calls(client)
		if err != nil {
			return err
		}
		return e.printCalls(list, client.ChainID())
	}
	out, err := send(client)
	if err != nil {
		return err
	}
	result := sendResult(client, out)
	return e.print(result, result.text)
}

// printCalls prints unsigned transactions: always JSON, since a wallet reads them.
func (e *env) printCalls(calls []chain.Call, chainID uint64) error {
	e.json = true
	for _, call := range calls {
		if err := e.print(call.Unsigned(chainID), nil); err != nil {
			return err
		}
	}
	return nil
}

// one wraps a call that needs nothing from the chain.
func one(call func(*chain.Client) chain.Call) func(*chain.Client) ([]chain.Call, error) {
	return func(c *chain.Client) ([]chain.Call, error) { return []chain.Call{call(c)}, nil }
}
