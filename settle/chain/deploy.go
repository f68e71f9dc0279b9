package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/holiman/uint256"

	"attrib/internal/strictjson"
	"attrib/settle"
	"attrib/settle/ledger"
)

// SchemaDeployment is the schema of ledger.json.
const SchemaDeployment = "attrib.deployment/1"

// Deployment is ledger.json: where a ledger is and what it was made with.
type Deployment struct {
	Schema           string `json:"schema"`
	ChainID          uint64 `json:"chainId"`
	Contract         string `json:"contract"`
	Token            string `json:"token"`
	Block            uint64 `json:"block"`
	Transaction      string `json:"transaction"`
	Owner            string `json:"owner"`
	Poster           string `json:"poster"`
	Arbiter          string `json:"arbiter"`
	Window           uint64 `json:"window"`
	ResolutionPeriod uint64 `json:"resolutionPeriod"`
	Expiry           uint64 `json:"expiry"`
	Bond             string `json:"bond"`
	Reward           string `json:"reward"`
}

// Write writes ledger.json.
func (d *Deployment) Write(path string) error { return strictjson.WriteFile(path, d) }

// ReadDeployment reads ledger.json.
func ReadDeployment(path string) (*Deployment, error) {
	d := new(Deployment)
	if err := strictjson.ReadFile(path, d); err != nil {
		return nil, err
	}
	if err := strictjson.CheckSchema(d.Schema, SchemaDeployment); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Clean(path), err)
	}
	for name, address := range map[string]string{"contract": d.Contract, "owner": d.Owner, "poster": d.Poster, "arbiter": d.Arbiter} {
		if _, err := settle.ParseAddress(address); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, name, err)
		}
	}
	if _, err := settle.ParseToken(d.Token); err != nil {
		return nil, fmt.Errorf("%s: token: %w", path, err)
	}
	return d, nil
}

// Deploy creates a ledger and points the client at it. With the same journal and the same configuration a second call
// finds the first one's ledger.
func (c *Client) Deploy(ctx context.Context, config Config) (*Deployment, error) {
	if err := validateConfig(config); err != nil {
		return nil, err
	}
	receipt, err := c.create(ctx, DeployCall(config))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.opts.Ledger, c.opts.FromBlock = receipt.ContractAddress, receipt.BlockNumber.Uint64()
	c.mu.Unlock()
	return &Deployment{
		Schema: SchemaDeployment, ChainID: c.chainID, Contract: receipt.ContractAddress.Hex(), Token: config.Token.Hex(),
		Block: receipt.BlockNumber.Uint64(), Transaction: receipt.TxHash.Hex(),
		Owner: config.Owner.Hex(), Poster: config.Poster.Hex(), Arbiter: config.Arbiter.Hex(),
		Window: config.Window, ResolutionPeriod: config.ResolutionPeriod, Expiry: config.Expiry,
		Bond: config.Bond.String(), Reward: config.Reward.String(),
	}, nil
}

func validateConfig(c Config) error {
	var errs []error
	zero := common.Address{}
	if c.Owner == zero || c.Poster == zero || c.Arbiter == zero {
		errs = append(errs, errors.New("owner, poster and arbiter must all be given"))
	}
	if c.Poster == c.Arbiter {
		errs = append(errs, fmt.Errorf("%s cannot be poster and arbiter at once", c.Poster.Hex()))
	}
	if c.Bond == nil || c.Bond.Sign() <= 0 {
		errs = append(errs, errors.New("bond must be more than zero"))
	}
	if c.Reward == nil || c.Reward.Sign() < 0 {
		errs = append(errs, errors.New("reward must be given and not be negative"))
	}
	return errors.Join(errs...)
}

// create makes a contract, unless the journal has made it already and it is there.
func (c *Client) create(ctx context.Context, call Call) (*types.Receipt, error) {
	var made *types.Receipt
	out, err := c.Send(ctx, call, func(ctx context.Context) (bool, error) {
		r := c.journal.done(call, c.Account(), c.chainID)
		if r == nil {
			return false, nil
		}
		receipt, err := c.receipt(ctx, r)
		if receipt != nil {
			made = receipt
		}
		return receipt != nil, err
	})
	if err != nil {
		return nil, err
	}
	if made != nil {
		return made, nil
	}
	return out.Receipt, nil
}

// DeployToken creates the worthless test token of settle/contracts and mints some of it to the client's account.
func (c *Client) DeployToken(ctx context.Context, name, symbol string, decimals uint8, supply *uint256.Int) (common.Address, error) {
	token := ledger.NewTestToken()
	receipt, err := c.create(ctx, Call{Operation: "deploy-token", Words: "create the test token " + symbol,
		Data: append(common.FromHex(ledger.TestTokenMetaData.Bin), token.PackConstructor(name, symbol, decimals)...)})
	if err != nil {
		return common.Address{}, err
	}
	at := receipt.ContractAddress
	_, err = c.Send(ctx, Call{Operation: "mint", Words: "mint " + supply.Dec(), To: &at, Value: new(big.Int), Data: token.PackMint(c.Account(), supply.ToBig())}, nil)
	return at, err
}
