package chain

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/rpc"
)

// Backend is what is needed of a node: ethclient.Client and the simulated backend's client have it.
type Backend interface {
	ethereum.BlockNumberReader
	ethereum.ChainReader
	ethereum.ChainStateReader
	ethereum.ContractCaller
	ethereum.PendingContractCaller
	ethereum.PendingStateReader
	ethereum.GasEstimator
	ethereum.GasPricer1559
	ethereum.LogFilterer
	ethereum.TransactionReader
	ethereum.TransactionSender
	ethereum.ChainIDReader
}

// Unreachable says that a node did not answer after the bounded number of attempts.
type Unreachable struct {
	Host     string // host of the node's URL, without path or credentials
	Asked    string // what was asked of it
	Attempts int
	Err      error // last answer
}

func (u *Unreachable) Error() string {
	return fmt.Sprintf("the RPC node at %s did not answer %s in %d attempts: %v. Check that it runs and is the right one, or name another; then run the same command again: what was sent is in the journal and goes on from there",
		u.Host, u.Asked, u.Attempts, bare(u.Err))
}

func (u *Unreachable) Unwrap() error { return u.Err }

// bare drops the URL that net/http puts into errors: its path may hold an access token.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// endpoint asks a node with bounded patience.
type endpoint struct {
	host     string
	attempts int
	pause    time.Duration // before the second attempt; doubles
	timeout  time.Duration // of one attempt
}

// ask repeats f while the node cannot be reached. Answers of the node, errors too, are returned as they are.
func ask[T any](ctx context.Context, e endpoint, what string, f func(context.Context) (T, error)) (T, error) {
	pause := e.pause
	for n := 1; ; n++ {
		one, cancel := context.WithTimeout(ctx, e.timeout)
		v, err := f(one)
		cancel()
		if err == nil || ctx.Err() != nil {
			return v, err
		}
		if !transient(err) {
			return v, e.refusal(what, err)
		}
		if n == e.attempts {
			return v, &Unreachable{e.host, what, n, err}
		}
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// refusal names the host when the web server before the node would not let the call through.
func (e endpoint) refusal(what string, err error) error {
	var http rpc.HTTPError
	if errors.As(err, &http) {
		return fmt.Errorf("the RPC node at %s refused %s with HTTP status %d: check the address and its access token", e.host, what, http.StatusCode)
	}
	return err
}

// limitExceeded is the JSON-RPC code of nodes that ask to slow down (EIP-1474).
const limitExceeded = -32005

// transient tells "the node did not answer" from "the node answered with an error".
func transient(err error) bool {
	var answer rpc.Error
	var http rpc.HTTPError
	switch {
	case errors.Is(err, ethereum.NotFound):
		return false
	case errors.As(err, &answer):
		return answer.ErrorCode() == limitExceeded
	case errors.As(err, &http):
		return http.StatusCode == 429 || http.StatusCode >= 500
	}
	return true
}
