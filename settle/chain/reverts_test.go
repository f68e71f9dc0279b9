package chain

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
)

// TestEveryErrorHasWords: each custom error of the ledger is told in words that take no more than its arguments.
func TestEveryErrorHasWords(t *testing.T) {
	internal := map[string]bool{"InvalidShortString": true, "StringTooLong": true, "SafeCastOverflowedUintDowncast": true}
	verb := regexp.MustCompile(`%[stq]`)
	for name, e := range abiLedger.GetABI().Errors {
		words, ok := revertWords[name]
		if !ok && !internal[name] {
			t.Errorf("%s has no words", name)
		}
		if n := len(verb.FindAllString(words, -1)); n > len(e.Inputs) || strings.Count(words, "%") != n {
			t.Errorf("%s: %q takes %d arguments of %d", name, words, n, len(e.Inputs))
		}
	}
}

func TestRevertsInWords(t *testing.T) {
	e := abiLedger.GetABI().Errors["WindowOpen"]
	data := append(e.ID.Bytes()[:4], common.FromHex("0x"+strings.Repeat("0", 56)+"70dbd880"+strings.Repeat("0", 56)+"6a5d0000")...)
	if got, want := decodeRevert(data).Error(), "the ledger refused: the window is not over: the root can be finalised from 2030-01-01 00:00:00 UTC on, now it is 2026-07-19"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	state := abiLedger.GetABI().Errors["WrongState"]
	data = append(state.ID.Bytes()[:4], common.FromHex("0x"+strings.Repeat("0", 63)+"7"+strings.Repeat("0", 63)+"3")...)
	if got := decodeRevert(data).Error(); got != `the ledger refused: epoch 7 is challenged` {
		t.Errorf("got %q", got)
	}
	for text, want := range map[string]string{"0x": "without a reason", "0x01020304": "unknown error 0x01020304",
		"0x08c379a0" + strings.Repeat("0", 62) + "20" + strings.Repeat("0", 63) + "2" + "6869" + strings.Repeat("0", 60): "refused: hi"} {
		if got := decodeRevert(common.FromHex(text)).Error(); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
