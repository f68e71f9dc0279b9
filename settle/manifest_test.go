package settle

import (
	"testing"

	"github.com/ethereum/go-ethereum/common"
)

// TestEntriesCoverTheirNames: an entry given to another phase, file, field or hash gives another root.
func TestEntriesCoverTheirNames(t *testing.T) {
	good := []Entry{{"a.json", "/x", PhaseInput, "0x01"}, {"b.json", "", PhaseResult, "0x02"}}
	want := must(entriesRoot(good, ""))
	for i, change := range []func(*Entry){
		func(e *Entry) { e.File = "c.json" }, func(e *Entry) { e.Field = "/y" },
		func(e *Entry) { e.Phase = PhaseResult }, func(e *Entry) { e.Hash = "0x03" },
		func(e *Entry) { e.File, e.Field = "a.json\x00", "x" },
	} {
		bad := append([]Entry(nil), good...)
		change(&bad[0])
		if got, err := entriesRoot(bad, ""); err == nil && got == want {
			t.Errorf("change %d leaves the root", i)
		}
	}
	if _, err := entriesRoot(append(good, good[0]), ""); err == nil {
		t.Error("an entry that is given twice was accepted")
	}
}

// TestHashesArePinned: bundles that were posted must verify with later versions, so these values never change.
func TestHashesArePinned(t *testing.T) {
	dir, e := testBundle(t)
	got := [4]common.Hash{e.InputHash, e.Evidence, e.Root, common.HexToHash(entryHash("a.json", "/x/0", []byte(`"1"`)))}
	want := [4]common.Hash{
		common.HexToHash("0x1321652bc80d7e15e3009fd351ca758631ecd91cb4293e8c693434eeac82baa4"), common.HexToHash("0x317164b8c84d126bbe2ecc09538d7a76069ac771380060fb9f8c9bbedee7f1a3"), common.HexToHash("0xe3263ab9fe1ca7b56dd329226ab43d8f89ad0391247803881cb536103562446e"), common.HexToHash("0x9e5a405cb18c0a7735b68af9341ea7297ab6f329ffdd90abfb9533957ee3cdf9"),
	}
	if got != want {
		t.Errorf("input, evidence, root, entry hash of %s:\n%s", dir, got)
	}
}
