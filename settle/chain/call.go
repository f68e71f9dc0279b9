package chain

import (
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/holiman/uint256"

	"attrib/settle"
	"attrib/settle/ledger"
)

// Call is a transaction before it has a sender, a nonce and a price.
type Call struct {
	Operation string          // such as "post"
	Words     string          // what it does, for people
	To        *common.Address // nil creates a contract
	Value     *big.Int        // wei; nil: 0
	Data      []byte
}

// SchemaCalldata is the schema of an unsigned transaction.
const SchemaCalldata = "attrib.calldata/1"

// Unsigned is a Call as JSON, for a multisig or any other wallet.
type Unsigned struct {
	Schema      string        `json:"schema"`
	Operation   string        `json:"operation"`
	Description string        `json:"description"`
	ChainID     uint64        `json:"chainId"`
	To          string        `json:"to"`
	Value       string        `json:"value"`
	Data        hexutil.Bytes `json:"data"`
}

// Unsigned makes the JSON form for a chain.
func (c Call) Unsigned(chainID uint64) Unsigned {
	return Unsigned{SchemaCalldata, c.Operation, c.Words, chainID, c.toText(), c.value().String(), c.Data}
}

func (c Call) value() *big.Int {
	if c.Value == nil {
		return new(big.Int)
	}
	return c.Value
}

func (c Call) toText() string {
	if c.To == nil {
		return ""
	}
	return c.To.Hex()
}

func (c Call) key() string { return journalKey(c.toText(), c.value().String(), c.Data) }

// abiLedger packs calls to the ledger.
var abiLedger = ledger.NewLedger()

func ledgerCall(op, words string, to common.Address, data []byte) Call {
	return Call{Operation: op, Words: words, To: &to, Data: data}
}

// Config is what a ledger is made with; see contracts/src/Config.sol.
type Config = ledger.Config

// DeployCall creates a ledger.
func DeployCall(c Config) Call {
	return Call{Operation: "deploy", Words: "create a ledger",
		Data: append(common.FromHex(ledger.LedgerMetaData.Bin), abiLedger.PackConstructor(c)...)}
}

// FundCalls add to the pool: one call for the native currency, approve and fund for a token.
func FundCalls(at, token common.Address, amount *uint256.Int) []Call {
	fund := ledgerCall("fund", "add "+amount.Dec()+" to the pool", at, abiLedger.PackFund(amount.ToBig()))
	if token == (common.Address{}) {
		fund.Value = amount.ToBig()
		return []Call{fund}
	}
	approve := ledgerCall("approve", "let the ledger take "+amount.Dec()+" of the token", token, ledger.NewTestToken().PackApprove(at, amount.ToBig()))
	return []Call{approve, fund}
}

// StakeCall adds to the sender's stake, which a poster must have.
func StakeCall(at common.Address, wei *uint256.Int) Call {
	c := ledgerCall("stake", "stake "+wei.Dec()+" wei", at, abiLedger.PackStake())
	c.Value = wei.ToBig()
	return c
}

// UnstakeCall turns free stake into credit.
func UnstakeCall(at common.Address, wei *uint256.Int) Call {
	return ledgerCall("unstake", "free "+wei.Dec()+" wei of stake", at, abiLedger.PackUnstake(wei.ToBig()))
}

// WithdrawCall pays the sender's credit to a recipient.
func WithdrawCall(at, recipient common.Address) Call {
	return ledgerCall("withdraw", "pay credit to "+recipient.Hex(), at, abiLedger.PackWithdraw(recipient))
}

// AnchorCall records that the sender knew a content root now.
func AnchorCall(at common.Address, root common.Hash) Call {
	return ledgerCall("anchor", "anchor content root "+root.Hex(), at, abiLedger.PackAnchor(root))
}

// CommitCall fixes the inputs of an epoch.
func CommitCall(at common.Address, epoch uint64, inputHash common.Hash) Call {
	return ledgerCall("commit", "commit the inputs of epoch "+dec(epoch), at, abiLedger.PackCommit(epoch, inputHash))
}

// VoidCommitCall gives up a commit; the arbiter's.
func VoidCommitCall(at common.Address, epoch uint64) Call {
	return ledgerCall("void-commit", "void the commit of epoch "+dec(epoch), at, abiLedger.PackVoidCommit(epoch))
}

// PostCall posts an epoch.
func PostCall(e *settle.Epoch) Call {
	return ledgerCall("post", "post epoch "+dec(e.Number)+" with root "+e.Root.Hex(), e.Ledger,
		abiLedger.PackPost(e.Number, e.Root, e.InputHash, e.Evidence, e.CumulativeTotal.ToBig(), e.Leaves))
}

// ChallengeCall objects to a pending root with a bond in wei.
func ChallengeCall(at common.Address, epoch uint64, evidence common.Hash, bond *big.Int) Call {
	c := ledgerCall("challenge", "challenge epoch "+dec(epoch), at, abiLedger.PackChallenge(epoch, evidence))
	c.Value = bond
	return c
}

// ResolveCall decides a challenge; the arbiter's.
func ResolveCall(at common.Address, epoch uint64, upheld bool) Call {
	words := "reject the challenge of epoch "
	if upheld {
		words = "uphold the challenge of epoch "
	}
	return ledgerCall("resolve", words+dec(epoch), at, abiLedger.PackResolve(epoch, upheld))
}

// ExpireCall drops a root whose challenge nobody resolved in time.
func ExpireCall(at common.Address, epoch uint64) Call {
	return ledgerCall("expire", "expire the challenge of epoch "+dec(epoch), at, abiLedger.PackExpire(epoch))
}

// FinaliseCall makes a pending root claimable.
func FinaliseCall(at common.Address, epoch uint64) Call {
	return ledgerCall("finalise", "finalise epoch "+dec(epoch), at, abiLedger.PackFinalise(epoch))
}

// ClaimCall pays an account what it is owed.
func ClaimCall(at common.Address, c settle.Claim) Call {
	return ledgerCall("claim", "pay "+c.Account.Hex()+" up to "+c.Cumulative.Dec()+" in all", at,
		abiLedger.PackClaim(c.Account, c.Cumulative.ToBig(), proofWords(c.Proof)))
}

// ClaimToCall pays what an account is owed to a recipient; signature is not needed when the account itself sends.
func ClaimToCall(at common.Address, c settle.Claim, recipient common.Address, deadline *big.Int, signature []byte) Call {
	return ledgerCall("claim-to", "pay what "+c.Account.Hex()+" is owed to "+recipient.Hex(), at,
		abiLedger.PackClaimTo(c.Account, recipient, c.Cumulative.ToBig(), proofWords(c.Proof), deadline, signature))
}

func proofWords(proof []common.Hash) [][32]byte {
	out := make([][32]byte, len(proof))
	for i, h := range proof {
		out[i] = h
	}
	return out
}

func dec(n uint64) string { return new(big.Int).SetUint64(n).String() }
