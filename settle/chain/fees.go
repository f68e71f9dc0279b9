package chain

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/core/types"
)

// maxGas is the most gas one transaction may have (EIP-7825).
const maxGas = 16_777_216

// fees is what is offered for a unit of gas, in wei.
type fees struct{ tip, cap *big.Int }

// suggest offers the node's tip over twice the base fee, which outlasts five full blocks.
func (c *Client) suggest(ctx context.Context) (fees, error) {
	tip, err := ask(ctx, c.node, "eth_maxPriorityFeePerGas", c.backend.SuggestGasTipCap)
	if err != nil {
		return fees{}, err
	}
	head, err := c.head(ctx)
	if err != nil {
		return fees{}, err
	}
	if head.BaseFee == nil {
		return fees{}, fmt.Errorf("chain %d has no base fee: chains before EIP-1559 are not supported", c.chainID)
	}
	limit := c.opts.MaxFeePerGas
	if least := new(big.Int).Add(head.BaseFee, big.NewInt(1)); least.Cmp(limit) > 0 {
		return fees{}, fmt.Errorf("gas costs at least %s wei now, the ceiling is %s: wait, or raise the ceiling", least, limit)
	}
	most := new(big.Int).Lsh(head.BaseFee, 1)
	return fees{tip, most.Add(most, tip)}.under(limit), nil
}

// raised is what replaces an attempt: an eighth more on tip and cap, where nodes ask for a tenth.
func (f fees) raised() fees {
	up := func(x *big.Int) *big.Int {
		more := new(big.Int).Rsh(x, 3)
		return more.Add(more, x).Add(more, big.NewInt(1))
	}
	return fees{up(f.tip), up(f.cap)}
}

// under keeps both below the ceiling.
func (f fees) under(limit *big.Int) fees {
	low := func(x *big.Int) *big.Int {
		if x.Cmp(limit) > 0 {
			return limit
		}
		return x
	}
	return fees{low(f.tip), low(f.cap)}
}

func feesOf(tx *types.Transaction) fees { return fees{tx.GasTipCap(), tx.GasFeeCap()} }
