// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package ledger

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// Config is an auto generated low-level Go binding around an user-defined struct.
type Config struct {
	Token            common.Address
	Owner            common.Address
	Poster           common.Address
	Arbiter          common.Address
	Window           uint64
	ResolutionPeriod uint64
	Expiry           uint64
	Bond             *big.Int
	Reward           *big.Int
}

// Dispute is an auto generated low-level Go binding around an user-defined struct.
type Dispute struct {
	Challenger   common.Address
	OpenedAt     uint64
	EvidenceHash [32]byte
}

// OpenEpoch is an auto generated low-level Go binding around an user-defined struct.
type OpenEpoch struct {
	InputHash       [32]byte
	Root            [32]byte
	EvidenceHash    [32]byte
	CumulativeTotal *big.Int
	CommitBlock     uint64
	WindowEnd       uint64
	Poster          common.Address
	Leaves          uint32
	Attempt         uint32
	State           uint8
	Restarted       bool
}

// LedgerMetaData contains all meta data concerning the Ledger contract.
var LedgerMetaData = bind.MetaData{
	ABI: "[{\"type\":\"constructor\",\"inputs\":[{\"name\":\"config\",\"type\":\"tuple\",\"internalType\":\"structConfig\",\"components\":[{\"name\":\"token\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"owner\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"poster\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"arbiter\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"window\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"resolutionPeriod\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"expiry\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"bond\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"reward\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]}],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"CLAIM_TO_TYPEHASH\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"acceptArbiter\",\"inputs\":[],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"acceptOwnership\",\"inputs\":[],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"acceptPoster\",\"inputs\":[],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"anchor\",\"inputs\":[{\"name\":\"contentRoot\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"arbiter\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"address\",\"internalType\":\"address\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"available\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"bond\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"bondHeld\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"cancelAuthorisation\",\"inputs\":[],\"outputs\":[{\"name\":\"used\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"challenge\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"evidenceHash\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"}],\"outputs\":[],\"stateMutability\":\"payable\"},{\"type\":\"function\",\"name\":\"claim\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"cumulativeAmount\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"proof\",\"type\":\"bytes32[]\",\"internalType\":\"bytes32[]\"}],\"outputs\":[{\"name\":\"paid\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"claimTo\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"recipient\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"cumulativeAmount\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"proof\",\"type\":\"bytes32[]\",\"internalType\":\"bytes32[]\"},{\"name\":\"deadline\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"signature\",\"type\":\"bytes\",\"internalType\":\"bytes\"}],\"outputs\":[{\"name\":\"paid\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"claimed\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"}],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"commit\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"inputHash\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"creditOf\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"}],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"cumulativeTotal\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint128\",\"internalType\":\"uint128\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"deposited\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint128\",\"internalType\":\"uint128\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"dispute\",\"inputs\":[],\"outputs\":[{\"name\":\"open\",\"type\":\"tuple\",\"internalType\":\"structDispute\",\"components\":[{\"name\":\"challenger\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"openedAt\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"evidenceHash\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"}]},{\"name\":\"deadline\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"eip712Domain\",\"inputs\":[],\"outputs\":[{\"name\":\"fields\",\"type\":\"bytes1\",\"internalType\":\"bytes1\"},{\"name\":\"name\",\"type\":\"string\",\"internalType\":\"string\"},{\"name\":\"version\",\"type\":\"string\",\"internalType\":\"string\"},{\"name\":\"chainId\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"verifyingContract\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"salt\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"},{\"name\":\"extensions\",\"type\":\"uint256[]\",\"internalType\":\"uint256[]\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"expire\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"expiry\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"finalise\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"fund\",\"inputs\":[{\"name\":\"amount\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"outputs\":[{\"name\":\"credited\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"payable\"},{\"type\":\"function\",\"name\":\"hashClaimTo\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"recipient\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"cumulativeAmount\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"nonce\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"deadline\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"outputs\":[{\"name\":\"\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"lastFinalised\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"leafOf\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"cumulativeAmount\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"outputs\":[{\"name\":\"\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"nonces\",\"inputs\":[{\"name\":\"owner\",\"type\":\"address\",\"internalType\":\"address\"}],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"openEpoch\",\"inputs\":[],\"outputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"open\",\"type\":\"tuple\",\"internalType\":\"structOpenEpoch\",\"components\":[{\"name\":\"inputHash\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"},{\"name\":\"root\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"},{\"name\":\"evidenceHash\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"},{\"name\":\"cumulativeTotal\",\"type\":\"uint128\",\"internalType\":\"uint128\"},{\"name\":\"commitBlock\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"windowEnd\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"poster\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"leaves\",\"type\":\"uint32\",\"internalType\":\"uint32\"},{\"name\":\"attempt\",\"type\":\"uint32\",\"internalType\":\"uint32\"},{\"name\":\"state\",\"type\":\"uint8\",\"internalType\":\"enumState\"},{\"name\":\"restarted\",\"type\":\"bool\",\"internalType\":\"bool\"}]}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"owed\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"owner\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"address\",\"internalType\":\"address\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"pause\",\"inputs\":[],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"paused\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"bool\",\"internalType\":\"bool\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"pendingArbiter\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"address\",\"internalType\":\"address\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"pendingOwner\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"address\",\"internalType\":\"address\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"pendingPoster\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"address\",\"internalType\":\"address\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"post\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"newRoot\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"},{\"name\":\"inputHash\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"},{\"name\":\"evidenceHash\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"},{\"name\":\"newTotal\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"leaves\",\"type\":\"uint32\",\"internalType\":\"uint32\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"poster\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"address\",\"internalType\":\"address\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"proposeArbiter\",\"inputs\":[{\"name\":\"proposed\",\"type\":\"address\",\"internalType\":\"address\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"proposePoster\",\"inputs\":[{\"name\":\"proposed\",\"type\":\"address\",\"internalType\":\"address\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"renounceOwnership\",\"inputs\":[],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"resolutionPeriod\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"resolve\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"upheld\",\"type\":\"bool\",\"internalType\":\"bool\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"reward\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"root\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"seedBlock\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"stake\",\"inputs\":[],\"outputs\":[],\"stateMutability\":\"payable\"},{\"type\":\"function\",\"name\":\"stakeOf\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"}],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"stateOf\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"outputs\":[{\"name\":\"\",\"type\":\"uint8\",\"internalType\":\"enumState\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"sweep\",\"inputs\":[{\"name\":\"recipient\",\"type\":\"address\",\"internalType\":\"address\"}],\"outputs\":[{\"name\":\"amount\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"sweepable\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"swept\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint128\",\"internalType\":\"uint128\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"token\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"address\",\"internalType\":\"address\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"totalClaimed\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint128\",\"internalType\":\"uint128\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"totalCredit\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"totalStake\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"transferOwnership\",\"inputs\":[{\"name\":\"newOwner\",\"type\":\"address\",\"internalType\":\"address\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"unpause\",\"inputs\":[],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"unstake\",\"inputs\":[{\"name\":\"amount\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"voidCommit\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"outputs\":[],\"stateMutability\":\"nonpayable\"},{\"type\":\"function\",\"name\":\"window\",\"inputs\":[],\"outputs\":[{\"name\":\"\",\"type\":\"uint64\",\"internalType\":\"uint64\"}],\"stateMutability\":\"view\"},{\"type\":\"function\",\"name\":\"withdraw\",\"inputs\":[{\"name\":\"recipient\",\"type\":\"address\",\"internalType\":\"addresspayable\"}],\"outputs\":[{\"name\":\"amount\",\"type\":\"uint256\",\"internalType\":\"uint256\"}],\"stateMutability\":\"nonpayable\"},{\"type\":\"event\",\"name\":\"Anchored\",\"inputs\":[{\"name\":\"contentRoot\",\"type\":\"bytes32\",\"indexed\":true,\"internalType\":\"bytes32\"},{\"name\":\"sender\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"time\",\"type\":\"uint64\",\"indexed\":false,\"internalType\":\"uint64\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"ArbiterChanged\",\"inputs\":[{\"name\":\"previous\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"current\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"ArbiterProposed\",\"inputs\":[{\"name\":\"current\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"proposed\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Challenged\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"indexed\":true,\"internalType\":\"uint64\"},{\"name\":\"challenger\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"evidenceHash\",\"type\":\"bytes32\",\"indexed\":false,\"internalType\":\"bytes32\"},{\"name\":\"deadline\",\"type\":\"uint64\",\"indexed\":false,\"internalType\":\"uint64\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Claimed\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"recipient\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"amount\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"},{\"name\":\"cumulativeAmount\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"CommitVoided\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"indexed\":true,\"internalType\":\"uint64\"},{\"name\":\"attempt\",\"type\":\"uint32\",\"indexed\":false,\"internalType\":\"uint32\"},{\"name\":\"inputHash\",\"type\":\"bytes32\",\"indexed\":false,\"internalType\":\"bytes32\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Committed\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"indexed\":true,\"internalType\":\"uint64\"},{\"name\":\"attempt\",\"type\":\"uint32\",\"indexed\":false,\"internalType\":\"uint32\"},{\"name\":\"inputHash\",\"type\":\"bytes32\",\"indexed\":false,\"internalType\":\"bytes32\"},{\"name\":\"commitBlock\",\"type\":\"uint64\",\"indexed\":false,\"internalType\":\"uint64\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Credited\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"amount\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Dropped\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"indexed\":true,\"internalType\":\"uint64\"},{\"name\":\"root\",\"type\":\"bytes32\",\"indexed\":true,\"internalType\":\"bytes32\"},{\"name\":\"attempt\",\"type\":\"uint32\",\"indexed\":false,\"internalType\":\"uint32\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"EIP712DomainChanged\",\"inputs\":[],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Expired\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"indexed\":true,\"internalType\":\"uint64\"},{\"name\":\"challenger\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Finalised\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"indexed\":true,\"internalType\":\"uint64\"},{\"name\":\"root\",\"type\":\"bytes32\",\"indexed\":true,\"internalType\":\"bytes32\"},{\"name\":\"cumulativeTotal\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Funded\",\"inputs\":[{\"name\":\"from\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"credited\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"},{\"name\":\"deposited\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"OwnershipTransferStarted\",\"inputs\":[{\"name\":\"previousOwner\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"newOwner\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"OwnershipTransferred\",\"inputs\":[{\"name\":\"previousOwner\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"newOwner\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Paused\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"indexed\":false,\"internalType\":\"address\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Posted\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"indexed\":true,\"internalType\":\"uint64\"},{\"name\":\"root\",\"type\":\"bytes32\",\"indexed\":true,\"internalType\":\"bytes32\"},{\"name\":\"inputHash\",\"type\":\"bytes32\",\"indexed\":false,\"internalType\":\"bytes32\"},{\"name\":\"evidenceHash\",\"type\":\"bytes32\",\"indexed\":false,\"internalType\":\"bytes32\"},{\"name\":\"cumulativeTotal\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"},{\"name\":\"leaves\",\"type\":\"uint32\",\"indexed\":false,\"internalType\":\"uint32\"},{\"name\":\"commitBlock\",\"type\":\"uint64\",\"indexed\":false,\"internalType\":\"uint64\"},{\"name\":\"windowEnd\",\"type\":\"uint64\",\"indexed\":false,\"internalType\":\"uint64\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"PosterChanged\",\"inputs\":[{\"name\":\"previous\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"current\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"PosterProposed\",\"inputs\":[{\"name\":\"current\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"proposed\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Resolved\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"indexed\":true,\"internalType\":\"uint64\"},{\"name\":\"upheld\",\"type\":\"bool\",\"indexed\":false,\"internalType\":\"bool\"},{\"name\":\"challenger\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"windowEnd\",\"type\":\"uint64\",\"indexed\":false,\"internalType\":\"uint64\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Staked\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"amount\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"},{\"name\":\"stake\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Swept\",\"inputs\":[{\"name\":\"recipient\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"amount\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"},{\"name\":\"swept\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Unpaused\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"indexed\":false,\"internalType\":\"address\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Unstaked\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"amount\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"},{\"name\":\"stake\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"}],\"anonymous\":false},{\"type\":\"event\",\"name\":\"Withdrawn\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"recipient\",\"type\":\"address\",\"indexed\":true,\"internalType\":\"address\"},{\"name\":\"amount\",\"type\":\"uint256\",\"indexed\":false,\"internalType\":\"uint256\"}],\"anonymous\":false},{\"type\":\"error\",\"name\":\"BadExpiry\",\"inputs\":[{\"name\":\"expiry\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"time\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"BadPeriod\",\"inputs\":[{\"name\":\"period\",\"type\":\"uint64\",\"internalType\":\"uint64\"}]},{\"type\":\"error\",\"name\":\"BadRecipient\",\"inputs\":[{\"name\":\"recipient\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"DeadlinePassed\",\"inputs\":[{\"name\":\"deadline\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"time\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"EnforcedPause\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"ExpectedPause\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"FailedCall\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"InputMismatch\",\"inputs\":[{\"name\":\"committed\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"},{\"name\":\"posted\",\"type\":\"bytes32\",\"internalType\":\"bytes32\"}]},{\"type\":\"error\",\"name\":\"Insolvent\",\"inputs\":[{\"name\":\"posted\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"available\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"InsufficientBalance\",\"inputs\":[{\"name\":\"balance\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"needed\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"InvalidAccountNonce\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"currentNonce\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"InvalidProof\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"cumulativeAmount\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"InvalidShortString\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"InvalidSignature\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"NoLeaves\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"NotAContract\",\"inputs\":[{\"name\":\"token\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"NotArbiter\",\"inputs\":[{\"name\":\"caller\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"NotExpired\",\"inputs\":[{\"name\":\"expiry\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"time\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"NotPoster\",\"inputs\":[{\"name\":\"caller\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"NotProposed\",\"inputs\":[{\"name\":\"caller\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"NothingReceived\",\"inputs\":[{\"name\":\"asked\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"NothingToClaim\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"},{\"name\":\"cumulativeAmount\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"claimed\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"NothingToSweep\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"NothingToWithdraw\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"OwnableInvalidOwner\",\"inputs\":[{\"name\":\"owner\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"OwnableUnauthorizedAccount\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"ReentrancyGuardReentrantCall\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"ResolutionOpen\",\"inputs\":[{\"name\":\"deadline\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"time\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"ResolutionOver\",\"inputs\":[{\"name\":\"deadline\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"time\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"SafeCastOverflowedUintDowncast\",\"inputs\":[{\"name\":\"bits\",\"type\":\"uint8\",\"internalType\":\"uint8\"},{\"name\":\"value\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"SafeERC20FailedOperation\",\"inputs\":[{\"name\":\"token\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"SameHolder\",\"inputs\":[{\"name\":\"account\",\"type\":\"address\",\"internalType\":\"address\"}]},{\"type\":\"error\",\"name\":\"SeedNotReady\",\"inputs\":[{\"name\":\"readyAt\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"blockNumber\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"StakeLocked\",\"inputs\":[{\"name\":\"requested\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"free\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"StakeTooLow\",\"inputs\":[{\"name\":\"need\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"have\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"StringTooLong\",\"inputs\":[{\"name\":\"str\",\"type\":\"string\",\"internalType\":\"string\"}]},{\"type\":\"error\",\"name\":\"TotalBelowPrevious\",\"inputs\":[{\"name\":\"previous\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"posted\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"TotalExceeded\",\"inputs\":[{\"name\":\"claimedTotal\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"cumulativeTotal\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"WindowClosed\",\"inputs\":[{\"name\":\"windowEnd\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"time\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"WindowOpen\",\"inputs\":[{\"name\":\"windowEnd\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"time\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"WrongEpoch\",\"inputs\":[{\"name\":\"want\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"got\",\"type\":\"uint64\",\"internalType\":\"uint64\"}]},{\"type\":\"error\",\"name\":\"WrongState\",\"inputs\":[{\"name\":\"epoch\",\"type\":\"uint64\",\"internalType\":\"uint64\"},{\"name\":\"state\",\"type\":\"uint8\",\"internalType\":\"enumState\"}]},{\"type\":\"error\",\"name\":\"WrongValue\",\"inputs\":[{\"name\":\"want\",\"type\":\"uint256\",\"internalType\":\"uint256\"},{\"name\":\"got\",\"type\":\"uint256\",\"internalType\":\"uint256\"}]},{\"type\":\"error\",\"name\":\"ZeroAddress\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"ZeroAmount\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"ZeroBond\",\"inputs\":[]},{\"type\":\"error\",\"name\":\"ZeroHash\",\"inputs\":[]}]",
	ID:  "Ledger",
	Bin: "0x610220604052348015610010575f5ffd5b5060405161505d38038061505d83398101604081905261002f916104e3565b8060c001518160a001516040518060400160405280600d81526020016c30ba3a3934b1103632b233b2b960991b815250604051806040016040528060018152602001603160f81b81525084608001518560e00151866101000151875f0151886020015189604001518a60600151825f6001600160a01b0316816001600160a01b0316036100d657604051631e4fbdf760e01b81525f60048201526024015b60405180910390fd5b6100df8161038a565b506001600160a01b03821615806100fd57506001600160a01b038116155b1561011b5760405163d92e233d60e01b815260040160405180910390fd5b806001600160a01b0316826001600160a01b031603610158576040516399f23c0f60e01b81526001600160a01b03831660048201526024016100cd565b600280546001600160a01b038085166001600160a01b0319928316811790935560048054918516919092161790556040515f907f32487a31d5a41d672510a2a1aa50e214e52d5d25fd9a9e94dfa66f4349f8840f908290a36040516001600160a01b038216905f907f8baeb8e9be10c233f000f8215f52a1038a77bc736883d06f9022545ef1ab1a74908290a35050506001600160a01b0381161580159061020857506001600160a01b0381163b155b15610231576040516322a2d07b60e21b81526001600160a01b03821660048201526024016100cd565b6001600160a01b03166080525f82900361025e57604051631d7a68af60e11b815260040160405180910390fd5b60a09190915260c052610270816103a6565b6001600160401b031660e052610285826103f1565b6101a052610292816103f1565b6101c0528151602080840191909120610160528151908201206101805246610120526103216101605161018051604080517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f60208201529081019290925260608201524660808201523060a08201525f9060c00160405160208183030381529060405280519060200120905090565b6101005250503061014052610335816103a6565b6001600160401b039081166101e052429082161161037757604051633829a1ff60e21b81526001600160401b03821660048201524260248201526044016100cd565b6001600160401b031661020052506105e8565b600180546001600160a01b03191690556103a38161042e565b50565b6001600160401b03811615806103c857506301e133806001600160401b038216115b156103a35760405163067a7d9b60e21b81526001600160401b03821660048201526024016100cd565b5f5f829050601f8151111561041b578260405163305a27a960e01b81526004016100cd919061058d565b8051610426826105c2565b179392505050565b5f80546001600160a01b038381166001600160a01b0319831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b60405161012081016001600160401b03811182821017156104ac57634e487b7160e01b5f52604160045260245ffd5b60405290565b80516001600160a01b03811681146104c8575f5ffd5b919050565b80516001600160401b03811681146104c8575f5ffd5b5f6101208284031280156104f5575f5ffd5b506104fe61047d565b610507836104b2565b8152610515602084016104b2565b6020820152610526604084016104b2565b6040820152610537606084016104b2565b6060820152610548608084016104cd565b608082015261055960a084016104cd565b60a082015261056a60c084016104cd565b60c082015260e08381015190820152610100928301519281019290925250919050565b602081525f82518060208401528060208501604085015e5f604082850101526040601f19601f83011684010191505092915050565b805160208083015191908110156105e2575f198160200360031b1b821691505b50919050565b60805160a05160c05160e05161010051610120516101405161016051610180516101a0516101c0516101e0516102005161494061071d5f395f8181610a0d01528181610c590152610cba01525f8181610a5d0152612d6701525f6136fe01525f6136d301525f613f6701525f613f3f01525f613e9a01525f613ec401525f613eee01525f81816105c0015281816119e401526131fd01525f81816104620152818161194d015281816119aa01528181612eca0152818161314b015261318101525f81816106f401528181610eb901528181611fe70152818161203401528181612470015281816131a2015261332c01525f8181610b9f01528181612564015281816128e20152818161293d01528181612bbf01528181612c02015281816138c90152818161394901526139a101526149405ff3fe60806040526004361061039d575f3560e01c806384b0196e116101de578063dc44698711610108578063eef49ee31161009d578063fc5d38c51161006d578063fc5d38c514610bc1578063fca6930414610bd5578063fd3c4a8914610c08578063fe25e00a14610c27575f5ffd5b8063eef49ee314610aef578063f240f7c314610b17578063f2fde38b14610b6f578063fc0c546a14610b8e575f5ffd5b8063e6089605116100d8578063e608960514610a7f578063ebf0c71714610aa7578063ecc02d5c14610abc578063eecdf92714610ad0575f5ffd5b8063dc446987146109d4578063e184c9be146109fc578063e30c397814610a2f578063e352f64314610a4c575f5ffd5b8063a43d64041161017e578063c9d664a81161014e578063c9d664a814610947578063ca1d209d14610966578063cc85cc8b14610979578063d54ad2a114610998575f5ffd5b8063a43d6404146108df578063ac40707b146108f4578063c87d677914610908578063c884ef831461091c575f5ffd5b80638bd386f0116101b95780638bd386f0146108715780638da5cb5b146108905780639cece888146108ac5780639d17ba8e146108c0575f5ffd5b806384b0196e14610822578063866ce3aa146108495780638b0e9f3f1461085c575f5ffd5b80634931a1d1116102ca578063715018a61161025f5780637cc3beb21161022f5780637cc3beb2146107a75780637ecebe00146107bb57806380959721146107ef5780638456cb591461080e575f5ffd5b8063715018a61461073557806375244e3414610749578063758072501461076857806379ba509714610793575f5ffd5b80635c975abb1161029a5780635c975abb1461068a57806363108bc8146106c457806364c9ec6f146106e3578063681e19b614610716575f5ffd5b80634931a1d1146105f65780634dd3b23a146106155780634df1c1261461064c57806351cff8d91461066b575f5ffd5b806338e1d9a1116103405780633f4ba83a116103105780633f4ba83a146105705780634262336014610584578063461645bf146105af57806348a0d754146105e2575f5ffd5b806338e1d9a1146104fb5780633a4b66f1146105275780633d13f8741461052f5780633db06cb71461054e575f5ffd5b8063228cb7331161037b578063228cb7331461045157806323cb830f146104845780632679d81d146104a35780632e17de78146104dc575f5ffd5b806301681a62146103a15780632113eaca146103d35780632222856014610430575b5f5ffd5b3480156103ac575f5ffd5b506103c06103bb3660046142ae565b610c46565b6040519081526020015b60405180910390f35b3480156103de575f5ffd5b5060065461040f9070010000000000000000000000000000000090046fffffffffffffffffffffffffffffffff1681565b6040516fffffffffffffffffffffffffffffffff90911681526020016103ca565b34801561043b575f5ffd5b5061044f61044a3660046142e0565b610dee565b005b34801561045c575f5ffd5b506103c07f000000000000000000000000000000000000000000000000000000000000000081565b34801561048f575f5ffd5b5061044f61049e3660046142e0565b610ee1565b3480156104ae575f5ffd5b50600d546104c39067ffffffffffffffff1681565b60405167ffffffffffffffff90911681526020016103ca565b3480156104e7575f5ffd5b5061044f6104f63660046142f9565b611061565b348015610506575f5ffd5b5061051a6105153660046142e0565b611172565b6040516103ca9190614376565b61044f6111e0565b34801561053a575f5ffd5b506103c06105493660046143cc565b61129e565b348015610559575f5ffd5b506105626112c6565b6040516103ca929190614424565b34801561057b575f5ffd5b5061044f611561565b34801561058f575f5ffd5b506103c061059e3660046142ae565b60076020525f908152604090205481565b3480156105ba575f5ffd5b506104c37f000000000000000000000000000000000000000000000000000000000000000081565b3480156105ed575f5ffd5b506103c0611573565b348015610601575f5ffd5b5061044f61061036600461450c565b6115c1565b348015610620575f5ffd5b50600554610634906001600160a01b031681565b6040516001600160a01b0390911681526020016103ca565b348015610657575f5ffd5b5061044f6106663660046142ae565b6116f6565b348015610676575f5ffd5b506103c06106853660046142ae565b611767565b348015610695575f5ffd5b5060015474010000000000000000000000000000000000000000900460ff1660405190151581526020016103ca565b3480156106cf575f5ffd5b5061044f6106de366004614545565b61188e565b3480156106ee575f5ffd5b506103c07f000000000000000000000000000000000000000000000000000000000000000081565b348015610721575f5ffd5b5061044f6107303660046145a5565b611bab565b348015610740575f5ffd5b5061044f611cf9565b348015610754575f5ffd5b5061044f6107633660046142ae565b611d11565b348015610773575f5ffd5b506103c06107823660046142ae565b60086020525f908152604090205481565b34801561079e575f5ffd5b5061044f611d82565b3480156107b2575f5ffd5b5061044f611ddf565b3480156107c6575f5ffd5b506103c06107d53660046142ae565b6001600160a01b03165f9081526015602052604090205490565b3480156107fa575f5ffd5b50600254610634906001600160a01b031681565b348015610819575f5ffd5b5061044f611eda565b34801561082d575f5ffd5b50610836611eea565b6040516103ca9796959493929190614619565b61044f6108573660046145a5565b611f48565b348015610867575f5ffd5b506103c060095481565b34801561087c575f5ffd5b5061044f61088b3660046142e0565b6121bc565b34801561089b575f5ffd5b505f546001600160a01b0316610634565b3480156108b7575f5ffd5b5061044f612245565b3480156108cb575f5ffd5b506103c06108da3660046146cb565b612340565b3480156108ea575f5ffd5b506103c0600a5481565b3480156108ff575f5ffd5b506103c0612443565b348015610913575f5ffd5b506103c0612495565b348015610927575f5ffd5b506103c06109363660046142ae565b60166020525f908152604090205481565b348015610952575f5ffd5b506103c061096136600461479e565b6124d2565b6103c06109743660046142f9565b612559565b348015610984575f5ffd5b50600354610634906001600160a01b031681565b3480156109a3575f5ffd5b50600c5461040f9070010000000000000000000000000000000090046fffffffffffffffffffffffffffffffff1681565b3480156109df575f5ffd5b50600c5461040f906fffffffffffffffffffffffffffffffff1681565b348015610a07575f5ffd5b506104c37f000000000000000000000000000000000000000000000000000000000000000081565b348015610a3a575f5ffd5b506001546001600160a01b0316610634565b348015610a57575f5ffd5b506104c37f000000000000000000000000000000000000000000000000000000000000000081565b348015610a8a575f5ffd5b50335f9081526015602052604090208054600181019091556103c0565b348015610ab2575f5ffd5b506103c0600b5481565b348015610ac7575f5ffd5b506104c3612698565b348015610adb575f5ffd5b5061044f610aea3660046142f9565b612736565b348015610afa575f5ffd5b5060065461040f906fffffffffffffffffffffffffffffffff1681565b348015610b22575f5ffd5b50610b2b6127b3565b6040805183516001600160a01b0316815260208085015167ffffffffffffffff908116918301919091529382015191810191909152911660608201526080016103ca565b348015610b7a575f5ffd5b5061044f610b893660046142ae565b612855565b348015610b99575f5ffd5b506106347f000000000000000000000000000000000000000000000000000000000000000081565b348015610bcc575f5ffd5b506103c06128dd565b348015610be0575f5ffd5b506103c07f584758a11334e56509c1d7ae04738efb4c7a7cd7a8adf538d21cb09bdd04435281565b348015610c13575f5ffd5b506103c0610c223660046147eb565b612a12565b348015610c32575f5ffd5b50600454610634906001600160a01b031681565b5f610c4f612aa3565b610c57612ae8565b7f000000000000000000000000000000000000000000000000000000000000000067ffffffffffffffff16421015610cf2576040517f8788802000000000000000000000000000000000000000000000000000000000815267ffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001660048201524260248201526044015b60405180910390fd5b610cfa6128dd565b9050805f03610d35576040517f351261fc00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b610d3d612b1d565b600654610d5c91906fffffffffffffffffffffffffffffffff16614834565b600680546fffffffffffffffffffffffffffffffff9081167001000000000000000000000000000000009382168402179182905560408051858152939092041660208301526001600160a01b038416917f8a89918ff5a1192aacedc279940d66eec9c0a1c2c6490aea91350ff42981c1a9910160405180910390a2610de18282612b5d565b610de9612c29565b919050565b610df9816003612c53565b610e01612d5c565b67ffffffffffffffff16421015610e5f57610e1a612d5c565b6040517f537b7a2d00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9091166004820152426024820152604401610ce9565b6017546001600160a01b0316610e7482612dae565b6040516001600160a01b0382169067ffffffffffffffff8416907f37c66712a8c6f50cbc11a3274ac5a72a983e8b763227be1c0f297e4c62bbc961905f90a3610edd817f0000000000000000000000000000000000000000000000000000000000000000612e1d565b5050565b610eec816002612c53565b6011547801000000000000000000000000000000000000000000000000900467ffffffffffffffff16421015610f7f576011546040517f8a407330000000000000000000000000000000000000000000000000000000008152780100000000000000000000000000000000000000000000000090910467ffffffffffffffff166004820152426024820152604401610ce9565b600f54600b819055601154600c80546fffffffffffffffffffffffffffffffff9092167fffffffffffffffffffffffffffffffff0000000000000000000000000000000090921682179055600d80547fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000001667ffffffffffffffff8516908117909155601280547fffffff0000000000ffffffffffffffffffffffffffffffffffffffffffffffff169055604051918252907f34b3d5c6eebf2a285b234f584b01b308a72c17eea2a702b4087ddcc05d8db396906020015b60405180910390a350565b805f0361109a576040517f1f2a200500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b335f81815260076020526040812054916110b390612e9c565b90505f8183116110c3575f6110cd565b6110cd8284614834565b905080841115611113576040517f5ab983010000000000000000000000000000000000000000000000000000000081526004810185905260248101829052604401610ce9565b61111d3385612eef565b337f7fc4727e062e336010f2c282598ef5f14facb3de68cf8195c2f23e1454b2b74e8561114a8187614834565b6040805192835260208301919091520160405180910390a261116c3385612e1d565b50505050565b600d545f9067ffffffffffffffff9081169083161161119357506004919050565b600d546111ab9067ffffffffffffffff166001614847565b67ffffffffffffffff168267ffffffffffffffff16146111cc5760056111da565b601254600160e01b900460ff165b92915050565b345f03611219576040517f1f2a200500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b335f90815260076020526040812054611233903490614867565b335f90815260076020526040812082905560098054929350349290919061125b908490614867565b9091555050604080513481526020810183905233917f1449c6dd7851abc30abf37f57715f492010519147cc2652fbc38202c18a6ee90910160405180910390a250565b5f6112a7612ae8565b6112b48586868686612f37565b90506112be612c29565b949350505050565b60408051610160810182525f80825260208201819052918101829052606081018290526080810182905260a0810182905260c0810182905260e08101829052610100810182905261012081018290526101408101829052600d54600e906113389067ffffffffffffffff166001614847565b60048201547801000000000000000000000000000000000000000000000000810463ffffffff16610100850152909350610120830190600160e01b900460ff16600581111561138957611389614310565b9081600581111561139c5761139c614310565b9052505f6004820154600160e01b900460ff1660058111156113c0576113c0614310565b036113ca57509091565b805482526003810154700100000000000000000000000000000000900467ffffffffffffffff16608083015260016004820154600160e01b900460ff16600581111561141857611418614310565b0361142257509091565b6040805161016081018252825481526001830154602082015260028301549181019190915260038201546fffffffffffffffffffffffffffffffff8116606083015267ffffffffffffffff7001000000000000000000000000000000008204811660808401527801000000000000000000000000000000000000000000000000918290041660a083015260048301546001600160a01b03811660c084015263ffffffff740100000000000000000000000000000000000000008204811660e0850152918104909116610100830152829061012083019060ff600160e01b90910416600581111561151457611514614310565b600581111561152557611525614310565b8152600491909101547d010000000000000000000000000000000000000000000000000000000000900460ff1615156020909101529293915050565b611569612aa3565b611571613083565b565b6006545f906115aa906fffffffffffffffffffffffffffffffff70010000000000000000000000000000000082048116911661487a565b6fffffffffffffffffffffffffffffffff16905090565b6115c96130f3565b6115d4826003612c53565b6115dc612d5c565b67ffffffffffffffff164210611639576115f4612d5c565b6040517fd2aa79af00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9091166004820152426024820152604401610ce9565b6017546001600160a01b0316811561165a576116558382613139565b611662565b6116626131cb565b806001600160a01b03168367ffffffffffffffff167f921b1380fa68c3f4feaf393c54c694b7f266da170bd23f0286812734ea03294f84856116cc576011547801000000000000000000000000000000000000000000000000900467ffffffffffffffff166116ce565b5f5b60408051921515835267ffffffffffffffff90911660208301520160405180910390a3505050565b6116fe612aa3565b600380547fffffffffffffffffffffffff0000000000000000000000000000000000000000166001600160a01b03838116918217909255600254604051919216907f9d855b4d04a583afe4f14bee2354c11d587fcfd62d9e18364d1e4ae0874c2903905f90a350565b5f611770612ae8565b50335f90815260086020526040812054908190036117bc576040517fdc69dc16000000000000000000000000000000000000000000000000000000008152336004820152602401610ce9565b6001600160a01b03821615806117da57506001600160a01b03821630145b1561181c576040517ff66e90480000000000000000000000000000000000000000000000000000000081526001600160a01b0383166004820152602401610ce9565b335f908152600860205260408120819055600a805483929061183f908490614834565b90915550506040518181526001600160a01b0383169033907fd1c19fbcd4551a5edfb66d43d2e337c04837afda3482b42bdf569a8fccdae5fb9060200160405180910390a3610de18282613350565b6118966133f5565b61189e61343b565b6118a9866001612c53565b6118b284613490565b6118bb8261355f565b8415806118c6575082155b156118fd576040517ff1ae58d500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8063ffffffff165f0361193c576040517fbaec3d9a00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b335f908152600760205260409020547f000000000000000000000000000000000000000000000000000000000000000011156119de57335f90815260076020526040908190205490517f829f11630000000000000000000000000000000000000000000000000000000081527f000000000000000000000000000000000000000000000000000000000000000060048201526024810191909152604401610ce9565b5f611a097f000000000000000000000000000000000000000000000000000000000000000042614847565b600f87905560108590556011805467ffffffffffffffff8381167801000000000000000000000000000000000000000000000000810277ffffffffffffffff000000000000000000000000000000009093166fffffffffffffffffffffffffffffffff8916179290921792839055601280547fffff0000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff63ffffffff89167401000000000000000000000000000000000000000081027fffffffffffffffff00000000ffffffffffffffffffffffffffffffffffffffff33167fffffffffffffffff0000000000000000000000000000000000000000000000009094169390931792909217167c020000000000000000000000000000000000000000000000000000000017909155604080518b8152602081018b905290810189905260608101919091527001000000000000000000000000000000009093048116608084015260a083019190915291925087918916907fc167c7d77796ef8dd3fd6276f339d56544b5b635ec7792ac6530474dd46392a79060c00160405180910390a350505050505050565b611bb36133f5565b611bbb61343b565b611bc5825f612c53565b80611bfc576040517ff1ae58d500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600e819055601180547fffffffffffffffff0000000000000000ffffffffffffffffffffffffffffffff167001000000000000000000000000000000004367ffffffffffffffff160217905560128054600191907fffffff00ffffffffffffffffffffffffffffffffffffffffffffffffffffffff16600160e01b83021790555060125460408051780100000000000000000000000000000000000000000000000090920463ffffffff168252602082018390524367ffffffffffffffff908116918301919091528316907f55d9facee95019901913ebe42e04e135a19b42aa3b68515b1824b70dccd85088906060015b60405180910390a25050565b611d01612aa3565b611d0961343b565b61157161361f565b611d19612aa3565b600580547fffffffffffffffffffffffff0000000000000000000000000000000000000000166001600160a01b03838116918217909255600454604051919216907f86c58e003fd67be93a89ced5dd332f7b34480eb3878596184f372c707ab30a26905f90a350565b60015433906001600160a01b03168114611dd3576040517f118cdaa70000000000000000000000000000000000000000000000000000000081526001600160a01b0382166004820152602401610ce9565b611ddc8161362c565b50565b6005546001600160a01b03163314611e25576040517f29c89150000000000000000000000000000000000000000000000000000000008152336004820152602401610ce9565b6002546001600160a01b03163303611e6b576040517f99f23c0f000000000000000000000000000000000000000000000000000000008152336004820152602401610ce9565b60045460405133916001600160a01b0316907f8baeb8e9be10c233f000f8215f52a1038a77bc736883d06f9022545ef1ab1a74905f90a3600480547fffffffffffffffffffffffff00000000000000000000000000000000000000009081163317909155600580549091169055565b611ee2612aa3565b61157161365d565b5f6060805f5f5f6060611efb6136cc565b611f036136f7565b604080515f808252602082019092527f0f000000000000000000000000000000000000000000000000000000000000009b939a50919850469750309650945092509050565b611f53826002612c53565b6011547801000000000000000000000000000000000000000000000000900467ffffffffffffffff164210611fe5576011546040517fe82f74c8000000000000000000000000000000000000000000000000000000008152780100000000000000000000000000000000000000000000000090910467ffffffffffffffff166004820152426024820152604401610ce9565b7f00000000000000000000000000000000000000000000000000000000000000003414612066576040517f195a3ca10000000000000000000000000000000000000000000000000000000081527f00000000000000000000000000000000000000000000000000000000000000006004820152346024820152604401610ce9565b8061209d576040517ff1ae58d500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b60128054600391907fffffff00ffffffffffffffffffffffffffffffffffffffffffffffffffffffff16600160e01b83021790555060408051606081018252338082524267ffffffffffffffff9081166020840181905292909301849052601780547fffffffff00000000000000000000000000000000000000000000000000000000167fffffffff0000000000000000ffffffffffffffffffffffffffffffffffffffff831617740100000000000000000000000000000000000000009093029290921790915560188390559083167f99569967361c7f64e3b852f0c9d2ae40e9c51a2299ba036cb03ebe10126298db83612197612d5c565b6040805192835267ffffffffffffffff90911660208301520160405180910390a35050565b6121c46130f3565b6121cf816001612c53565b601254600e5460408051780100000000000000000000000000000000000000000000000090930463ffffffff168352602083019190915267ffffffffffffffff8316917fe9f2bb358f5fe2713e0bcd0269da25629c7c4948f0be28628b0b31f5f37bcd41910160405180910390a2611ddc613722565b6003546001600160a01b0316331461228b576040517f29c89150000000000000000000000000000000000000000000000000000000008152336004820152602401610ce9565b6004546001600160a01b031633036122d1576040517f99f23c0f000000000000000000000000000000000000000000000000000000008152336004820152602401610ce9565b60025460405133916001600160a01b0316907f32487a31d5a41d672510a2a1aa50e214e52d5d25fd9a9e94dfa66f4349f8840f905f90a3600280547fffffffffffffffffffffffff00000000000000000000000000000000000000009081163317909155600380549091169055565b5f612349612ae8565b8342111561238c576040517f83f2ba2000000000000000000000000000000000000000000000000000000000815260048101859052426024820152604401610ce9565b336001600160a01b038a1614612420575f6123cf8a8a8a6123c98e6001600160a01b03165f90815260156020526040902080546001810190915590565b896124d2565b90506123dd8a82868661379f565b61241e576040517fd855c4f40000000000000000000000000000000000000000000000000000000081526001600160a01b038b166004820152602401610ce9565b505b61242d8989898989612f37565b9050612437612c29565b98975050505050505050565b5f6003601254600160e01b900460ff16600581111561246457612464614310565b1461246e57505f90565b7f00000000000000000000000000000000000000000000000000000000000000005b905090565b600c545f9070010000000000000000000000000000000090046fffffffffffffffffffffffffffffffff166124c8612b1d565b6124909190614834565b604080517f584758a11334e56509c1d7ae04738efb4c7a7cd7a8adf538d21cb09bdd04435260208201526001600160a01b038088169282019290925290851660608201526080810184905260a0810183905260c081018290525f9061254f9060e00160405160208183030381529060405280519060200120613811565b9695505050505050565b5f612562612ae8565b7f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03161561259f5761259a82613858565b6125a8565b6125a882613a1c565b9050805f036125e6576040517f65d8056000000000000000000000000000000000000000000000000000000000815260048101839052602401610ce9565b6006545f906126089083906fffffffffffffffffffffffffffffffff16614867565b905061261381613a63565b600680547fffffffffffffffffffffffffffffffff00000000000000000000000000000000166fffffffffffffffffffffffffffffffff92909216919091179055604080518381526020810183905233917fcd909ec339185c4598a4096e174308fbdf136d117f230960f873a2f2e81f63af910160405180910390a250610de9612c29565b5f80601254600160e01b900460ff1660058111156126b8576126b8614310565b0361270a57600d546126d59067ffffffffffffffff166001614847565b5f6040517fece4eacd000000000000000000000000000000000000000000000000000000008152600401610ce99291906148a2565b60115461249090700100000000000000000000000000000000900467ffffffffffffffff166001614847565b61273e61343b565b80612775576040517ff1ae58d500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b60405167ffffffffffffffff42168152339082907f0733e5a0823eaea6686da77c223c685bd0c96ab61f1323c5ab21d5ecc786f53a90602001611056565b604080516060810182525f80825260208201819052918101919091525f6003601254600160e01b900460ff1660058111156127f0576127f0614310565b036128515760176127ff612d5c565b6040805160608101825283546001600160a01b038116825274010000000000000000000000000000000000000000900467ffffffffffffffff1660208201526001909301549083015290939092509050565b9091565b61285d612aa3565b600180546001600160a01b0383167fffffffffffffffffffffffff000000000000000000000000000000000000000090911681179091556128a55f546001600160a01b031690565b6001600160a01b03167f38d16b8cac22d99fc7c124b9cd0de2d3fa1faef420bfe791d8c362d765e2270060405160405180910390a350565b5f80807f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316156129bb576040517f70a082310000000000000000000000000000000000000000000000000000000081523060048201527f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316906370a0823190602401602060405180830381865afa15801561298a573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906129ae91906148c0565b6129b6612495565b6129f0565b476129c4612443565b600a546009546129d2612495565b6129dc9190614867565b6129e69190614867565b6129f09190614867565b91509150808211612a01575f612a0b565b612a0b8183614834565b9250505090565b604080517f31333533f9a75a3e86db35811ca37e282a8e634880992bec7b31046e776abe4860208083019190915246828401523060608301526001600160a01b038516608083015260a08083018590528351808403909101815260c08301845280519082012060e0808401919091528351808403909101815261010090920190925280519101205f905b9392505050565b5f546001600160a01b03163314611571576040517f118cdaa7000000000000000000000000000000000000000000000000000000008152336004820152602401610ce9565b612af0613ab8565b61157160017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005b90613b11565b5f612b26613b18565b612b4457600c546fffffffffffffffffffffffffffffffff166115aa565b506011546fffffffffffffffffffffffffffffffff1690565b6001600160a01b0382161580612b7b57506001600160a01b03821630145b15612bbd576040517ff66e90480000000000000000000000000000000000000000000000000000000081526001600160a01b0383166004820152602401610ce9565b7f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316612bf557610edd8282613350565b610edd6001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000168383613b66565b6115715f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f00612b17565b600d54612c6b9067ffffffffffffffff166001614847565b67ffffffffffffffff168267ffffffffffffffff1614612ce457600d54612c9d9067ffffffffffffffff166001614847565b6040517f2b9264ec00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff91821660048201529083166024820152604401610ce9565b806005811115612cf657612cf6614310565b601254600160e01b900460ff166005811115612d1457612d14614310565b14610edd576012546040517fece4eacd000000000000000000000000000000000000000000000000000000008152610ce9918491600160e01b90910460ff16906004016148a2565b6017545f90612490907f00000000000000000000000000000000000000000000000000000000000000009074010000000000000000000000000000000000000000900467ffffffffffffffff16614847565b600f54601254604051780100000000000000000000000000000000000000000000000090910463ffffffff16815267ffffffffffffffff8316907fec14f974b6a40b8bbd61b89d090a95121b8b81c8f2c649b8c81abbea173006fd9060200160405180910390a3611ddc613722565b6001600160a01b0382165f9081526008602052604081208054839290612e44908490614867565b9250508190555080600a5f828254612e5c9190614867565b90915550506040518181526001600160a01b038316907f9c9e0cdb1670e88302408e5b941dc636f63a3293204694bb68910fcf3d9305f390602001611ced565b5f612ea5613b18565b8015612ebe57506012546001600160a01b038381169116145b612ec8575f6111da565b7f000000000000000000000000000000000000000000000000000000000000000092915050565b6001600160a01b0382165f9081526007602052604081208054839290612f16908490614834565b925050819055508060095f828254612f2e9190614834565b90915550505050565b5f612f4f8383600b54612f4a8a89612a12565b613bb9565b612f97576040517fadbd65120000000000000000000000000000000000000000000000000000000081526001600160a01b038716600482015260248101859052604401610ce9565b6001600160a01b0386165f90815260166020526040902054808511613001576040517f0cfa2bb00000000000000000000000000000000000000000000000000000000081526001600160a01b03881660048201526024810186905260448101829052606401610ce9565b61300b8186614834565b915061301682613bd0565b6001600160a01b038781165f818152601660209081526040918290208990558151868152908101899052928916927f2f6639d24651730c7bf57c95ddbf96d66d11477e4ec626876f92c22e5f365e68910160405180910390a36130798683612b5d565b5095945050505050565b61308b613cac565b600180547fffffffffffffffffffffff00ffffffffffffffffffffffffffffffffffffffff1690557f5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa335b6040516001600160a01b03909116815260200160405180910390a1565b6004546001600160a01b03163314611571576040517f720c75c2000000000000000000000000000000000000000000000000000000008152336004820152602401610ce9565b60125461316f906001600160a01b03167f0000000000000000000000000000000000000000000000000000000000000000612eef565b61317882612dae565b610edd816131c67f00000000000000000000000000000000000000000000000000000000000000007f0000000000000000000000000000000000000000000000000000000000000000614867565b612e1d565b60125442907d010000000000000000000000000000000000000000000000000000000000900460ff16613227576132227f000000000000000000000000000000000000000000000000000000000000000082614847565b613285565b60175460115467ffffffffffffffff7401000000000000000000000000000000000000000090920482169161327b918491780100000000000000000000000000000000000000000000000090910416614847565b61328591906148d7565b6011805467ffffffffffffffff9290921678010000000000000000000000000000000000000000000000000277ffffffffffffffffffffffffffffffffffffffffffffffff909216919091179055601280547fffff0000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff81167d01020000000000000000000000000000000000000000000000000000000017909155611ddc906001600160a01b03167f0000000000000000000000000000000000000000000000000000000000000000612e1d565b80471015613393576040517fcf47918100000000000000000000000000000000000000000000000000000000815247600482015260248101829052604401610ce9565b6133ac828260405180602001604052805f815250613d00565b156133b5575050565b3d156133c357610edd613d15565b6040517fd6bda27500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6002546001600160a01b03163314611571576040517f6951ee52000000000000000000000000000000000000000000000000000000008152336004820152602401610ce9565b60015474010000000000000000000000000000000000000000900460ff1615611571576040517fd93c066500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600e5481146134d957600e546040517f63145305000000000000000000000000000000000000000000000000000000008152600481019190915260248101829052604401610ce9565b6011545f9061350790700100000000000000000000000000000000900467ffffffffffffffff166002614847565b90508067ffffffffffffffff16431015610edd576040517f484e391600000000000000000000000000000000000000000000000000000000815267ffffffffffffffff82166004820152436024820152604401610ce9565b600c546fffffffffffffffffffffffffffffffff168110156135cc57600c546040517f746451b10000000000000000000000000000000000000000000000000000000081526fffffffffffffffffffffffffffffffff909116600482015260248101829052604401610ce9565b6135d4611573565b811115611ddc57806135e4611573565b6040517f1f2c89f000000000000000000000000000000000000000000000000000000000815260048101929092526024820152604401610ce9565b613627612aa3565b6115715f5b600180547fffffffffffffffffffffffff0000000000000000000000000000000000000000169055611ddc81613d20565b61366561343b565b600180547fffffffffffffffffffffff00ffffffffffffffffffffffffffffffffffffffff16740100000000000000000000000000000000000000001790557f62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a2586130d63390565b60606124907f0000000000000000000000000000000000000000000000000000000000000000613d87565b60606124907f0000000000000000000000000000000000000000000000000000000000000000613d87565b601280547fffffff00ffffffffffffffffffffffffffffffffffffffffffffffffffffffff168082556001919060189061377f9084907801000000000000000000000000000000000000000000000000900463ffffffff166148f7565b92506101000a81548163ffffffff021916908363ffffffff160217905550565b5f846001600160a01b03163b5f036137fe575f5f6137be868686613dc4565b5090925090505f8160038111156137d7576137d7614310565b1480156137f55750866001600160a01b0316826001600160a01b0316145b925050506112be565b61380a85858585613e0b565b90506112be565b5f6111da61381d613e8e565b836040517f19010000000000000000000000000000000000000000000000000000000000008152600281019290925260228201526042902090565b5f3415613899576040517f195a3ca10000000000000000000000000000000000000000000000000000000081525f6004820152346024820152604401610ce9565b6040517f70a082310000000000000000000000000000000000000000000000000000000081523060048201525f907f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316906370a0823190602401602060405180830381865afa158015613916573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061393a91906148c0565b90506139716001600160a01b037f000000000000000000000000000000000000000000000000000000000000000016333086613fb7565b6040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015281907f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316906370a0823190602401602060405180830381865afa1580156139ee573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190613a1291906148c0565b612a9c9190614834565b5f813414613a5f576040517f195a3ca100000000000000000000000000000000000000000000000000000000815260048101839052346024820152604401610ce9565b5090565b5f6fffffffffffffffffffffffffffffffff821115613a5f576040517f6dfcc6500000000000000000000000000000000000000000000000000000000081526080600482015260248101839052604401610ce9565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c15611571576040517f3ee5aeb500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b80825d5050565b5f6002601254600160e01b900460ff166005811115613b3957613b39614310565b148061249057506003601254600160e01b900460ff166005811115613b6057613b60614310565b14905090565b613b738383836001614006565b613bb4576040517f5274afe70000000000000000000000000000000000000000000000000000000081526001600160a01b0384166004820152602401610ce9565b505050565b5f82613bc6868685614081565b1495945050505050565b600c545f90613c0690839070010000000000000000000000000000000090046fffffffffffffffffffffffffffffffff16614867565b600c549091506fffffffffffffffffffffffffffffffff16811115613c7657600c546040517f97b2c9fe000000000000000000000000000000000000000000000000000000008152600481018390526fffffffffffffffffffffffffffffffff9091166024820152604401610ce9565b600c80546fffffffffffffffffffffffffffffffff92831670010000000000000000000000000000000002921691909117905550565b60015474010000000000000000000000000000000000000000900460ff16611571576040517f8dfc202b00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f5f5f83516020850186885af1949350505050565b6040513d5f823e3d81fd5b5f80546001600160a01b038381167fffffffffffffffffffffffff0000000000000000000000000000000000000000831681178455604051919092169283917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e09190a35050565b60605f613d93836140c2565b6040805160208082528183019092529192505f91906020820181803683375050509182525060208101929092525090565b5f80806041849003613df8578435602086013560408701355f1a613dea89828585614102565b955095509550505050613e02565b505f915060029050825b93509350939050565b604080517f1626ba7e00000000000000000000000000000000000000000000000000000000808252600482018690526024820192909252604481018390525f91908390818660648301375f82606483010152601f820160051c60051b915060205f60648401838b5afa9050825f5114601f3d111681169350505050949350505050565b5f306001600160a01b037f000000000000000000000000000000000000000000000000000000000000000016148015613ee657507f000000000000000000000000000000000000000000000000000000000000000046145b15613f1057507f000000000000000000000000000000000000000000000000000000000000000090565b612490604080517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f60208201527f0000000000000000000000000000000000000000000000000000000000000000918101919091527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a08201525f9060c00160405160208183030381529060405280519060200120905090565b613fc58484848460016141e8565b61116c576040517f5274afe70000000000000000000000000000000000000000000000000000000081526001600160a01b0385166004820152602401610ce9565b6040517fa9059cbb000000000000000000000000000000000000000000000000000000005f8181526001600160a01b038616600452602485905291602083604481808b5af1925060015f51148316614075578383151615614069573d5f823e3d81fd5b5f873b113d1516831692505b60405250949350505050565b5f81815b848110156140b9576140af828787848181106140a3576140a3614913565b9050602002013561426e565b9150600101614085565b50949350505050565b5f60ff8216601f8111156111da576040517fb3512b0c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f80807f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a084111561413b57505f915060039050826141de565b604080515f808252602082018084528a905260ff891692820192909252606081018790526080810186905260019060a0016020604051602081039080840390855afa15801561418c573d5f5f3e3d5ffd5b50506040517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe001519150506001600160a01b0381166141d557505f9250600191508290506141de565b92505f91508190505b9450945094915050565b6040517f23b872dd000000000000000000000000000000000000000000000000000000005f8181526001600160a01b038781166004528616602452604485905291602083606481808c5af1925060015f5114831661425d578383151615614251573d5f823e3d81fd5b5f883b113d1516831692505b604052505f60605295945050505050565b5f818310614288575f828152602084905260409020612a9c565b5f838152602083905260409020612a9c565b6001600160a01b0381168114611ddc575f5ffd5b5f602082840312156142be575f5ffd5b8135612a9c8161429a565b803567ffffffffffffffff81168114610de9575f5ffd5b5f602082840312156142f0575f5ffd5b612a9c826142c9565b5f60208284031215614309575f5ffd5b5035919050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b60068110614372577f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b9052565b602081016111da828461433d565b5f5f83601f840112614394575f5ffd5b50813567ffffffffffffffff8111156143ab575f5ffd5b6020830191508360208260051b85010111156143c5575f5ffd5b9250929050565b5f5f5f5f606085870312156143df575f5ffd5b84356143ea8161429a565b935060208501359250604085013567ffffffffffffffff81111561440c575f5ffd5b61441887828801614384565b95989497509550505050565b5f6101808201905067ffffffffffffffff84168252825160208301526020830151604083015260408301516060830152606083015161447760808401826fffffffffffffffffffffffffffffffff169052565b50608083015167ffffffffffffffff811660a08401525060a083015167ffffffffffffffff811660c08401525060c08301516001600160a01b03811660e08401525060e083015163ffffffff81166101008401525061010083015163ffffffff8116610120840152506101208301516144f461014084018261433d565b50610140830151801515610160840152509392505050565b5f5f6040838503121561451d575f5ffd5b614526836142c9565b91506020830135801515811461453a575f5ffd5b809150509250929050565b5f5f5f5f5f5f60c0878903121561455a575f5ffd5b614563876142c9565b95506020870135945060408701359350606087013592506080870135915060a087013563ffffffff81168114614597575f5ffd5b809150509295509295509295565b5f5f604083850312156145b6575f5ffd5b6145bf836142c9565b946020939093013593505050565b5f81518084528060208401602086015e5f6020828601015260207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f83011685010191505092915050565b7fff000000000000000000000000000000000000000000000000000000000000008816815260e060208201525f61465360e08301896145cd565b828103604084015261466581896145cd565b606084018890526001600160a01b038716608085015260a0840186905283810360c0850152845180825260208087019350909101905f5b818110156146ba57835183526020938401939092019160010161469c565b50909b9a5050505050505050505050565b5f5f5f5f5f5f5f5f60c0898b0312156146e2575f5ffd5b88356146ed8161429a565b975060208901356146fd8161429a565b965060408901359550606089013567ffffffffffffffff81111561471f575f5ffd5b61472b8b828c01614384565b9096509450506080890135925060a089013567ffffffffffffffff811115614751575f5ffd5b8901601f81018b13614761575f5ffd5b803567ffffffffffffffff811115614777575f5ffd5b8b6020828401011115614788575f5ffd5b989b979a50959850939692959194602001935050565b5f5f5f5f5f60a086880312156147b2575f5ffd5b85356147bd8161429a565b945060208601356147cd8161429a565b94979496505050506040830135926060810135926080909101359150565b5f5f604083850312156147fc575f5ffd5b82356145bf8161429a565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b818103818111156111da576111da614807565b67ffffffffffffffff81811683821601908111156111da576111da614807565b808201808211156111da576111da614807565b6fffffffffffffffffffffffffffffffff82811682821603908111156111da576111da614807565b67ffffffffffffffff8316815260408101612a9c602083018461433d565b5f602082840312156148d0575f5ffd5b5051919050565b67ffffffffffffffff82811682821603908111156111da576111da614807565b63ffffffff81811683821601908111156111da576111da614807565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd",
}

// Ledger is an auto generated Go binding around an Ethereum contract.
type Ledger struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *Ledger) GetABI() abi.ABI {
	return c.abi
}

// NewLedger creates a new instance of Ledger.
func NewLedger() *Ledger {
	parsed, err := LedgerMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Ledger{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Ledger) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor((address,address,address,address,uint64,uint64,uint64,uint256,uint256) config) returns()
func (ledger *Ledger) PackConstructor(config Config) []byte {
	enc, err := ledger.abi.Pack("", config)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackCLAIMTOTYPEHASH is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfca69304.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function CLAIM_TO_TYPEHASH() view returns(bytes32)
func (ledger *Ledger) PackCLAIMTOTYPEHASH() []byte {
	enc, err := ledger.abi.Pack("CLAIM_TO_TYPEHASH")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCLAIMTOTYPEHASH is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfca69304.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function CLAIM_TO_TYPEHASH() view returns(bytes32)
func (ledger *Ledger) TryPackCLAIMTOTYPEHASH() ([]byte, error) {
	return ledger.abi.Pack("CLAIM_TO_TYPEHASH")
}

// UnpackCLAIMTOTYPEHASH is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xfca69304.
//
// Solidity: function CLAIM_TO_TYPEHASH() view returns(bytes32)
func (ledger *Ledger) UnpackCLAIMTOTYPEHASH(data []byte) ([32]byte, error) {
	out, err := ledger.abi.Unpack("CLAIM_TO_TYPEHASH", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackAcceptArbiter is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7cc3beb2.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function acceptArbiter() returns()
func (ledger *Ledger) PackAcceptArbiter() []byte {
	enc, err := ledger.abi.Pack("acceptArbiter")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAcceptArbiter is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7cc3beb2.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function acceptArbiter() returns()
func (ledger *Ledger) TryPackAcceptArbiter() ([]byte, error) {
	return ledger.abi.Pack("acceptArbiter")
}

// PackAcceptOwnership is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x79ba5097.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function acceptOwnership() returns()
func (ledger *Ledger) PackAcceptOwnership() []byte {
	enc, err := ledger.abi.Pack("acceptOwnership")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAcceptOwnership is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x79ba5097.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function acceptOwnership() returns()
func (ledger *Ledger) TryPackAcceptOwnership() ([]byte, error) {
	return ledger.abi.Pack("acceptOwnership")
}

// PackAcceptPoster is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9cece888.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function acceptPoster() returns()
func (ledger *Ledger) PackAcceptPoster() []byte {
	enc, err := ledger.abi.Pack("acceptPoster")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAcceptPoster is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9cece888.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function acceptPoster() returns()
func (ledger *Ledger) TryPackAcceptPoster() ([]byte, error) {
	return ledger.abi.Pack("acceptPoster")
}

// PackAnchor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xeecdf927.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function anchor(bytes32 contentRoot) returns()
func (ledger *Ledger) PackAnchor(contentRoot [32]byte) []byte {
	enc, err := ledger.abi.Pack("anchor", contentRoot)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAnchor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xeecdf927.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function anchor(bytes32 contentRoot) returns()
func (ledger *Ledger) TryPackAnchor(contentRoot [32]byte) ([]byte, error) {
	return ledger.abi.Pack("anchor", contentRoot)
}

// PackArbiter is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfe25e00a.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function arbiter() view returns(address)
func (ledger *Ledger) PackArbiter() []byte {
	enc, err := ledger.abi.Pack("arbiter")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackArbiter is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfe25e00a.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function arbiter() view returns(address)
func (ledger *Ledger) TryPackArbiter() ([]byte, error) {
	return ledger.abi.Pack("arbiter")
}

// UnpackArbiter is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xfe25e00a.
//
// Solidity: function arbiter() view returns(address)
func (ledger *Ledger) UnpackArbiter(data []byte) (common.Address, error) {
	out, err := ledger.abi.Unpack("arbiter", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackAvailable is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x48a0d754.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function available() view returns(uint256)
func (ledger *Ledger) PackAvailable() []byte {
	enc, err := ledger.abi.Pack("available")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAvailable is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x48a0d754.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function available() view returns(uint256)
func (ledger *Ledger) TryPackAvailable() ([]byte, error) {
	return ledger.abi.Pack("available")
}

// UnpackAvailable is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x48a0d754.
//
// Solidity: function available() view returns(uint256)
func (ledger *Ledger) UnpackAvailable(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("available", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackBond is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x64c9ec6f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function bond() view returns(uint256)
func (ledger *Ledger) PackBond() []byte {
	enc, err := ledger.abi.Pack("bond")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackBond is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x64c9ec6f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function bond() view returns(uint256)
func (ledger *Ledger) TryPackBond() ([]byte, error) {
	return ledger.abi.Pack("bond")
}

// UnpackBond is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x64c9ec6f.
//
// Solidity: function bond() view returns(uint256)
func (ledger *Ledger) UnpackBond(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("bond", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackBondHeld is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xac40707b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function bondHeld() view returns(uint256)
func (ledger *Ledger) PackBondHeld() []byte {
	enc, err := ledger.abi.Pack("bondHeld")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackBondHeld is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xac40707b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function bondHeld() view returns(uint256)
func (ledger *Ledger) TryPackBondHeld() ([]byte, error) {
	return ledger.abi.Pack("bondHeld")
}

// UnpackBondHeld is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xac40707b.
//
// Solidity: function bondHeld() view returns(uint256)
func (ledger *Ledger) UnpackBondHeld(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("bondHeld", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackCancelAuthorisation is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe6089605.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function cancelAuthorisation() returns(uint256 used)
func (ledger *Ledger) PackCancelAuthorisation() []byte {
	enc, err := ledger.abi.Pack("cancelAuthorisation")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCancelAuthorisation is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe6089605.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function cancelAuthorisation() returns(uint256 used)
func (ledger *Ledger) TryPackCancelAuthorisation() ([]byte, error) {
	return ledger.abi.Pack("cancelAuthorisation")
}

// UnpackCancelAuthorisation is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xe6089605.
//
// Solidity: function cancelAuthorisation() returns(uint256 used)
func (ledger *Ledger) UnpackCancelAuthorisation(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("cancelAuthorisation", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackChallenge is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x866ce3aa.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function challenge(uint64 epoch, bytes32 evidenceHash) payable returns()
func (ledger *Ledger) PackChallenge(epoch uint64, evidenceHash [32]byte) []byte {
	enc, err := ledger.abi.Pack("challenge", epoch, evidenceHash)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackChallenge is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x866ce3aa.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function challenge(uint64 epoch, bytes32 evidenceHash) payable returns()
func (ledger *Ledger) TryPackChallenge(epoch uint64, evidenceHash [32]byte) ([]byte, error) {
	return ledger.abi.Pack("challenge", epoch, evidenceHash)
}

// PackClaim is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3d13f874.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function claim(address account, uint256 cumulativeAmount, bytes32[] proof) returns(uint256 paid)
func (ledger *Ledger) PackClaim(account common.Address, cumulativeAmount *big.Int, proof [][32]byte) []byte {
	enc, err := ledger.abi.Pack("claim", account, cumulativeAmount, proof)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClaim is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3d13f874.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function claim(address account, uint256 cumulativeAmount, bytes32[] proof) returns(uint256 paid)
func (ledger *Ledger) TryPackClaim(account common.Address, cumulativeAmount *big.Int, proof [][32]byte) ([]byte, error) {
	return ledger.abi.Pack("claim", account, cumulativeAmount, proof)
}

// UnpackClaim is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x3d13f874.
//
// Solidity: function claim(address account, uint256 cumulativeAmount, bytes32[] proof) returns(uint256 paid)
func (ledger *Ledger) UnpackClaim(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("claim", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackClaimTo is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9d17ba8e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function claimTo(address account, address recipient, uint256 cumulativeAmount, bytes32[] proof, uint256 deadline, bytes signature) returns(uint256 paid)
func (ledger *Ledger) PackClaimTo(account common.Address, recipient common.Address, cumulativeAmount *big.Int, proof [][32]byte, deadline *big.Int, signature []byte) []byte {
	enc, err := ledger.abi.Pack("claimTo", account, recipient, cumulativeAmount, proof, deadline, signature)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClaimTo is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9d17ba8e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function claimTo(address account, address recipient, uint256 cumulativeAmount, bytes32[] proof, uint256 deadline, bytes signature) returns(uint256 paid)
func (ledger *Ledger) TryPackClaimTo(account common.Address, recipient common.Address, cumulativeAmount *big.Int, proof [][32]byte, deadline *big.Int, signature []byte) ([]byte, error) {
	return ledger.abi.Pack("claimTo", account, recipient, cumulativeAmount, proof, deadline, signature)
}

// UnpackClaimTo is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x9d17ba8e.
//
// Solidity: function claimTo(address account, address recipient, uint256 cumulativeAmount, bytes32[] proof, uint256 deadline, bytes signature) returns(uint256 paid)
func (ledger *Ledger) UnpackClaimTo(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("claimTo", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackClaimed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc884ef83.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function claimed(address account) view returns(uint256)
func (ledger *Ledger) PackClaimed(account common.Address) []byte {
	enc, err := ledger.abi.Pack("claimed", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClaimed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc884ef83.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function claimed(address account) view returns(uint256)
func (ledger *Ledger) TryPackClaimed(account common.Address) ([]byte, error) {
	return ledger.abi.Pack("claimed", account)
}

// UnpackClaimed is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc884ef83.
//
// Solidity: function claimed(address account) view returns(uint256)
func (ledger *Ledger) UnpackClaimed(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("claimed", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackCommit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x681e19b6.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function commit(uint64 epoch, bytes32 inputHash) returns()
func (ledger *Ledger) PackCommit(epoch uint64, inputHash [32]byte) []byte {
	enc, err := ledger.abi.Pack("commit", epoch, inputHash)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCommit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x681e19b6.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function commit(uint64 epoch, bytes32 inputHash) returns()
func (ledger *Ledger) TryPackCommit(epoch uint64, inputHash [32]byte) ([]byte, error) {
	return ledger.abi.Pack("commit", epoch, inputHash)
}

// PackCreditOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x75807250.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function creditOf(address account) view returns(uint256)
func (ledger *Ledger) PackCreditOf(account common.Address) []byte {
	enc, err := ledger.abi.Pack("creditOf", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCreditOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x75807250.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function creditOf(address account) view returns(uint256)
func (ledger *Ledger) TryPackCreditOf(account common.Address) ([]byte, error) {
	return ledger.abi.Pack("creditOf", account)
}

// UnpackCreditOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x75807250.
//
// Solidity: function creditOf(address account) view returns(uint256)
func (ledger *Ledger) UnpackCreditOf(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("creditOf", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackCumulativeTotal is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdc446987.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function cumulativeTotal() view returns(uint128)
func (ledger *Ledger) PackCumulativeTotal() []byte {
	enc, err := ledger.abi.Pack("cumulativeTotal")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCumulativeTotal is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdc446987.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function cumulativeTotal() view returns(uint128)
func (ledger *Ledger) TryPackCumulativeTotal() ([]byte, error) {
	return ledger.abi.Pack("cumulativeTotal")
}

// UnpackCumulativeTotal is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xdc446987.
//
// Solidity: function cumulativeTotal() view returns(uint128)
func (ledger *Ledger) UnpackCumulativeTotal(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("cumulativeTotal", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackDeposited is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xeef49ee3.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function deposited() view returns(uint128)
func (ledger *Ledger) PackDeposited() []byte {
	enc, err := ledger.abi.Pack("deposited")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDeposited is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xeef49ee3.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function deposited() view returns(uint128)
func (ledger *Ledger) TryPackDeposited() ([]byte, error) {
	return ledger.abi.Pack("deposited")
}

// UnpackDeposited is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xeef49ee3.
//
// Solidity: function deposited() view returns(uint128)
func (ledger *Ledger) UnpackDeposited(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("deposited", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackDispute is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf240f7c3.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function dispute() view returns((address,uint64,bytes32) open, uint64 deadline)
func (ledger *Ledger) PackDispute() []byte {
	enc, err := ledger.abi.Pack("dispute")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackDispute is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf240f7c3.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function dispute() view returns((address,uint64,bytes32) open, uint64 deadline)
func (ledger *Ledger) TryPackDispute() ([]byte, error) {
	return ledger.abi.Pack("dispute")
}

// DisputeOutput serves as a container for the return parameters of contract
// method Dispute.
type DisputeOutput struct {
	Open     Dispute
	Deadline uint64
}

// UnpackDispute is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xf240f7c3.
//
// Solidity: function dispute() view returns((address,uint64,bytes32) open, uint64 deadline)
func (ledger *Ledger) UnpackDispute(data []byte) (DisputeOutput, error) {
	out, err := ledger.abi.Unpack("dispute", data)
	outstruct := new(DisputeOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Open = *abi.ConvertType(out[0], new(Dispute)).(*Dispute)
	outstruct.Deadline = *abi.ConvertType(out[1], new(uint64)).(*uint64)
	return *outstruct, nil
}

// PackEip712Domain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x84b0196e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function eip712Domain() view returns(bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)
func (ledger *Ledger) PackEip712Domain() []byte {
	enc, err := ledger.abi.Pack("eip712Domain")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackEip712Domain is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x84b0196e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function eip712Domain() view returns(bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)
func (ledger *Ledger) TryPackEip712Domain() ([]byte, error) {
	return ledger.abi.Pack("eip712Domain")
}

// Eip712DomainOutput serves as a container for the return parameters of contract
// method Eip712Domain.
type Eip712DomainOutput struct {
	Fields            [1]byte
	Name              string
	Version           string
	ChainId           *big.Int
	VerifyingContract common.Address
	Salt              [32]byte
	Extensions        []*big.Int
}

// UnpackEip712Domain is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x84b0196e.
//
// Solidity: function eip712Domain() view returns(bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)
func (ledger *Ledger) UnpackEip712Domain(data []byte) (Eip712DomainOutput, error) {
	out, err := ledger.abi.Unpack("eip712Domain", data)
	outstruct := new(Eip712DomainOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Fields = *abi.ConvertType(out[0], new([1]byte)).(*[1]byte)
	outstruct.Name = *abi.ConvertType(out[1], new(string)).(*string)
	outstruct.Version = *abi.ConvertType(out[2], new(string)).(*string)
	outstruct.ChainId = abi.ConvertType(out[3], new(big.Int)).(*big.Int)
	outstruct.VerifyingContract = *abi.ConvertType(out[4], new(common.Address)).(*common.Address)
	outstruct.Salt = *abi.ConvertType(out[5], new([32]byte)).(*[32]byte)
	outstruct.Extensions = *abi.ConvertType(out[6], new([]*big.Int)).(*[]*big.Int)
	return *outstruct, nil
}

// PackExpire is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x22228560.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function expire(uint64 epoch) returns()
func (ledger *Ledger) PackExpire(epoch uint64) []byte {
	enc, err := ledger.abi.Pack("expire", epoch)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackExpire is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x22228560.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function expire(uint64 epoch) returns()
func (ledger *Ledger) TryPackExpire(epoch uint64) ([]byte, error) {
	return ledger.abi.Pack("expire", epoch)
}

// PackExpiry is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe184c9be.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function expiry() view returns(uint64)
func (ledger *Ledger) PackExpiry() []byte {
	enc, err := ledger.abi.Pack("expiry")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackExpiry is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe184c9be.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function expiry() view returns(uint64)
func (ledger *Ledger) TryPackExpiry() ([]byte, error) {
	return ledger.abi.Pack("expiry")
}

// UnpackExpiry is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xe184c9be.
//
// Solidity: function expiry() view returns(uint64)
func (ledger *Ledger) UnpackExpiry(data []byte) (uint64, error) {
	out, err := ledger.abi.Unpack("expiry", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackFinalise is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x23cb830f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function finalise(uint64 epoch) returns()
func (ledger *Ledger) PackFinalise(epoch uint64) []byte {
	enc, err := ledger.abi.Pack("finalise", epoch)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackFinalise is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x23cb830f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function finalise(uint64 epoch) returns()
func (ledger *Ledger) TryPackFinalise(epoch uint64) ([]byte, error) {
	return ledger.abi.Pack("finalise", epoch)
}

// PackFund is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xca1d209d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function fund(uint256 amount) payable returns(uint256 credited)
func (ledger *Ledger) PackFund(amount *big.Int) []byte {
	enc, err := ledger.abi.Pack("fund", amount)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackFund is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xca1d209d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function fund(uint256 amount) payable returns(uint256 credited)
func (ledger *Ledger) TryPackFund(amount *big.Int) ([]byte, error) {
	return ledger.abi.Pack("fund", amount)
}

// UnpackFund is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xca1d209d.
//
// Solidity: function fund(uint256 amount) payable returns(uint256 credited)
func (ledger *Ledger) UnpackFund(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("fund", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackHashClaimTo is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc9d664a8.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function hashClaimTo(address account, address recipient, uint256 cumulativeAmount, uint256 nonce, uint256 deadline) view returns(bytes32)
func (ledger *Ledger) PackHashClaimTo(account common.Address, recipient common.Address, cumulativeAmount *big.Int, nonce *big.Int, deadline *big.Int) []byte {
	enc, err := ledger.abi.Pack("hashClaimTo", account, recipient, cumulativeAmount, nonce, deadline)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackHashClaimTo is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc9d664a8.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function hashClaimTo(address account, address recipient, uint256 cumulativeAmount, uint256 nonce, uint256 deadline) view returns(bytes32)
func (ledger *Ledger) TryPackHashClaimTo(account common.Address, recipient common.Address, cumulativeAmount *big.Int, nonce *big.Int, deadline *big.Int) ([]byte, error) {
	return ledger.abi.Pack("hashClaimTo", account, recipient, cumulativeAmount, nonce, deadline)
}

// UnpackHashClaimTo is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc9d664a8.
//
// Solidity: function hashClaimTo(address account, address recipient, uint256 cumulativeAmount, uint256 nonce, uint256 deadline) view returns(bytes32)
func (ledger *Ledger) UnpackHashClaimTo(data []byte) ([32]byte, error) {
	out, err := ledger.abi.Unpack("hashClaimTo", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackLastFinalised is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2679d81d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function lastFinalised() view returns(uint64)
func (ledger *Ledger) PackLastFinalised() []byte {
	enc, err := ledger.abi.Pack("lastFinalised")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackLastFinalised is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2679d81d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function lastFinalised() view returns(uint64)
func (ledger *Ledger) TryPackLastFinalised() ([]byte, error) {
	return ledger.abi.Pack("lastFinalised")
}

// UnpackLastFinalised is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x2679d81d.
//
// Solidity: function lastFinalised() view returns(uint64)
func (ledger *Ledger) UnpackLastFinalised(data []byte) (uint64, error) {
	out, err := ledger.abi.Unpack("lastFinalised", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackLeafOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfd3c4a89.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function leafOf(address account, uint256 cumulativeAmount) view returns(bytes32)
func (ledger *Ledger) PackLeafOf(account common.Address, cumulativeAmount *big.Int) []byte {
	enc, err := ledger.abi.Pack("leafOf", account, cumulativeAmount)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackLeafOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfd3c4a89.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function leafOf(address account, uint256 cumulativeAmount) view returns(bytes32)
func (ledger *Ledger) TryPackLeafOf(account common.Address, cumulativeAmount *big.Int) ([]byte, error) {
	return ledger.abi.Pack("leafOf", account, cumulativeAmount)
}

// UnpackLeafOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xfd3c4a89.
//
// Solidity: function leafOf(address account, uint256 cumulativeAmount) view returns(bytes32)
func (ledger *Ledger) UnpackLeafOf(data []byte) ([32]byte, error) {
	out, err := ledger.abi.Unpack("leafOf", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackNonces is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7ecebe00.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function nonces(address owner) view returns(uint256)
func (ledger *Ledger) PackNonces(owner common.Address) []byte {
	enc, err := ledger.abi.Pack("nonces", owner)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackNonces is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7ecebe00.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function nonces(address owner) view returns(uint256)
func (ledger *Ledger) TryPackNonces(owner common.Address) ([]byte, error) {
	return ledger.abi.Pack("nonces", owner)
}

// UnpackNonces is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x7ecebe00.
//
// Solidity: function nonces(address owner) view returns(uint256)
func (ledger *Ledger) UnpackNonces(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("nonces", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackOpenEpoch is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3db06cb7.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function openEpoch() view returns(uint64 epoch, (bytes32,bytes32,bytes32,uint128,uint64,uint64,address,uint32,uint32,uint8,bool) open)
func (ledger *Ledger) PackOpenEpoch() []byte {
	enc, err := ledger.abi.Pack("openEpoch")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOpenEpoch is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3db06cb7.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function openEpoch() view returns(uint64 epoch, (bytes32,bytes32,bytes32,uint128,uint64,uint64,address,uint32,uint32,uint8,bool) open)
func (ledger *Ledger) TryPackOpenEpoch() ([]byte, error) {
	return ledger.abi.Pack("openEpoch")
}

// OpenEpochOutput serves as a container for the return parameters of contract
// method OpenEpoch.
type OpenEpochOutput struct {
	Epoch uint64
	Open  OpenEpoch
}

// UnpackOpenEpoch is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x3db06cb7.
//
// Solidity: function openEpoch() view returns(uint64 epoch, (bytes32,bytes32,bytes32,uint128,uint64,uint64,address,uint32,uint32,uint8,bool) open)
func (ledger *Ledger) UnpackOpenEpoch(data []byte) (OpenEpochOutput, error) {
	out, err := ledger.abi.Unpack("openEpoch", data)
	outstruct := new(OpenEpochOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Epoch = *abi.ConvertType(out[0], new(uint64)).(*uint64)
	outstruct.Open = *abi.ConvertType(out[1], new(OpenEpoch)).(*OpenEpoch)
	return *outstruct, nil
}

// PackOwed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc87d6779.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function owed() view returns(uint256)
func (ledger *Ledger) PackOwed() []byte {
	enc, err := ledger.abi.Pack("owed")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOwed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc87d6779.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function owed() view returns(uint256)
func (ledger *Ledger) TryPackOwed() ([]byte, error) {
	return ledger.abi.Pack("owed")
}

// UnpackOwed is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc87d6779.
//
// Solidity: function owed() view returns(uint256)
func (ledger *Ledger) UnpackOwed(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("owed", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function owner() view returns(address)
func (ledger *Ledger) PackOwner() []byte {
	enc, err := ledger.abi.Pack("owner")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function owner() view returns(address)
func (ledger *Ledger) TryPackOwner() ([]byte, error) {
	return ledger.abi.Pack("owner")
}

// UnpackOwner is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8da5cb5b.
//
// Solidity: function owner() view returns(address)
func (ledger *Ledger) UnpackOwner(data []byte) (common.Address, error) {
	out, err := ledger.abi.Unpack("owner", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackPause is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8456cb59.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function pause() returns()
func (ledger *Ledger) PackPause() []byte {
	enc, err := ledger.abi.Pack("pause")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPause is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8456cb59.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function pause() returns()
func (ledger *Ledger) TryPackPause() ([]byte, error) {
	return ledger.abi.Pack("pause")
}

// PackPaused is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5c975abb.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function paused() view returns(bool)
func (ledger *Ledger) PackPaused() []byte {
	enc, err := ledger.abi.Pack("paused")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPaused is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x5c975abb.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function paused() view returns(bool)
func (ledger *Ledger) TryPackPaused() ([]byte, error) {
	return ledger.abi.Pack("paused")
}

// UnpackPaused is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x5c975abb.
//
// Solidity: function paused() view returns(bool)
func (ledger *Ledger) UnpackPaused(data []byte) (bool, error) {
	out, err := ledger.abi.Unpack("paused", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackPendingArbiter is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4dd3b23a.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function pendingArbiter() view returns(address)
func (ledger *Ledger) PackPendingArbiter() []byte {
	enc, err := ledger.abi.Pack("pendingArbiter")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPendingArbiter is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4dd3b23a.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function pendingArbiter() view returns(address)
func (ledger *Ledger) TryPackPendingArbiter() ([]byte, error) {
	return ledger.abi.Pack("pendingArbiter")
}

// UnpackPendingArbiter is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x4dd3b23a.
//
// Solidity: function pendingArbiter() view returns(address)
func (ledger *Ledger) UnpackPendingArbiter(data []byte) (common.Address, error) {
	out, err := ledger.abi.Unpack("pendingArbiter", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackPendingOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe30c3978.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function pendingOwner() view returns(address)
func (ledger *Ledger) PackPendingOwner() []byte {
	enc, err := ledger.abi.Pack("pendingOwner")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPendingOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe30c3978.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function pendingOwner() view returns(address)
func (ledger *Ledger) TryPackPendingOwner() ([]byte, error) {
	return ledger.abi.Pack("pendingOwner")
}

// UnpackPendingOwner is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xe30c3978.
//
// Solidity: function pendingOwner() view returns(address)
func (ledger *Ledger) UnpackPendingOwner(data []byte) (common.Address, error) {
	out, err := ledger.abi.Unpack("pendingOwner", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackPendingPoster is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcc85cc8b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function pendingPoster() view returns(address)
func (ledger *Ledger) PackPendingPoster() []byte {
	enc, err := ledger.abi.Pack("pendingPoster")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPendingPoster is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcc85cc8b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function pendingPoster() view returns(address)
func (ledger *Ledger) TryPackPendingPoster() ([]byte, error) {
	return ledger.abi.Pack("pendingPoster")
}

// UnpackPendingPoster is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xcc85cc8b.
//
// Solidity: function pendingPoster() view returns(address)
func (ledger *Ledger) UnpackPendingPoster(data []byte) (common.Address, error) {
	out, err := ledger.abi.Unpack("pendingPoster", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackPost is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x63108bc8.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function post(uint64 epoch, bytes32 newRoot, bytes32 inputHash, bytes32 evidenceHash, uint256 newTotal, uint32 leaves) returns()
func (ledger *Ledger) PackPost(epoch uint64, newRoot [32]byte, inputHash [32]byte, evidenceHash [32]byte, newTotal *big.Int, leaves uint32) []byte {
	enc, err := ledger.abi.Pack("post", epoch, newRoot, inputHash, evidenceHash, newTotal, leaves)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPost is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x63108bc8.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function post(uint64 epoch, bytes32 newRoot, bytes32 inputHash, bytes32 evidenceHash, uint256 newTotal, uint32 leaves) returns()
func (ledger *Ledger) TryPackPost(epoch uint64, newRoot [32]byte, inputHash [32]byte, evidenceHash [32]byte, newTotal *big.Int, leaves uint32) ([]byte, error) {
	return ledger.abi.Pack("post", epoch, newRoot, inputHash, evidenceHash, newTotal, leaves)
}

// PackPoster is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x80959721.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function poster() view returns(address)
func (ledger *Ledger) PackPoster() []byte {
	enc, err := ledger.abi.Pack("poster")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPoster is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x80959721.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function poster() view returns(address)
func (ledger *Ledger) TryPackPoster() ([]byte, error) {
	return ledger.abi.Pack("poster")
}

// UnpackPoster is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x80959721.
//
// Solidity: function poster() view returns(address)
func (ledger *Ledger) UnpackPoster(data []byte) (common.Address, error) {
	out, err := ledger.abi.Unpack("poster", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackProposeArbiter is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x75244e34.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function proposeArbiter(address proposed) returns()
func (ledger *Ledger) PackProposeArbiter(proposed common.Address) []byte {
	enc, err := ledger.abi.Pack("proposeArbiter", proposed)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackProposeArbiter is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x75244e34.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function proposeArbiter(address proposed) returns()
func (ledger *Ledger) TryPackProposeArbiter(proposed common.Address) ([]byte, error) {
	return ledger.abi.Pack("proposeArbiter", proposed)
}

// PackProposePoster is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4df1c126.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function proposePoster(address proposed) returns()
func (ledger *Ledger) PackProposePoster(proposed common.Address) []byte {
	enc, err := ledger.abi.Pack("proposePoster", proposed)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackProposePoster is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4df1c126.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function proposePoster(address proposed) returns()
func (ledger *Ledger) TryPackProposePoster(proposed common.Address) ([]byte, error) {
	return ledger.abi.Pack("proposePoster", proposed)
}

// PackRenounceOwnership is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x715018a6.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function renounceOwnership() returns()
func (ledger *Ledger) PackRenounceOwnership() []byte {
	enc, err := ledger.abi.Pack("renounceOwnership")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRenounceOwnership is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x715018a6.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function renounceOwnership() returns()
func (ledger *Ledger) TryPackRenounceOwnership() ([]byte, error) {
	return ledger.abi.Pack("renounceOwnership")
}

// PackResolutionPeriod is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe352f643.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function resolutionPeriod() view returns(uint64)
func (ledger *Ledger) PackResolutionPeriod() []byte {
	enc, err := ledger.abi.Pack("resolutionPeriod")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackResolutionPeriod is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe352f643.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function resolutionPeriod() view returns(uint64)
func (ledger *Ledger) TryPackResolutionPeriod() ([]byte, error) {
	return ledger.abi.Pack("resolutionPeriod")
}

// UnpackResolutionPeriod is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xe352f643.
//
// Solidity: function resolutionPeriod() view returns(uint64)
func (ledger *Ledger) UnpackResolutionPeriod(data []byte) (uint64, error) {
	out, err := ledger.abi.Unpack("resolutionPeriod", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackResolve is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4931a1d1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function resolve(uint64 epoch, bool upheld) returns()
func (ledger *Ledger) PackResolve(epoch uint64, upheld bool) []byte {
	enc, err := ledger.abi.Pack("resolve", epoch, upheld)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackResolve is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4931a1d1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function resolve(uint64 epoch, bool upheld) returns()
func (ledger *Ledger) TryPackResolve(epoch uint64, upheld bool) ([]byte, error) {
	return ledger.abi.Pack("resolve", epoch, upheld)
}

// PackReward is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x228cb733.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function reward() view returns(uint256)
func (ledger *Ledger) PackReward() []byte {
	enc, err := ledger.abi.Pack("reward")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackReward is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x228cb733.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function reward() view returns(uint256)
func (ledger *Ledger) TryPackReward() ([]byte, error) {
	return ledger.abi.Pack("reward")
}

// UnpackReward is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x228cb733.
//
// Solidity: function reward() view returns(uint256)
func (ledger *Ledger) UnpackReward(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("reward", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackRoot is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xebf0c717.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function root() view returns(bytes32)
func (ledger *Ledger) PackRoot() []byte {
	enc, err := ledger.abi.Pack("root")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRoot is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xebf0c717.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function root() view returns(bytes32)
func (ledger *Ledger) TryPackRoot() ([]byte, error) {
	return ledger.abi.Pack("root")
}

// UnpackRoot is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xebf0c717.
//
// Solidity: function root() view returns(bytes32)
func (ledger *Ledger) UnpackRoot(data []byte) ([32]byte, error) {
	out, err := ledger.abi.Unpack("root", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackSeedBlock is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xecc02d5c.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function seedBlock() view returns(uint64)
func (ledger *Ledger) PackSeedBlock() []byte {
	enc, err := ledger.abi.Pack("seedBlock")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSeedBlock is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xecc02d5c.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function seedBlock() view returns(uint64)
func (ledger *Ledger) TryPackSeedBlock() ([]byte, error) {
	return ledger.abi.Pack("seedBlock")
}

// UnpackSeedBlock is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xecc02d5c.
//
// Solidity: function seedBlock() view returns(uint64)
func (ledger *Ledger) UnpackSeedBlock(data []byte) (uint64, error) {
	out, err := ledger.abi.Unpack("seedBlock", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackStake is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3a4b66f1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function stake() payable returns()
func (ledger *Ledger) PackStake() []byte {
	enc, err := ledger.abi.Pack("stake")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackStake is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3a4b66f1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function stake() payable returns()
func (ledger *Ledger) TryPackStake() ([]byte, error) {
	return ledger.abi.Pack("stake")
}

// PackStakeOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x42623360.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function stakeOf(address account) view returns(uint256)
func (ledger *Ledger) PackStakeOf(account common.Address) []byte {
	enc, err := ledger.abi.Pack("stakeOf", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackStakeOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x42623360.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function stakeOf(address account) view returns(uint256)
func (ledger *Ledger) TryPackStakeOf(account common.Address) ([]byte, error) {
	return ledger.abi.Pack("stakeOf", account)
}

// UnpackStakeOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x42623360.
//
// Solidity: function stakeOf(address account) view returns(uint256)
func (ledger *Ledger) UnpackStakeOf(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("stakeOf", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackStateOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x38e1d9a1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function stateOf(uint64 epoch) view returns(uint8)
func (ledger *Ledger) PackStateOf(epoch uint64) []byte {
	enc, err := ledger.abi.Pack("stateOf", epoch)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackStateOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x38e1d9a1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function stateOf(uint64 epoch) view returns(uint8)
func (ledger *Ledger) TryPackStateOf(epoch uint64) ([]byte, error) {
	return ledger.abi.Pack("stateOf", epoch)
}

// UnpackStateOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x38e1d9a1.
//
// Solidity: function stateOf(uint64 epoch) view returns(uint8)
func (ledger *Ledger) UnpackStateOf(data []byte) (uint8, error) {
	out, err := ledger.abi.Unpack("stateOf", data)
	if err != nil {
		return *new(uint8), err
	}
	out0 := *abi.ConvertType(out[0], new(uint8)).(*uint8)
	return out0, nil
}

// PackSweep is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x01681a62.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function sweep(address recipient) returns(uint256 amount)
func (ledger *Ledger) PackSweep(recipient common.Address) []byte {
	enc, err := ledger.abi.Pack("sweep", recipient)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSweep is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x01681a62.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function sweep(address recipient) returns(uint256 amount)
func (ledger *Ledger) TryPackSweep(recipient common.Address) ([]byte, error) {
	return ledger.abi.Pack("sweep", recipient)
}

// UnpackSweep is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x01681a62.
//
// Solidity: function sweep(address recipient) returns(uint256 amount)
func (ledger *Ledger) UnpackSweep(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("sweep", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackSweepable is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfc5d38c5.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function sweepable() view returns(uint256)
func (ledger *Ledger) PackSweepable() []byte {
	enc, err := ledger.abi.Pack("sweepable")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSweepable is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfc5d38c5.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function sweepable() view returns(uint256)
func (ledger *Ledger) TryPackSweepable() ([]byte, error) {
	return ledger.abi.Pack("sweepable")
}

// UnpackSweepable is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xfc5d38c5.
//
// Solidity: function sweepable() view returns(uint256)
func (ledger *Ledger) UnpackSweepable(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("sweepable", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackSwept is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2113eaca.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function swept() view returns(uint128)
func (ledger *Ledger) PackSwept() []byte {
	enc, err := ledger.abi.Pack("swept")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSwept is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2113eaca.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function swept() view returns(uint128)
func (ledger *Ledger) TryPackSwept() ([]byte, error) {
	return ledger.abi.Pack("swept")
}

// UnpackSwept is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x2113eaca.
//
// Solidity: function swept() view returns(uint128)
func (ledger *Ledger) UnpackSwept(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("swept", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackToken is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfc0c546a.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function token() view returns(address)
func (ledger *Ledger) PackToken() []byte {
	enc, err := ledger.abi.Pack("token")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackToken is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfc0c546a.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function token() view returns(address)
func (ledger *Ledger) TryPackToken() ([]byte, error) {
	return ledger.abi.Pack("token")
}

// UnpackToken is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xfc0c546a.
//
// Solidity: function token() view returns(address)
func (ledger *Ledger) UnpackToken(data []byte) (common.Address, error) {
	out, err := ledger.abi.Unpack("token", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackTotalClaimed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd54ad2a1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function totalClaimed() view returns(uint128)
func (ledger *Ledger) PackTotalClaimed() []byte {
	enc, err := ledger.abi.Pack("totalClaimed")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackTotalClaimed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd54ad2a1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function totalClaimed() view returns(uint128)
func (ledger *Ledger) TryPackTotalClaimed() ([]byte, error) {
	return ledger.abi.Pack("totalClaimed")
}

// UnpackTotalClaimed is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xd54ad2a1.
//
// Solidity: function totalClaimed() view returns(uint128)
func (ledger *Ledger) UnpackTotalClaimed(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("totalClaimed", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackTotalCredit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa43d6404.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function totalCredit() view returns(uint256)
func (ledger *Ledger) PackTotalCredit() []byte {
	enc, err := ledger.abi.Pack("totalCredit")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackTotalCredit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa43d6404.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function totalCredit() view returns(uint256)
func (ledger *Ledger) TryPackTotalCredit() ([]byte, error) {
	return ledger.abi.Pack("totalCredit")
}

// UnpackTotalCredit is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xa43d6404.
//
// Solidity: function totalCredit() view returns(uint256)
func (ledger *Ledger) UnpackTotalCredit(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("totalCredit", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackTotalStake is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8b0e9f3f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function totalStake() view returns(uint256)
func (ledger *Ledger) PackTotalStake() []byte {
	enc, err := ledger.abi.Pack("totalStake")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackTotalStake is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8b0e9f3f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function totalStake() view returns(uint256)
func (ledger *Ledger) TryPackTotalStake() ([]byte, error) {
	return ledger.abi.Pack("totalStake")
}

// UnpackTotalStake is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8b0e9f3f.
//
// Solidity: function totalStake() view returns(uint256)
func (ledger *Ledger) UnpackTotalStake(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("totalStake", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackTransferOwnership is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf2fde38b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function transferOwnership(address newOwner) returns()
func (ledger *Ledger) PackTransferOwnership(newOwner common.Address) []byte {
	enc, err := ledger.abi.Pack("transferOwnership", newOwner)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackTransferOwnership is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf2fde38b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function transferOwnership(address newOwner) returns()
func (ledger *Ledger) TryPackTransferOwnership(newOwner common.Address) ([]byte, error) {
	return ledger.abi.Pack("transferOwnership", newOwner)
}

// PackUnpause is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3f4ba83a.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function unpause() returns()
func (ledger *Ledger) PackUnpause() []byte {
	enc, err := ledger.abi.Pack("unpause")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackUnpause is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3f4ba83a.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function unpause() returns()
func (ledger *Ledger) TryPackUnpause() ([]byte, error) {
	return ledger.abi.Pack("unpause")
}

// PackUnstake is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2e17de78.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function unstake(uint256 amount) returns()
func (ledger *Ledger) PackUnstake(amount *big.Int) []byte {
	enc, err := ledger.abi.Pack("unstake", amount)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackUnstake is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2e17de78.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function unstake(uint256 amount) returns()
func (ledger *Ledger) TryPackUnstake(amount *big.Int) ([]byte, error) {
	return ledger.abi.Pack("unstake", amount)
}

// PackVoidCommit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8bd386f0.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function voidCommit(uint64 epoch) returns()
func (ledger *Ledger) PackVoidCommit(epoch uint64) []byte {
	enc, err := ledger.abi.Pack("voidCommit", epoch)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackVoidCommit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8bd386f0.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function voidCommit(uint64 epoch) returns()
func (ledger *Ledger) TryPackVoidCommit(epoch uint64) ([]byte, error) {
	return ledger.abi.Pack("voidCommit", epoch)
}

// PackWindow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x461645bf.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function window() view returns(uint64)
func (ledger *Ledger) PackWindow() []byte {
	enc, err := ledger.abi.Pack("window")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackWindow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x461645bf.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function window() view returns(uint64)
func (ledger *Ledger) TryPackWindow() ([]byte, error) {
	return ledger.abi.Pack("window")
}

// UnpackWindow is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x461645bf.
//
// Solidity: function window() view returns(uint64)
func (ledger *Ledger) UnpackWindow(data []byte) (uint64, error) {
	out, err := ledger.abi.Unpack("window", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackWithdraw is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x51cff8d9.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function withdraw(address recipient) returns(uint256 amount)
func (ledger *Ledger) PackWithdraw(recipient common.Address) []byte {
	enc, err := ledger.abi.Pack("withdraw", recipient)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackWithdraw is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x51cff8d9.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function withdraw(address recipient) returns(uint256 amount)
func (ledger *Ledger) TryPackWithdraw(recipient common.Address) ([]byte, error) {
	return ledger.abi.Pack("withdraw", recipient)
}

// UnpackWithdraw is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x51cff8d9.
//
// Solidity: function withdraw(address recipient) returns(uint256 amount)
func (ledger *Ledger) UnpackWithdraw(data []byte) (*big.Int, error) {
	out, err := ledger.abi.Unpack("withdraw", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// LedgerAnchored represents a Anchored event raised by the Ledger contract.
type LedgerAnchored struct {
	ContentRoot [32]byte
	Sender      common.Address
	Time        uint64
	Raw         *types.Log // Blockchain specific contextual infos
}

const LedgerAnchoredEventName = "Anchored"

// ContractEventName returns the user-defined event name.
func (LedgerAnchored) ContractEventName() string {
	return LedgerAnchoredEventName
}

// UnpackAnchoredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Anchored(bytes32 indexed contentRoot, address indexed sender, uint64 time)
func (ledger *Ledger) UnpackAnchoredEvent(log *types.Log) (*LedgerAnchored, error) {
	event := "Anchored"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerAnchored)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerArbiterChanged represents a ArbiterChanged event raised by the Ledger contract.
type LedgerArbiterChanged struct {
	Previous common.Address
	Current  common.Address
	Raw      *types.Log // Blockchain specific contextual infos
}

const LedgerArbiterChangedEventName = "ArbiterChanged"

// ContractEventName returns the user-defined event name.
func (LedgerArbiterChanged) ContractEventName() string {
	return LedgerArbiterChangedEventName
}

// UnpackArbiterChangedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event ArbiterChanged(address indexed previous, address indexed current)
func (ledger *Ledger) UnpackArbiterChangedEvent(log *types.Log) (*LedgerArbiterChanged, error) {
	event := "ArbiterChanged"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerArbiterChanged)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerArbiterProposed represents a ArbiterProposed event raised by the Ledger contract.
type LedgerArbiterProposed struct {
	Current  common.Address
	Proposed common.Address
	Raw      *types.Log // Blockchain specific contextual infos
}

const LedgerArbiterProposedEventName = "ArbiterProposed"

// ContractEventName returns the user-defined event name.
func (LedgerArbiterProposed) ContractEventName() string {
	return LedgerArbiterProposedEventName
}

// UnpackArbiterProposedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event ArbiterProposed(address indexed current, address indexed proposed)
func (ledger *Ledger) UnpackArbiterProposedEvent(log *types.Log) (*LedgerArbiterProposed, error) {
	event := "ArbiterProposed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerArbiterProposed)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerChallenged represents a Challenged event raised by the Ledger contract.
type LedgerChallenged struct {
	Epoch        uint64
	Challenger   common.Address
	EvidenceHash [32]byte
	Deadline     uint64
	Raw          *types.Log // Blockchain specific contextual infos
}

const LedgerChallengedEventName = "Challenged"

// ContractEventName returns the user-defined event name.
func (LedgerChallenged) ContractEventName() string {
	return LedgerChallengedEventName
}

// UnpackChallengedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Challenged(uint64 indexed epoch, address indexed challenger, bytes32 evidenceHash, uint64 deadline)
func (ledger *Ledger) UnpackChallengedEvent(log *types.Log) (*LedgerChallenged, error) {
	event := "Challenged"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerChallenged)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerClaimed represents a Claimed event raised by the Ledger contract.
type LedgerClaimed struct {
	Account          common.Address
	Recipient        common.Address
	Amount           *big.Int
	CumulativeAmount *big.Int
	Raw              *types.Log // Blockchain specific contextual infos
}

const LedgerClaimedEventName = "Claimed"

// ContractEventName returns the user-defined event name.
func (LedgerClaimed) ContractEventName() string {
	return LedgerClaimedEventName
}

// UnpackClaimedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Claimed(address indexed account, address indexed recipient, uint256 amount, uint256 cumulativeAmount)
func (ledger *Ledger) UnpackClaimedEvent(log *types.Log) (*LedgerClaimed, error) {
	event := "Claimed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerClaimed)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerCommitVoided represents a CommitVoided event raised by the Ledger contract.
type LedgerCommitVoided struct {
	Epoch     uint64
	Attempt   uint32
	InputHash [32]byte
	Raw       *types.Log // Blockchain specific contextual infos
}

const LedgerCommitVoidedEventName = "CommitVoided"

// ContractEventName returns the user-defined event name.
func (LedgerCommitVoided) ContractEventName() string {
	return LedgerCommitVoidedEventName
}

// UnpackCommitVoidedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event CommitVoided(uint64 indexed epoch, uint32 attempt, bytes32 inputHash)
func (ledger *Ledger) UnpackCommitVoidedEvent(log *types.Log) (*LedgerCommitVoided, error) {
	event := "CommitVoided"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerCommitVoided)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerCommitted represents a Committed event raised by the Ledger contract.
type LedgerCommitted struct {
	Epoch       uint64
	Attempt     uint32
	InputHash   [32]byte
	CommitBlock uint64
	Raw         *types.Log // Blockchain specific contextual infos
}

const LedgerCommittedEventName = "Committed"

// ContractEventName returns the user-defined event name.
func (LedgerCommitted) ContractEventName() string {
	return LedgerCommittedEventName
}

// UnpackCommittedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Committed(uint64 indexed epoch, uint32 attempt, bytes32 inputHash, uint64 commitBlock)
func (ledger *Ledger) UnpackCommittedEvent(log *types.Log) (*LedgerCommitted, error) {
	event := "Committed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerCommitted)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerCredited represents a Credited event raised by the Ledger contract.
type LedgerCredited struct {
	Account common.Address
	Amount  *big.Int
	Raw     *types.Log // Blockchain specific contextual infos
}

const LedgerCreditedEventName = "Credited"

// ContractEventName returns the user-defined event name.
func (LedgerCredited) ContractEventName() string {
	return LedgerCreditedEventName
}

// UnpackCreditedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Credited(address indexed account, uint256 amount)
func (ledger *Ledger) UnpackCreditedEvent(log *types.Log) (*LedgerCredited, error) {
	event := "Credited"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerCredited)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerDropped represents a Dropped event raised by the Ledger contract.
type LedgerDropped struct {
	Epoch   uint64
	Root    [32]byte
	Attempt uint32
	Raw     *types.Log // Blockchain specific contextual infos
}

const LedgerDroppedEventName = "Dropped"

// ContractEventName returns the user-defined event name.
func (LedgerDropped) ContractEventName() string {
	return LedgerDroppedEventName
}

// UnpackDroppedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Dropped(uint64 indexed epoch, bytes32 indexed root, uint32 attempt)
func (ledger *Ledger) UnpackDroppedEvent(log *types.Log) (*LedgerDropped, error) {
	event := "Dropped"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerDropped)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerEIP712DomainChanged represents a EIP712DomainChanged event raised by the Ledger contract.
type LedgerEIP712DomainChanged struct {
	Raw *types.Log // Blockchain specific contextual infos
}

const LedgerEIP712DomainChangedEventName = "EIP712DomainChanged"

// ContractEventName returns the user-defined event name.
func (LedgerEIP712DomainChanged) ContractEventName() string {
	return LedgerEIP712DomainChangedEventName
}

// UnpackEIP712DomainChangedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event EIP712DomainChanged()
func (ledger *Ledger) UnpackEIP712DomainChangedEvent(log *types.Log) (*LedgerEIP712DomainChanged, error) {
	event := "EIP712DomainChanged"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerEIP712DomainChanged)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerExpired represents a Expired event raised by the Ledger contract.
type LedgerExpired struct {
	Epoch      uint64
	Challenger common.Address
	Raw        *types.Log // Blockchain specific contextual infos
}

const LedgerExpiredEventName = "Expired"

// ContractEventName returns the user-defined event name.
func (LedgerExpired) ContractEventName() string {
	return LedgerExpiredEventName
}

// UnpackExpiredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Expired(uint64 indexed epoch, address indexed challenger)
func (ledger *Ledger) UnpackExpiredEvent(log *types.Log) (*LedgerExpired, error) {
	event := "Expired"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerExpired)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerFinalised represents a Finalised event raised by the Ledger contract.
type LedgerFinalised struct {
	Epoch           uint64
	Root            [32]byte
	CumulativeTotal *big.Int
	Raw             *types.Log // Blockchain specific contextual infos
}

const LedgerFinalisedEventName = "Finalised"

// ContractEventName returns the user-defined event name.
func (LedgerFinalised) ContractEventName() string {
	return LedgerFinalisedEventName
}

// UnpackFinalisedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Finalised(uint64 indexed epoch, bytes32 indexed root, uint256 cumulativeTotal)
func (ledger *Ledger) UnpackFinalisedEvent(log *types.Log) (*LedgerFinalised, error) {
	event := "Finalised"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerFinalised)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerFunded represents a Funded event raised by the Ledger contract.
type LedgerFunded struct {
	From      common.Address
	Credited  *big.Int
	Deposited *big.Int
	Raw       *types.Log // Blockchain specific contextual infos
}

const LedgerFundedEventName = "Funded"

// ContractEventName returns the user-defined event name.
func (LedgerFunded) ContractEventName() string {
	return LedgerFundedEventName
}

// UnpackFundedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Funded(address indexed from, uint256 credited, uint256 deposited)
func (ledger *Ledger) UnpackFundedEvent(log *types.Log) (*LedgerFunded, error) {
	event := "Funded"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerFunded)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerOwnershipTransferStarted represents a OwnershipTransferStarted event raised by the Ledger contract.
type LedgerOwnershipTransferStarted struct {
	PreviousOwner common.Address
	NewOwner      common.Address
	Raw           *types.Log // Blockchain specific contextual infos
}

const LedgerOwnershipTransferStartedEventName = "OwnershipTransferStarted"

// ContractEventName returns the user-defined event name.
func (LedgerOwnershipTransferStarted) ContractEventName() string {
	return LedgerOwnershipTransferStartedEventName
}

// UnpackOwnershipTransferStartedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner)
func (ledger *Ledger) UnpackOwnershipTransferStartedEvent(log *types.Log) (*LedgerOwnershipTransferStarted, error) {
	event := "OwnershipTransferStarted"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerOwnershipTransferStarted)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerOwnershipTransferred represents a OwnershipTransferred event raised by the Ledger contract.
type LedgerOwnershipTransferred struct {
	PreviousOwner common.Address
	NewOwner      common.Address
	Raw           *types.Log // Blockchain specific contextual infos
}

const LedgerOwnershipTransferredEventName = "OwnershipTransferred"

// ContractEventName returns the user-defined event name.
func (LedgerOwnershipTransferred) ContractEventName() string {
	return LedgerOwnershipTransferredEventName
}

// UnpackOwnershipTransferredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)
func (ledger *Ledger) UnpackOwnershipTransferredEvent(log *types.Log) (*LedgerOwnershipTransferred, error) {
	event := "OwnershipTransferred"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerOwnershipTransferred)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerPaused represents a Paused event raised by the Ledger contract.
type LedgerPaused struct {
	Account common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const LedgerPausedEventName = "Paused"

// ContractEventName returns the user-defined event name.
func (LedgerPaused) ContractEventName() string {
	return LedgerPausedEventName
}

// UnpackPausedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Paused(address account)
func (ledger *Ledger) UnpackPausedEvent(log *types.Log) (*LedgerPaused, error) {
	event := "Paused"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerPaused)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerPosted represents a Posted event raised by the Ledger contract.
type LedgerPosted struct {
	Epoch           uint64
	Root            [32]byte
	InputHash       [32]byte
	EvidenceHash    [32]byte
	CumulativeTotal *big.Int
	Leaves          uint32
	CommitBlock     uint64
	WindowEnd       uint64
	Raw             *types.Log // Blockchain specific contextual infos
}

const LedgerPostedEventName = "Posted"

// ContractEventName returns the user-defined event name.
func (LedgerPosted) ContractEventName() string {
	return LedgerPostedEventName
}

// UnpackPostedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Posted(uint64 indexed epoch, bytes32 indexed root, bytes32 inputHash, bytes32 evidenceHash, uint256 cumulativeTotal, uint32 leaves, uint64 commitBlock, uint64 windowEnd)
func (ledger *Ledger) UnpackPostedEvent(log *types.Log) (*LedgerPosted, error) {
	event := "Posted"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerPosted)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerPosterChanged represents a PosterChanged event raised by the Ledger contract.
type LedgerPosterChanged struct {
	Previous common.Address
	Current  common.Address
	Raw      *types.Log // Blockchain specific contextual infos
}

const LedgerPosterChangedEventName = "PosterChanged"

// ContractEventName returns the user-defined event name.
func (LedgerPosterChanged) ContractEventName() string {
	return LedgerPosterChangedEventName
}

// UnpackPosterChangedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event PosterChanged(address indexed previous, address indexed current)
func (ledger *Ledger) UnpackPosterChangedEvent(log *types.Log) (*LedgerPosterChanged, error) {
	event := "PosterChanged"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerPosterChanged)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerPosterProposed represents a PosterProposed event raised by the Ledger contract.
type LedgerPosterProposed struct {
	Current  common.Address
	Proposed common.Address
	Raw      *types.Log // Blockchain specific contextual infos
}

const LedgerPosterProposedEventName = "PosterProposed"

// ContractEventName returns the user-defined event name.
func (LedgerPosterProposed) ContractEventName() string {
	return LedgerPosterProposedEventName
}

// UnpackPosterProposedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event PosterProposed(address indexed current, address indexed proposed)
func (ledger *Ledger) UnpackPosterProposedEvent(log *types.Log) (*LedgerPosterProposed, error) {
	event := "PosterProposed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerPosterProposed)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerResolved represents a Resolved event raised by the Ledger contract.
type LedgerResolved struct {
	Epoch      uint64
	Upheld     bool
	Challenger common.Address
	WindowEnd  uint64
	Raw        *types.Log // Blockchain specific contextual infos
}

const LedgerResolvedEventName = "Resolved"

// ContractEventName returns the user-defined event name.
func (LedgerResolved) ContractEventName() string {
	return LedgerResolvedEventName
}

// UnpackResolvedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Resolved(uint64 indexed epoch, bool upheld, address indexed challenger, uint64 windowEnd)
func (ledger *Ledger) UnpackResolvedEvent(log *types.Log) (*LedgerResolved, error) {
	event := "Resolved"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerResolved)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerStaked represents a Staked event raised by the Ledger contract.
type LedgerStaked struct {
	Account common.Address
	Amount  *big.Int
	Stake   *big.Int
	Raw     *types.Log // Blockchain specific contextual infos
}

const LedgerStakedEventName = "Staked"

// ContractEventName returns the user-defined event name.
func (LedgerStaked) ContractEventName() string {
	return LedgerStakedEventName
}

// UnpackStakedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Staked(address indexed account, uint256 amount, uint256 stake)
func (ledger *Ledger) UnpackStakedEvent(log *types.Log) (*LedgerStaked, error) {
	event := "Staked"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerStaked)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerSwept represents a Swept event raised by the Ledger contract.
type LedgerSwept struct {
	Recipient common.Address
	Amount    *big.Int
	Swept     *big.Int
	Raw       *types.Log // Blockchain specific contextual infos
}

const LedgerSweptEventName = "Swept"

// ContractEventName returns the user-defined event name.
func (LedgerSwept) ContractEventName() string {
	return LedgerSweptEventName
}

// UnpackSweptEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Swept(address indexed recipient, uint256 amount, uint256 swept)
func (ledger *Ledger) UnpackSweptEvent(log *types.Log) (*LedgerSwept, error) {
	event := "Swept"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerSwept)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerUnpaused represents a Unpaused event raised by the Ledger contract.
type LedgerUnpaused struct {
	Account common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const LedgerUnpausedEventName = "Unpaused"

// ContractEventName returns the user-defined event name.
func (LedgerUnpaused) ContractEventName() string {
	return LedgerUnpausedEventName
}

// UnpackUnpausedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Unpaused(address account)
func (ledger *Ledger) UnpackUnpausedEvent(log *types.Log) (*LedgerUnpaused, error) {
	event := "Unpaused"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerUnpaused)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerUnstaked represents a Unstaked event raised by the Ledger contract.
type LedgerUnstaked struct {
	Account common.Address
	Amount  *big.Int
	Stake   *big.Int
	Raw     *types.Log // Blockchain specific contextual infos
}

const LedgerUnstakedEventName = "Unstaked"

// ContractEventName returns the user-defined event name.
func (LedgerUnstaked) ContractEventName() string {
	return LedgerUnstakedEventName
}

// UnpackUnstakedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Unstaked(address indexed account, uint256 amount, uint256 stake)
func (ledger *Ledger) UnpackUnstakedEvent(log *types.Log) (*LedgerUnstaked, error) {
	event := "Unstaked"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerUnstaked)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LedgerWithdrawn represents a Withdrawn event raised by the Ledger contract.
type LedgerWithdrawn struct {
	Account   common.Address
	Recipient common.Address
	Amount    *big.Int
	Raw       *types.Log // Blockchain specific contextual infos
}

const LedgerWithdrawnEventName = "Withdrawn"

// ContractEventName returns the user-defined event name.
func (LedgerWithdrawn) ContractEventName() string {
	return LedgerWithdrawnEventName
}

// UnpackWithdrawnEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Withdrawn(address indexed account, address indexed recipient, uint256 amount)
func (ledger *Ledger) UnpackWithdrawnEvent(log *types.Log) (*LedgerWithdrawn, error) {
	event := "Withdrawn"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != ledger.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LedgerWithdrawn)
	if len(log.Data) > 0 {
		if err := ledger.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range ledger.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (ledger *Ledger) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], ledger.abi.Errors["BadExpiry"].ID.Bytes()[:4]) {
		return ledger.UnpackBadExpiryError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["BadPeriod"].ID.Bytes()[:4]) {
		return ledger.UnpackBadPeriodError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["BadRecipient"].ID.Bytes()[:4]) {
		return ledger.UnpackBadRecipientError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["DeadlinePassed"].ID.Bytes()[:4]) {
		return ledger.UnpackDeadlinePassedError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["EnforcedPause"].ID.Bytes()[:4]) {
		return ledger.UnpackEnforcedPauseError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["ExpectedPause"].ID.Bytes()[:4]) {
		return ledger.UnpackExpectedPauseError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["FailedCall"].ID.Bytes()[:4]) {
		return ledger.UnpackFailedCallError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["InputMismatch"].ID.Bytes()[:4]) {
		return ledger.UnpackInputMismatchError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["Insolvent"].ID.Bytes()[:4]) {
		return ledger.UnpackInsolventError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["InsufficientBalance"].ID.Bytes()[:4]) {
		return ledger.UnpackInsufficientBalanceError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["InvalidAccountNonce"].ID.Bytes()[:4]) {
		return ledger.UnpackInvalidAccountNonceError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["InvalidProof"].ID.Bytes()[:4]) {
		return ledger.UnpackInvalidProofError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["InvalidShortString"].ID.Bytes()[:4]) {
		return ledger.UnpackInvalidShortStringError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["InvalidSignature"].ID.Bytes()[:4]) {
		return ledger.UnpackInvalidSignatureError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NoLeaves"].ID.Bytes()[:4]) {
		return ledger.UnpackNoLeavesError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NotAContract"].ID.Bytes()[:4]) {
		return ledger.UnpackNotAContractError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NotArbiter"].ID.Bytes()[:4]) {
		return ledger.UnpackNotArbiterError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NotExpired"].ID.Bytes()[:4]) {
		return ledger.UnpackNotExpiredError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NotPoster"].ID.Bytes()[:4]) {
		return ledger.UnpackNotPosterError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NotProposed"].ID.Bytes()[:4]) {
		return ledger.UnpackNotProposedError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NothingReceived"].ID.Bytes()[:4]) {
		return ledger.UnpackNothingReceivedError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NothingToClaim"].ID.Bytes()[:4]) {
		return ledger.UnpackNothingToClaimError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NothingToSweep"].ID.Bytes()[:4]) {
		return ledger.UnpackNothingToSweepError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["NothingToWithdraw"].ID.Bytes()[:4]) {
		return ledger.UnpackNothingToWithdrawError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["OwnableInvalidOwner"].ID.Bytes()[:4]) {
		return ledger.UnpackOwnableInvalidOwnerError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["OwnableUnauthorizedAccount"].ID.Bytes()[:4]) {
		return ledger.UnpackOwnableUnauthorizedAccountError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["ReentrancyGuardReentrantCall"].ID.Bytes()[:4]) {
		return ledger.UnpackReentrancyGuardReentrantCallError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["ResolutionOpen"].ID.Bytes()[:4]) {
		return ledger.UnpackResolutionOpenError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["ResolutionOver"].ID.Bytes()[:4]) {
		return ledger.UnpackResolutionOverError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["SafeCastOverflowedUintDowncast"].ID.Bytes()[:4]) {
		return ledger.UnpackSafeCastOverflowedUintDowncastError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["SafeERC20FailedOperation"].ID.Bytes()[:4]) {
		return ledger.UnpackSafeERC20FailedOperationError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["SameHolder"].ID.Bytes()[:4]) {
		return ledger.UnpackSameHolderError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["SeedNotReady"].ID.Bytes()[:4]) {
		return ledger.UnpackSeedNotReadyError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["StakeLocked"].ID.Bytes()[:4]) {
		return ledger.UnpackStakeLockedError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["StakeTooLow"].ID.Bytes()[:4]) {
		return ledger.UnpackStakeTooLowError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["StringTooLong"].ID.Bytes()[:4]) {
		return ledger.UnpackStringTooLongError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["TotalBelowPrevious"].ID.Bytes()[:4]) {
		return ledger.UnpackTotalBelowPreviousError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["TotalExceeded"].ID.Bytes()[:4]) {
		return ledger.UnpackTotalExceededError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["WindowClosed"].ID.Bytes()[:4]) {
		return ledger.UnpackWindowClosedError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["WindowOpen"].ID.Bytes()[:4]) {
		return ledger.UnpackWindowOpenError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["WrongEpoch"].ID.Bytes()[:4]) {
		return ledger.UnpackWrongEpochError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["WrongState"].ID.Bytes()[:4]) {
		return ledger.UnpackWrongStateError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["WrongValue"].ID.Bytes()[:4]) {
		return ledger.UnpackWrongValueError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["ZeroAddress"].ID.Bytes()[:4]) {
		return ledger.UnpackZeroAddressError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["ZeroAmount"].ID.Bytes()[:4]) {
		return ledger.UnpackZeroAmountError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["ZeroBond"].ID.Bytes()[:4]) {
		return ledger.UnpackZeroBondError(raw[4:])
	}
	if bytes.Equal(raw[:4], ledger.abi.Errors["ZeroHash"].ID.Bytes()[:4]) {
		return ledger.UnpackZeroHashError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// LedgerBadExpiry represents a BadExpiry error raised by the Ledger contract.
type LedgerBadExpiry struct {
	Expiry uint64
	Time   *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadExpiry(uint64 expiry, uint256 time)
func LedgerBadExpiryErrorID() common.Hash {
	return common.HexToHash("0xe0a687fc72572f5365c43424b4fc839ac2c017d912d87e65c14ac9279951c2ad")
}

// UnpackBadExpiryError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadExpiry(uint64 expiry, uint256 time)
func (ledger *Ledger) UnpackBadExpiryError(raw []byte) (*LedgerBadExpiry, error) {
	out := new(LedgerBadExpiry)
	if err := ledger.abi.UnpackIntoInterface(out, "BadExpiry", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerBadPeriod represents a BadPeriod error raised by the Ledger contract.
type LedgerBadPeriod struct {
	Period uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadPeriod(uint64 period)
func LedgerBadPeriodErrorID() common.Hash {
	return common.HexToHash("0x19e9f66c4653fda9b93a39021fff69a7edbd91fcfcb5482767bfffd50da52bcd")
}

// UnpackBadPeriodError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadPeriod(uint64 period)
func (ledger *Ledger) UnpackBadPeriodError(raw []byte) (*LedgerBadPeriod, error) {
	out := new(LedgerBadPeriod)
	if err := ledger.abi.UnpackIntoInterface(out, "BadPeriod", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerBadRecipient represents a BadRecipient error raised by the Ledger contract.
type LedgerBadRecipient struct {
	Recipient common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadRecipient(address recipient)
func LedgerBadRecipientErrorID() common.Hash {
	return common.HexToHash("0xf66e904851b37b80accff44adee209ff00dc29eeb445bb1edb327e45cf1f9315")
}

// UnpackBadRecipientError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadRecipient(address recipient)
func (ledger *Ledger) UnpackBadRecipientError(raw []byte) (*LedgerBadRecipient, error) {
	out := new(LedgerBadRecipient)
	if err := ledger.abi.UnpackIntoInterface(out, "BadRecipient", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerDeadlinePassed represents a DeadlinePassed error raised by the Ledger contract.
type LedgerDeadlinePassed struct {
	Deadline *big.Int
	Time     *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error DeadlinePassed(uint256 deadline, uint256 time)
func LedgerDeadlinePassedErrorID() common.Hash {
	return common.HexToHash("0x83f2ba20b77c67656c85ef54103e25e4c03a482a8919c6010a4781ea13974bb7")
}

// UnpackDeadlinePassedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error DeadlinePassed(uint256 deadline, uint256 time)
func (ledger *Ledger) UnpackDeadlinePassedError(raw []byte) (*LedgerDeadlinePassed, error) {
	out := new(LedgerDeadlinePassed)
	if err := ledger.abi.UnpackIntoInterface(out, "DeadlinePassed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerEnforcedPause represents a EnforcedPause error raised by the Ledger contract.
type LedgerEnforcedPause struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error EnforcedPause()
func LedgerEnforcedPauseErrorID() common.Hash {
	return common.HexToHash("0xd93c0665d6c96d04a8f174024fc4ddd66c250604aff22bbec808de86dd3637e3")
}

// UnpackEnforcedPauseError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error EnforcedPause()
func (ledger *Ledger) UnpackEnforcedPauseError(raw []byte) (*LedgerEnforcedPause, error) {
	out := new(LedgerEnforcedPause)
	if err := ledger.abi.UnpackIntoInterface(out, "EnforcedPause", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerExpectedPause represents a ExpectedPause error raised by the Ledger contract.
type LedgerExpectedPause struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ExpectedPause()
func LedgerExpectedPauseErrorID() common.Hash {
	return common.HexToHash("0x8dfc202bcfe9a735b559bee70674422512bc5c30f687046ae8778315fb81da44")
}

// UnpackExpectedPauseError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ExpectedPause()
func (ledger *Ledger) UnpackExpectedPauseError(raw []byte) (*LedgerExpectedPause, error) {
	out := new(LedgerExpectedPause)
	if err := ledger.abi.UnpackIntoInterface(out, "ExpectedPause", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerFailedCall represents a FailedCall error raised by the Ledger contract.
type LedgerFailedCall struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error FailedCall()
func LedgerFailedCallErrorID() common.Hash {
	return common.HexToHash("0xd6bda27508c0fb6d8a39b4b122878dab26f731a7d4e4abe711dd3731899052a4")
}

// UnpackFailedCallError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error FailedCall()
func (ledger *Ledger) UnpackFailedCallError(raw []byte) (*LedgerFailedCall, error) {
	out := new(LedgerFailedCall)
	if err := ledger.abi.UnpackIntoInterface(out, "FailedCall", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerInputMismatch represents a InputMismatch error raised by the Ledger contract.
type LedgerInputMismatch struct {
	Committed [32]byte
	Posted    [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InputMismatch(bytes32 committed, bytes32 posted)
func LedgerInputMismatchErrorID() common.Hash {
	return common.HexToHash("0x63145305452d9cef2dd6d12b0b79e91003a6c451cd87ec8b4751f24dfa8360ea")
}

// UnpackInputMismatchError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InputMismatch(bytes32 committed, bytes32 posted)
func (ledger *Ledger) UnpackInputMismatchError(raw []byte) (*LedgerInputMismatch, error) {
	out := new(LedgerInputMismatch)
	if err := ledger.abi.UnpackIntoInterface(out, "InputMismatch", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerInsolvent represents a Insolvent error raised by the Ledger contract.
type LedgerInsolvent struct {
	Posted    *big.Int
	Available *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Insolvent(uint256 posted, uint256 available)
func LedgerInsolventErrorID() common.Hash {
	return common.HexToHash("0x1f2c89f072a3b82378c5a7bb223a3e071f954f8c25522b9186913a507d51493d")
}

// UnpackInsolventError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Insolvent(uint256 posted, uint256 available)
func (ledger *Ledger) UnpackInsolventError(raw []byte) (*LedgerInsolvent, error) {
	out := new(LedgerInsolvent)
	if err := ledger.abi.UnpackIntoInterface(out, "Insolvent", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerInsufficientBalance represents a InsufficientBalance error raised by the Ledger contract.
type LedgerInsufficientBalance struct {
	Balance *big.Int
	Needed  *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InsufficientBalance(uint256 balance, uint256 needed)
func LedgerInsufficientBalanceErrorID() common.Hash {
	return common.HexToHash("0xcf4791818fba6e019216eb4864093b4947f674afada5d305e57d598b641dad1d")
}

// UnpackInsufficientBalanceError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InsufficientBalance(uint256 balance, uint256 needed)
func (ledger *Ledger) UnpackInsufficientBalanceError(raw []byte) (*LedgerInsufficientBalance, error) {
	out := new(LedgerInsufficientBalance)
	if err := ledger.abi.UnpackIntoInterface(out, "InsufficientBalance", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerInvalidAccountNonce represents a InvalidAccountNonce error raised by the Ledger contract.
type LedgerInvalidAccountNonce struct {
	Account      common.Address
	CurrentNonce *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InvalidAccountNonce(address account, uint256 currentNonce)
func LedgerInvalidAccountNonceErrorID() common.Hash {
	return common.HexToHash("0x752d88c0de02638abf10e8e31861e4c68dc1f3a1e7d840e580683f2c282bfc7a")
}

// UnpackInvalidAccountNonceError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InvalidAccountNonce(address account, uint256 currentNonce)
func (ledger *Ledger) UnpackInvalidAccountNonceError(raw []byte) (*LedgerInvalidAccountNonce, error) {
	out := new(LedgerInvalidAccountNonce)
	if err := ledger.abi.UnpackIntoInterface(out, "InvalidAccountNonce", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerInvalidProof represents a InvalidProof error raised by the Ledger contract.
type LedgerInvalidProof struct {
	Account          common.Address
	CumulativeAmount *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InvalidProof(address account, uint256 cumulativeAmount)
func LedgerInvalidProofErrorID() common.Hash {
	return common.HexToHash("0xadbd6512b8ce16af463deab8b932072db98b797407959df0bc4b06f2b77e80f5")
}

// UnpackInvalidProofError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InvalidProof(address account, uint256 cumulativeAmount)
func (ledger *Ledger) UnpackInvalidProofError(raw []byte) (*LedgerInvalidProof, error) {
	out := new(LedgerInvalidProof)
	if err := ledger.abi.UnpackIntoInterface(out, "InvalidProof", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerInvalidShortString represents a InvalidShortString error raised by the Ledger contract.
type LedgerInvalidShortString struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InvalidShortString()
func LedgerInvalidShortStringErrorID() common.Hash {
	return common.HexToHash("0xb3512b0c6163e5f0bafab72bb631b9d58cd7a731b082f910338aa21c83d5c274")
}

// UnpackInvalidShortStringError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InvalidShortString()
func (ledger *Ledger) UnpackInvalidShortStringError(raw []byte) (*LedgerInvalidShortString, error) {
	out := new(LedgerInvalidShortString)
	if err := ledger.abi.UnpackIntoInterface(out, "InvalidShortString", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerInvalidSignature represents a InvalidSignature error raised by the Ledger contract.
type LedgerInvalidSignature struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InvalidSignature(address account)
func LedgerInvalidSignatureErrorID() common.Hash {
	return common.HexToHash("0xd855c4f4d7a9aef9d1b6f49c25339cf5cd471e30830c8071f7b5024985e5abcd")
}

// UnpackInvalidSignatureError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InvalidSignature(address account)
func (ledger *Ledger) UnpackInvalidSignatureError(raw []byte) (*LedgerInvalidSignature, error) {
	out := new(LedgerInvalidSignature)
	if err := ledger.abi.UnpackIntoInterface(out, "InvalidSignature", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNoLeaves represents a NoLeaves error raised by the Ledger contract.
type LedgerNoLeaves struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoLeaves()
func LedgerNoLeavesErrorID() common.Hash {
	return common.HexToHash("0xbaec3d9a8f34880fa9c213e8873050be1b7ec2e7667573c9c8550074abaec845")
}

// UnpackNoLeavesError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoLeaves()
func (ledger *Ledger) UnpackNoLeavesError(raw []byte) (*LedgerNoLeaves, error) {
	out := new(LedgerNoLeaves)
	if err := ledger.abi.UnpackIntoInterface(out, "NoLeaves", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNotAContract represents a NotAContract error raised by the Ledger contract.
type LedgerNotAContract struct {
	Token common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotAContract(address token)
func LedgerNotAContractErrorID() common.Hash {
	return common.HexToHash("0x8a8b41ec6b8382733436ac0321a506b0d1e41dc29c8650d1fd1ff17e726ab809")
}

// UnpackNotAContractError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotAContract(address token)
func (ledger *Ledger) UnpackNotAContractError(raw []byte) (*LedgerNotAContract, error) {
	out := new(LedgerNotAContract)
	if err := ledger.abi.UnpackIntoInterface(out, "NotAContract", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNotArbiter represents a NotArbiter error raised by the Ledger contract.
type LedgerNotArbiter struct {
	Caller common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotArbiter(address caller)
func LedgerNotArbiterErrorID() common.Hash {
	return common.HexToHash("0x720c75c28bf729d07d907a7cb2128014dd379623a8d7da4275d1c2374b21e016")
}

// UnpackNotArbiterError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotArbiter(address caller)
func (ledger *Ledger) UnpackNotArbiterError(raw []byte) (*LedgerNotArbiter, error) {
	out := new(LedgerNotArbiter)
	if err := ledger.abi.UnpackIntoInterface(out, "NotArbiter", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNotExpired represents a NotExpired error raised by the Ledger contract.
type LedgerNotExpired struct {
	Expiry uint64
	Time   *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotExpired(uint64 expiry, uint256 time)
func LedgerNotExpiredErrorID() common.Hash {
	return common.HexToHash("0x878880200d6e2e3220bbbcf837eb40e26654b6a531b808079cf8848829ff512f")
}

// UnpackNotExpiredError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotExpired(uint64 expiry, uint256 time)
func (ledger *Ledger) UnpackNotExpiredError(raw []byte) (*LedgerNotExpired, error) {
	out := new(LedgerNotExpired)
	if err := ledger.abi.UnpackIntoInterface(out, "NotExpired", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNotPoster represents a NotPoster error raised by the Ledger contract.
type LedgerNotPoster struct {
	Caller common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotPoster(address caller)
func LedgerNotPosterErrorID() common.Hash {
	return common.HexToHash("0x6951ee52da6a0da6c56d349a0c3dd0d20b0fd20079112c9b347ea29455477275")
}

// UnpackNotPosterError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotPoster(address caller)
func (ledger *Ledger) UnpackNotPosterError(raw []byte) (*LedgerNotPoster, error) {
	out := new(LedgerNotPoster)
	if err := ledger.abi.UnpackIntoInterface(out, "NotPoster", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNotProposed represents a NotProposed error raised by the Ledger contract.
type LedgerNotProposed struct {
	Caller common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotProposed(address caller)
func LedgerNotProposedErrorID() common.Hash {
	return common.HexToHash("0x29c89150f64cd5f651e5c57524d1a2a10a06d4e86930bbd56062adc7de368538")
}

// UnpackNotProposedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotProposed(address caller)
func (ledger *Ledger) UnpackNotProposedError(raw []byte) (*LedgerNotProposed, error) {
	out := new(LedgerNotProposed)
	if err := ledger.abi.UnpackIntoInterface(out, "NotProposed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNothingReceived represents a NothingReceived error raised by the Ledger contract.
type LedgerNothingReceived struct {
	Asked *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NothingReceived(uint256 asked)
func LedgerNothingReceivedErrorID() common.Hash {
	return common.HexToHash("0x65d80560e4f97978f4d56812922cee400796db9573ef0287a581fb47b4193886")
}

// UnpackNothingReceivedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NothingReceived(uint256 asked)
func (ledger *Ledger) UnpackNothingReceivedError(raw []byte) (*LedgerNothingReceived, error) {
	out := new(LedgerNothingReceived)
	if err := ledger.abi.UnpackIntoInterface(out, "NothingReceived", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNothingToClaim represents a NothingToClaim error raised by the Ledger contract.
type LedgerNothingToClaim struct {
	Account          common.Address
	CumulativeAmount *big.Int
	Claimed          *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NothingToClaim(address account, uint256 cumulativeAmount, uint256 claimed)
func LedgerNothingToClaimErrorID() common.Hash {
	return common.HexToHash("0x0cfa2bb0dc3b47d2750aa431facc5bc8b4ab7fbb6161baf666f5a587f1736799")
}

// UnpackNothingToClaimError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NothingToClaim(address account, uint256 cumulativeAmount, uint256 claimed)
func (ledger *Ledger) UnpackNothingToClaimError(raw []byte) (*LedgerNothingToClaim, error) {
	out := new(LedgerNothingToClaim)
	if err := ledger.abi.UnpackIntoInterface(out, "NothingToClaim", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNothingToSweep represents a NothingToSweep error raised by the Ledger contract.
type LedgerNothingToSweep struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NothingToSweep()
func LedgerNothingToSweepErrorID() common.Hash {
	return common.HexToHash("0x351261fc5ceb6cff0f360a41a335451fd17f0d21b6c3f543fce2960b80a39fe5")
}

// UnpackNothingToSweepError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NothingToSweep()
func (ledger *Ledger) UnpackNothingToSweepError(raw []byte) (*LedgerNothingToSweep, error) {
	out := new(LedgerNothingToSweep)
	if err := ledger.abi.UnpackIntoInterface(out, "NothingToSweep", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerNothingToWithdraw represents a NothingToWithdraw error raised by the Ledger contract.
type LedgerNothingToWithdraw struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NothingToWithdraw(address account)
func LedgerNothingToWithdrawErrorID() common.Hash {
	return common.HexToHash("0xdc69dc16e4a8405b44139edda9a06ee66b303337358b6f4633533d65de15b7f4")
}

// UnpackNothingToWithdrawError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NothingToWithdraw(address account)
func (ledger *Ledger) UnpackNothingToWithdrawError(raw []byte) (*LedgerNothingToWithdraw, error) {
	out := new(LedgerNothingToWithdraw)
	if err := ledger.abi.UnpackIntoInterface(out, "NothingToWithdraw", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerOwnableInvalidOwner represents a OwnableInvalidOwner error raised by the Ledger contract.
type LedgerOwnableInvalidOwner struct {
	Owner common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OwnableInvalidOwner(address owner)
func LedgerOwnableInvalidOwnerErrorID() common.Hash {
	return common.HexToHash("0x1e4fbdf7f3ef8bcaa855599e3abf48b232380f183f08f6f813d9ffa5bd585188")
}

// UnpackOwnableInvalidOwnerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OwnableInvalidOwner(address owner)
func (ledger *Ledger) UnpackOwnableInvalidOwnerError(raw []byte) (*LedgerOwnableInvalidOwner, error) {
	out := new(LedgerOwnableInvalidOwner)
	if err := ledger.abi.UnpackIntoInterface(out, "OwnableInvalidOwner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerOwnableUnauthorizedAccount represents a OwnableUnauthorizedAccount error raised by the Ledger contract.
type LedgerOwnableUnauthorizedAccount struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OwnableUnauthorizedAccount(address account)
func LedgerOwnableUnauthorizedAccountErrorID() common.Hash {
	return common.HexToHash("0x118cdaa7a341953d1887a2245fd6665d741c67c8c50581daa59e1d03373fa188")
}

// UnpackOwnableUnauthorizedAccountError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OwnableUnauthorizedAccount(address account)
func (ledger *Ledger) UnpackOwnableUnauthorizedAccountError(raw []byte) (*LedgerOwnableUnauthorizedAccount, error) {
	out := new(LedgerOwnableUnauthorizedAccount)
	if err := ledger.abi.UnpackIntoInterface(out, "OwnableUnauthorizedAccount", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerReentrancyGuardReentrantCall represents a ReentrancyGuardReentrantCall error raised by the Ledger contract.
type LedgerReentrancyGuardReentrantCall struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ReentrancyGuardReentrantCall()
func LedgerReentrancyGuardReentrantCallErrorID() common.Hash {
	return common.HexToHash("0x3ee5aeb571de7fc460830b4d0017439a1ca56fb0bc39062227ade4fe4a24c1ca")
}

// UnpackReentrancyGuardReentrantCallError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ReentrancyGuardReentrantCall()
func (ledger *Ledger) UnpackReentrancyGuardReentrantCallError(raw []byte) (*LedgerReentrancyGuardReentrantCall, error) {
	out := new(LedgerReentrancyGuardReentrantCall)
	if err := ledger.abi.UnpackIntoInterface(out, "ReentrancyGuardReentrantCall", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerResolutionOpen represents a ResolutionOpen error raised by the Ledger contract.
type LedgerResolutionOpen struct {
	Deadline uint64
	Time     *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ResolutionOpen(uint64 deadline, uint256 time)
func LedgerResolutionOpenErrorID() common.Hash {
	return common.HexToHash("0x537b7a2d4a44b883ebac3e008b0d2e1c5f32408495a78e3f37e00ae64d97a5a0")
}

// UnpackResolutionOpenError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ResolutionOpen(uint64 deadline, uint256 time)
func (ledger *Ledger) UnpackResolutionOpenError(raw []byte) (*LedgerResolutionOpen, error) {
	out := new(LedgerResolutionOpen)
	if err := ledger.abi.UnpackIntoInterface(out, "ResolutionOpen", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerResolutionOver represents a ResolutionOver error raised by the Ledger contract.
type LedgerResolutionOver struct {
	Deadline uint64
	Time     *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ResolutionOver(uint64 deadline, uint256 time)
func LedgerResolutionOverErrorID() common.Hash {
	return common.HexToHash("0xd2aa79af31a739cec7325914dc5482a61a3dd56424d7487b31f131226a7e5e73")
}

// UnpackResolutionOverError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ResolutionOver(uint64 deadline, uint256 time)
func (ledger *Ledger) UnpackResolutionOverError(raw []byte) (*LedgerResolutionOver, error) {
	out := new(LedgerResolutionOver)
	if err := ledger.abi.UnpackIntoInterface(out, "ResolutionOver", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerSafeCastOverflowedUintDowncast represents a SafeCastOverflowedUintDowncast error raised by the Ledger contract.
type LedgerSafeCastOverflowedUintDowncast struct {
	Bits  uint8
	Value *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)
func LedgerSafeCastOverflowedUintDowncastErrorID() common.Hash {
	return common.HexToHash("0x6dfcc6503a32754ce7a89698e18201fc5294fd4aad43edefee786f88423b1a12")
}

// UnpackSafeCastOverflowedUintDowncastError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)
func (ledger *Ledger) UnpackSafeCastOverflowedUintDowncastError(raw []byte) (*LedgerSafeCastOverflowedUintDowncast, error) {
	out := new(LedgerSafeCastOverflowedUintDowncast)
	if err := ledger.abi.UnpackIntoInterface(out, "SafeCastOverflowedUintDowncast", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerSafeERC20FailedOperation represents a SafeERC20FailedOperation error raised by the Ledger contract.
type LedgerSafeERC20FailedOperation struct {
	Token common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SafeERC20FailedOperation(address token)
func LedgerSafeERC20FailedOperationErrorID() common.Hash {
	return common.HexToHash("0x5274afe73c98b4749fc91ffae6b7b574e7842cb2144a159e9377a5f20b32edf9")
}

// UnpackSafeERC20FailedOperationError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SafeERC20FailedOperation(address token)
func (ledger *Ledger) UnpackSafeERC20FailedOperationError(raw []byte) (*LedgerSafeERC20FailedOperation, error) {
	out := new(LedgerSafeERC20FailedOperation)
	if err := ledger.abi.UnpackIntoInterface(out, "SafeERC20FailedOperation", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerSameHolder represents a SameHolder error raised by the Ledger contract.
type LedgerSameHolder struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SameHolder(address account)
func LedgerSameHolderErrorID() common.Hash {
	return common.HexToHash("0x99f23c0f50746b9485e6a1a1212acb3a1d94553d2282e75d4f968ffac7fd062e")
}

// UnpackSameHolderError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SameHolder(address account)
func (ledger *Ledger) UnpackSameHolderError(raw []byte) (*LedgerSameHolder, error) {
	out := new(LedgerSameHolder)
	if err := ledger.abi.UnpackIntoInterface(out, "SameHolder", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerSeedNotReady represents a SeedNotReady error raised by the Ledger contract.
type LedgerSeedNotReady struct {
	ReadyAt     uint64
	BlockNumber *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SeedNotReady(uint64 readyAt, uint256 blockNumber)
func LedgerSeedNotReadyErrorID() common.Hash {
	return common.HexToHash("0x484e391672faaac4235acecc06d2ebac87c73fdee30a3ea1051ddddffb088356")
}

// UnpackSeedNotReadyError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SeedNotReady(uint64 readyAt, uint256 blockNumber)
func (ledger *Ledger) UnpackSeedNotReadyError(raw []byte) (*LedgerSeedNotReady, error) {
	out := new(LedgerSeedNotReady)
	if err := ledger.abi.UnpackIntoInterface(out, "SeedNotReady", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerStakeLocked represents a StakeLocked error raised by the Ledger contract.
type LedgerStakeLocked struct {
	Requested *big.Int
	Free      *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error StakeLocked(uint256 requested, uint256 free)
func LedgerStakeLockedErrorID() common.Hash {
	return common.HexToHash("0x5ab98301a6813e74ead36dc23bd818921850120ffe82c4fc14d15a0639481030")
}

// UnpackStakeLockedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error StakeLocked(uint256 requested, uint256 free)
func (ledger *Ledger) UnpackStakeLockedError(raw []byte) (*LedgerStakeLocked, error) {
	out := new(LedgerStakeLocked)
	if err := ledger.abi.UnpackIntoInterface(out, "StakeLocked", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerStakeTooLow represents a StakeTooLow error raised by the Ledger contract.
type LedgerStakeTooLow struct {
	Need *big.Int
	Have *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error StakeTooLow(uint256 need, uint256 have)
func LedgerStakeTooLowErrorID() common.Hash {
	return common.HexToHash("0x829f11638d406de2605d01f8ea108c1f13393def0f2b7b6e6ffffd9996d50bd5")
}

// UnpackStakeTooLowError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error StakeTooLow(uint256 need, uint256 have)
func (ledger *Ledger) UnpackStakeTooLowError(raw []byte) (*LedgerStakeTooLow, error) {
	out := new(LedgerStakeTooLow)
	if err := ledger.abi.UnpackIntoInterface(out, "StakeTooLow", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerStringTooLong represents a StringTooLong error raised by the Ledger contract.
type LedgerStringTooLong struct {
	Str string
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error StringTooLong(string str)
func LedgerStringTooLongErrorID() common.Hash {
	return common.HexToHash("0x305a27a93f8e33b7392df0a0f91d6fc63847395853c45991eec52dbf24d72381")
}

// UnpackStringTooLongError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error StringTooLong(string str)
func (ledger *Ledger) UnpackStringTooLongError(raw []byte) (*LedgerStringTooLong, error) {
	out := new(LedgerStringTooLong)
	if err := ledger.abi.UnpackIntoInterface(out, "StringTooLong", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerTotalBelowPrevious represents a TotalBelowPrevious error raised by the Ledger contract.
type LedgerTotalBelowPrevious struct {
	Previous *big.Int
	Posted   *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TotalBelowPrevious(uint256 previous, uint256 posted)
func LedgerTotalBelowPreviousErrorID() common.Hash {
	return common.HexToHash("0x746451b14efd1b7a576ce2ee8fd7eba760e732fc02108d8ccd6ca7503aba7454")
}

// UnpackTotalBelowPreviousError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TotalBelowPrevious(uint256 previous, uint256 posted)
func (ledger *Ledger) UnpackTotalBelowPreviousError(raw []byte) (*LedgerTotalBelowPrevious, error) {
	out := new(LedgerTotalBelowPrevious)
	if err := ledger.abi.UnpackIntoInterface(out, "TotalBelowPrevious", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerTotalExceeded represents a TotalExceeded error raised by the Ledger contract.
type LedgerTotalExceeded struct {
	ClaimedTotal    *big.Int
	CumulativeTotal *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TotalExceeded(uint256 claimedTotal, uint256 cumulativeTotal)
func LedgerTotalExceededErrorID() common.Hash {
	return common.HexToHash("0x97b2c9feed7f15d09a2418836309ba196dd62ae096f19767c80e702f72aefc63")
}

// UnpackTotalExceededError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TotalExceeded(uint256 claimedTotal, uint256 cumulativeTotal)
func (ledger *Ledger) UnpackTotalExceededError(raw []byte) (*LedgerTotalExceeded, error) {
	out := new(LedgerTotalExceeded)
	if err := ledger.abi.UnpackIntoInterface(out, "TotalExceeded", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerWindowClosed represents a WindowClosed error raised by the Ledger contract.
type LedgerWindowClosed struct {
	WindowEnd uint64
	Time      *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WindowClosed(uint64 windowEnd, uint256 time)
func LedgerWindowClosedErrorID() common.Hash {
	return common.HexToHash("0xe82f74c8926ae55d933326f82c719e5c3956e0818ce477a76da66f9cd0c27740")
}

// UnpackWindowClosedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WindowClosed(uint64 windowEnd, uint256 time)
func (ledger *Ledger) UnpackWindowClosedError(raw []byte) (*LedgerWindowClosed, error) {
	out := new(LedgerWindowClosed)
	if err := ledger.abi.UnpackIntoInterface(out, "WindowClosed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerWindowOpen represents a WindowOpen error raised by the Ledger contract.
type LedgerWindowOpen struct {
	WindowEnd uint64
	Time      *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WindowOpen(uint64 windowEnd, uint256 time)
func LedgerWindowOpenErrorID() common.Hash {
	return common.HexToHash("0x8a407330968a2e713663f8d524f566d4388b3ba9eb1fdda5143626b492587e0f")
}

// UnpackWindowOpenError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WindowOpen(uint64 windowEnd, uint256 time)
func (ledger *Ledger) UnpackWindowOpenError(raw []byte) (*LedgerWindowOpen, error) {
	out := new(LedgerWindowOpen)
	if err := ledger.abi.UnpackIntoInterface(out, "WindowOpen", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerWrongEpoch represents a WrongEpoch error raised by the Ledger contract.
type LedgerWrongEpoch struct {
	Want uint64
	Got  uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongEpoch(uint64 want, uint64 got)
func LedgerWrongEpochErrorID() common.Hash {
	return common.HexToHash("0x2b9264ec593278cbe059ca68c627e1b8271a7e014abe4c8622c73486c89e1e93")
}

// UnpackWrongEpochError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongEpoch(uint64 want, uint64 got)
func (ledger *Ledger) UnpackWrongEpochError(raw []byte) (*LedgerWrongEpoch, error) {
	out := new(LedgerWrongEpoch)
	if err := ledger.abi.UnpackIntoInterface(out, "WrongEpoch", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerWrongState represents a WrongState error raised by the Ledger contract.
type LedgerWrongState struct {
	Epoch uint64
	State uint8
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongState(uint64 epoch, uint8 state)
func LedgerWrongStateErrorID() common.Hash {
	return common.HexToHash("0xece4eacd7c0a75d2ec5315d2ad420a6adedb5bc60995a85e93cb6c612e864f16")
}

// UnpackWrongStateError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongState(uint64 epoch, uint8 state)
func (ledger *Ledger) UnpackWrongStateError(raw []byte) (*LedgerWrongState, error) {
	out := new(LedgerWrongState)
	if err := ledger.abi.UnpackIntoInterface(out, "WrongState", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerWrongValue represents a WrongValue error raised by the Ledger contract.
type LedgerWrongValue struct {
	Want *big.Int
	Got  *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongValue(uint256 want, uint256 got)
func LedgerWrongValueErrorID() common.Hash {
	return common.HexToHash("0x195a3ca12ac3744ef64727effb118b3b203c382e49c7a7d24d450eae5e3b889a")
}

// UnpackWrongValueError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongValue(uint256 want, uint256 got)
func (ledger *Ledger) UnpackWrongValueError(raw []byte) (*LedgerWrongValue, error) {
	out := new(LedgerWrongValue)
	if err := ledger.abi.UnpackIntoInterface(out, "WrongValue", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerZeroAddress represents a ZeroAddress error raised by the Ledger contract.
type LedgerZeroAddress struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroAddress()
func LedgerZeroAddressErrorID() common.Hash {
	return common.HexToHash("0xd92e233df2717d4a40030e20904abd27b68fcbeede117eaaccbbdac9618c8c73")
}

// UnpackZeroAddressError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroAddress()
func (ledger *Ledger) UnpackZeroAddressError(raw []byte) (*LedgerZeroAddress, error) {
	out := new(LedgerZeroAddress)
	if err := ledger.abi.UnpackIntoInterface(out, "ZeroAddress", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerZeroAmount represents a ZeroAmount error raised by the Ledger contract.
type LedgerZeroAmount struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroAmount()
func LedgerZeroAmountErrorID() common.Hash {
	return common.HexToHash("0x1f2a2005cb66a8e145327e8814e243a0996aec9bfe1e15a495778b1236dbd485")
}

// UnpackZeroAmountError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroAmount()
func (ledger *Ledger) UnpackZeroAmountError(raw []byte) (*LedgerZeroAmount, error) {
	out := new(LedgerZeroAmount)
	if err := ledger.abi.UnpackIntoInterface(out, "ZeroAmount", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerZeroBond represents a ZeroBond error raised by the Ledger contract.
type LedgerZeroBond struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroBond()
func LedgerZeroBondErrorID() common.Hash {
	return common.HexToHash("0x3af4d15e2af377280c3e0fb5f0cc0d6c4e1ee475a9f746427c55642ef85b715b")
}

// UnpackZeroBondError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroBond()
func (ledger *Ledger) UnpackZeroBondError(raw []byte) (*LedgerZeroBond, error) {
	out := new(LedgerZeroBond)
	if err := ledger.abi.UnpackIntoInterface(out, "ZeroBond", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LedgerZeroHash represents a ZeroHash error raised by the Ledger contract.
type LedgerZeroHash struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroHash()
func LedgerZeroHashErrorID() common.Hash {
	return common.HexToHash("0xf1ae58d53750b958ce0ecfcfb8703282d23f4108c501df126d4c9e83b187c78e")
}

// UnpackZeroHashError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroHash()
func (ledger *Ledger) UnpackZeroHashError(raw []byte) (*LedgerZeroHash, error) {
	out := new(LedgerZeroHash)
	if err := ledger.abi.UnpackIntoInterface(out, "ZeroHash", raw); err != nil {
		return nil, err
	}
	return out, nil
}
