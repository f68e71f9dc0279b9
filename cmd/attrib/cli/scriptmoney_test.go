package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/rogpeppe/go-internal/testscript"
)

// editJSON sets the value at a JSON pointer and leaves every other byte as it is.
func editJSON(path, pointer, value string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := seekJSON(dec, strings.Split(strings.TrimPrefix(pointer, "/"), "/")); err != nil {
		return fmt.Errorf("%s: %s: %w", path, pointer, err)
	}
	var old json.RawMessage
	if err := dec.Decode(&old); err != nil {
		return fmt.Errorf("%s: %s: %w", path, pointer, err)
	}
	if string(old) == value {
		return fmt.Errorf("%s: %s is %s already", path, pointer, value)
	}
	end := int(dec.InputOffset())
	return os.WriteFile(path, append(append(bytes.Clone(data[:end-len(old)]), value...), data[end:]...), 0o644)
}

// seekJSON reads until the value at path comes next.
func seekJSON(dec *json.Decoder, path []string) error {
	if len(path) == 0 {
		return nil
	}
	open, err := dec.Token()
	if err != nil {
		return err
	}
	for i := 0; dec.More(); i++ {
		name := strconv.Itoa(i)
		if open == json.Delim('{') {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			name = key.(string)
		}
		if name == path[0] {
			return seekJSON(dec, path[1:])
		}
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return err
		}
	}
	return fmt.Errorf("there is no %q", path[0])
}

// readJSON reads a file without this program's own readers.
func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// payee is a line of payees.json as somebody else's program would read it.
type payee struct{ ID, Address, Weight, Amount, Cumulative string }

// sumOf adds whole numbers in decimal.
func sumOf[T any](list []T, text func(T) string) (*big.Int, error) {
	sum := new(big.Int)
	for _, v := range list {
		n, ok := new(big.Int).SetString(text(v), 10)
		if !ok || n.Sign() < 0 {
			return nil, fmt.Errorf("%q is not an amount", text(v))
		}
		sum.Add(sum, n)
	}
	return sum, nil
}

// scriptPaid holds amounts, weights and claims of a first epoch against each other and against the pool.
func scriptPaid(ts *testscript.TestScript, _ bool, args []string) {
	var bundle struct{ Payees []payee }
	ts.Check(readJSON(filepath.Join(ts.MkAbs(args[1]), "payees.json"), &bundle))
	amounts, err := sumOf(bundle.Payees, func(p payee) string { return p.Amount })
	ts.Check(err)
	weights, err := sumOf(bundle.Payees, func(p payee) string { return p.Weight })
	ts.Check(err)
	if amounts.String() != args[0] || weights.String() != "9223372036854775808" {
		ts.Fatalf("amounts sum to %s and weights to %s, want %s and 2^63", amounts, weights, args[0])
	}
	var result struct {
		Claims []struct {
			ID, Account, Recipient, Amount, Transaction string
			Already                                     bool
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[2])), &result))
	claimed := map[string]string{}
	for _, c := range result.Claims {
		if c.Already || c.Transaction == "" || c.Account != c.Recipient {
			ts.Fatalf("%s was not paid: %+v", c.ID, c)
		}
		claimed[c.ID+" "+c.Account] = c.Amount
	}
	for _, p := range bundle.Payees {
		if got, ok := claimed[p.ID+" "+p.Address]; p.Amount != "0" && got != p.Amount || ok != (p.Amount != "0") {
			ts.Fatalf("%s is due %s and claimed %q", p.ID, p.Amount, got)
		}
	}
}

// scriptBalance asks the chain itself what the payees of an evidence folder hold, who had nothing before.
func scriptBalance(ts *testscript.TestScript, _ bool, args []string) {
	var bundle struct{ Payees []payee }
	ts.Check(readJSON(filepath.Join(ts.MkAbs(args[0]), "payees.json"), &bundle))
	client, err := ethclient.Dial(ts.Getenv("ATTRIB_RPC"))
	ts.Check(err)
	defer client.Close()
	for _, p := range bundle.Payees {
		got, err := client.BalanceAt(context.Background(), common.HexToAddress(p.Address), nil)
		ts.Check(err)
		if got.String() != p.Amount {
			ts.Fatalf("%s holds %s on the chain, want %s", p.ID, got, p.Amount)
		}
	}
}
