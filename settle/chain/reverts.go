package chain

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/rpc"

	"attrib/settle/ledger"
)

// What can be asked of an error with errors.Is.
var (
	ErrAlreadyClaimed = errors.New("already claimed")
	ErrWindowOpen     = errors.New("the window is not over")
	ErrInsolvent      = errors.New("not enough deposited")
	ErrEpochOrder     = errors.New("epoch out of order")
	ErrProof          = errors.New("the proof does not lead to the ledger's root")
)

// Revert is a refusal by the contract.
type Revert struct {
	Name string // of the custom error, such as Insolvent; empty when it is not known
	Args []any
	Text string // in words
}

func (r *Revert) Error() string { return r.Text }

// Is matches the sentinels of this package.
func (r *Revert) Is(target error) bool {
	return map[string]error{
		"NothingToClaim": ErrAlreadyClaimed, "WindowOpen": ErrWindowOpen, "Insolvent": ErrInsolvent,
		"WrongEpoch": ErrEpochOrder, "InvalidProof": ErrProof,
	}[r.Name] == target
}

// State is where an epoch stands, as in contracts/src/State.sol.
type State uint8

// States of an epoch.
const (
	Open State = iota
	Committed
	Posted
	Challenged
	Finalised
	Future
)

var stateWords = []string{"open (nothing committed)", "committed", "posted", "challenged", "finalised", "in the future"}

func (s State) String() string {
	if int(s) < len(stateWords) {
		return stateWords[s]
	}
	return fmt.Sprintf("in unknown state %d", uint8(s))
}

// revertWords tells every custom error of the ledger and of OpenZeppelin's ERC-20 in words; %s are the arguments.
var revertWords = map[string]string{
	"BadExpiry":                    "the expiry %t is not in the future of the chain, which has %t",
	"BadPeriod":                    "a period of %s s is not between 1 s and 365 days",
	"BadRecipient":                 "%s cannot be paid: it is the zero address or the ledger itself",
	"DeadlinePassed":               "the authorisation was good until %t, now it is %t: have it signed again",
	"EnforcedPause":                "the ledger is paused: anchoring, committing and posting are stopped by its owner; claims are not",
	"ExpectedPause":                "the ledger is not paused",
	"FailedCall":                   "the recipient refused the payment",
	"InputMismatch":                "the committed input hash is %s, the posted one %s: the inputs were changed after the commit",
	"Insolvent":                    "not enough deposited: the posted total is %s, the ledger holds %s; fund the difference",
	"InsufficientBalance":          "the ledger has a balance of %s and needs %s",
	"InvalidAccountNonce":          "the authorisation of %s is not for its nonce %s: it was used or cancelled",
	"InvalidProof":                 "the proof for %s and a cumulative amount of %s does not lead to the ledger's root: take both from the bundle of the last finalised epoch",
	"InvalidSignature":             "the authorisation is not signed by %s (or its nonce was used)",
	"NoLeaves":                     "an epoch without payees cannot be posted",
	"NotAContract":                 "there is no token contract at %s",
	"NotArbiter":                   "%s is not the ledger's arbiter",
	"NotExpired":                   "sweeping is possible from %t on, now it is %t",
	"NotPoster":                    "%s is not the ledger's poster",
	"NotProposed":                  "the role was not offered to %s",
	"NothingReceived":              "the token moved nothing of %s",
	"NothingToClaim":               "%s has already claimed: it is owed %s in all and was paid %s",
	"NothingToSweep":               "there is nothing to sweep",
	"NothingToWithdraw":            "%s has no credit to withdraw",
	"OwnableInvalidOwner":          "%s cannot own the ledger",
	"OwnableUnauthorizedAccount":   "%s is not the ledger's owner",
	"ReentrancyGuardReentrantCall": "the token or recipient called back into the ledger",
	"ResolutionOpen":               "the arbiter may resolve the challenge until %t, now it is %t",
	"ResolutionOver":               "the challenge had to be resolved before %t, now it is %t: it can only expire",
	"SafeERC20FailedOperation":     "the token at %s refused the transfer (balance or allowance too low, or blocked)",
	"SameHolder":                   "%s cannot be poster and arbiter at once",
	"SeedNotReady":                 "a post is possible from block %s on, the chain is at %s",
	"StakeLocked":                  "%s wei cannot be unstaked: only %s is free",
	"StakeTooLow":                  "the poster must have staked %s wei, it has %s: stake the difference",
	"TotalBelowPrevious":           "the total must not fall: it was %s, posted was %s",
	"TotalExceeded":                "claims of %s in all would exceed the posted total of %s: the root's leaves sum to more than its total",
	"WindowClosed":                 "the window closed at %t, now it is %t",
	"WindowOpen":                   "the window is not over: the root can be finalised from %t on, now it is %t",
	"WrongEpoch":                   "epoch out of order: epoch %s is next, not %s",
	"WrongState":                   "epoch %s is %q",
	"WrongValue":                   "the call must carry %s wei, not %s",
	"ZeroAddress":                  "poster and arbiter must not be the zero address",
	"ZeroAmount":                   "the amount is zero",
	"ZeroBond":                     "the bond must be more than zero",
	"ZeroHash":                     "a hash that must not be zero is zero",
	"ERC20InsufficientBalance":     "%s has %s of the token and needs %s",
	"ERC20InsufficientAllowance":   "%s may take %s of the token and needs %s: approve first",
}

var knownErrors = func() map[[4]byte]abi.Error {
	out := map[[4]byte]abi.Error{}
	for _, parsed := range []abi.ABI{ledger.NewTestToken().GetABI(), ledger.NewLedger().GetABI()} {
		for _, e := range parsed.Errors {
			out[[4]byte(e.ID[:4])] = e
		}
	}
	return out
}()

// explain turns an error of eth_call or eth_estimateGas into a Revert where the contract gave a reason.
func explain(err error) error {
	var data rpc.DataError
	if !errors.As(err, &data) {
		return err
	}
	raw, ok := revertData(data.ErrorData())
	if !ok {
		return err
	}
	return decodeRevert(raw)
}

// revertData finds the bytes in the places where nodes put them.
func revertData(v any) ([]byte, bool) {
	if m, ok := v.(map[string]any); ok {
		v = m["data"]
	}
	text, ok := v.(string)
	if !ok {
		return nil, false
	}
	raw, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	return raw, err == nil
}

func decodeRevert(raw []byte) *Revert {
	if reason, err := abi.UnpackRevert(raw); err == nil {
		return &Revert{Text: "the contract refused: " + reason}
	}
	if len(raw) < 4 {
		return &Revert{Text: "the contract refused without a reason"}
	}
	e, ok := knownErrors[[4]byte(raw[:4])]
	if !ok {
		return &Revert{Text: fmt.Sprintf("the contract refused with an unknown error 0x%x", raw)}
	}
	args, err := e.Inputs.Unpack(raw[4:])
	if err != nil {
		return &Revert{Name: e.Name, Text: "the contract refused: " + e.Name}
	}
	return &Revert{e.Name, args, "the ledger refused: " + inWords(e.Name, args)}
}

// inWords fills the template: %s with the argument, %t with a time, %q with an epoch's state.
func inWords(name string, args []any) string {
	template, ok := revertWords[name]
	if !ok {
		return fmt.Sprintf("%s%v", name, args)
	}
	var b strings.Builder
	for i, part := range strings.Split(template, "%") {
		if i == 0 {
			b.WriteString(part)
			continue
		}
		if i <= len(args) {
			b.WriteString(argument(part[0], args[i-1]))
		}
		b.WriteString(part[1:])
	}
	return b.String()
}

func argument(verb byte, v any) string {
	n := number(v)
	switch {
	case verb == 't' && n != nil:
		return Time(n.Uint64())
	case verb == 'q' && n != nil:
		return State(n.Uint64()).String()
	}
	switch v := v.(type) {
	case common.Address:
		return v.Hex()
	case [32]byte:
		return common.Hash(v).Hex()
	}
	return fmt.Sprint(v)
}

func number(v any) *big.Int {
	switch v := v.(type) {
	case *big.Int:
		return v
	case uint64:
		return new(big.Int).SetUint64(v)
	case uint8:
		return big.NewInt(int64(v))
	}
	return nil
}

// Time writes a block timestamp as people read it.
func Time(unix uint64) string {
	return time.Unix(int64(unix), 0).UTC().Format("2006-01-02 15:04:05 UTC")
}
