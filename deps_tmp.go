package attrib
import (
 _ "gorgonia.org/gorgonia"
 _ "gorgonia.org/tensor"
 _ "gonum.org/v1/gonum/mat"
 _ "github.com/ethereum/go-ethereum/ethclient/simulated"
 _ "github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
 _ "github.com/ethereum/go-ethereum/accounts/keystore"
 _ "github.com/ethereum/go-ethereum/signer/core/apitypes"
 _ "github.com/ethereum/go-ethereum/node"
 _ "github.com/holiman/uint256"
 _ "github.com/parquet-go/parquet-go"
 _ "github.com/rogpeppe/go-internal/testscript"
 _ "github.com/santhosh-tekuri/jsonschema/v6"
 _ "golang.org/x/sys/unix"
 _ "github.com/spf13/cobra"
 _ "go4.org/unsafe/assume-no-moving-gc"
)
