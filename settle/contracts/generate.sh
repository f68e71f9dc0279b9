#!/usr/bin/env bash
# Makes everything in the repository that is derived from the contracts:
#   settle/testdata/*.json   golden vectors, from JavaScript libraries
#   settle/ledger/*          ABI, deploy bytecode and Go bindings
# Two runs give the same bytes, so CI runs it and then `git diff --exit-code -- settle`.
# Needs node 20 or later, npm and go.
set -euo pipefail
cd "$(dirname "$0")"
export PATH="$PWD/node_modules/.bin:$PATH"
ABIGEN=github.com/ethereum/go-ethereum/cmd/abigen@v1.17.10
LEDGER=../ledger

npm ci --loglevel=error
forge fmt --check
forge build
node scripts/golden.mjs

# bind CONTRACT FILE: ABI, bytecode and binding of one contract.
bind() {
  node scripts/artefact.mjs "$1" "$LEDGER/$2"
  go run "$ABIGEN" --v2 --abi "$LEDGER/$2.abi.json" --bin "$LEDGER/$2.bin" \
    --pkg ledger --type "$1" --out "$LEDGER/$2.go"
}
bind Ledger ledger
bind TestToken testtoken
gofmt -l "$LEDGER" | (! grep .)
