package settle

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"
)

// testLedger is the ledger of the tests' trees.
var testLedger = common.HexToAddress("0x8041f89DF1F95278055660B8F3E7fF8071E6Be03")

// account makes a recognisable address; the order of numbers is the order of addresses.
func account(n uint64) common.Address { return common.BigToAddress(new(big.Int).SetUint64(n + 0x1000)) }

// sharesOf scales parts to weights that sum to WeightTotal; what is left over goes to the first share.
func sharesOf(parts ...uint64) []Share {
	var sum uint64
	for _, p := range parts {
		sum += p
	}
	out, left := make([]Share, len(parts)), WeightTotal
	for i, p := range parts {
		w := new(big.Int).Mul(new(big.Int).SetUint64(p), new(big.Int).SetUint64(WeightTotal))
		out[i] = Share{ID: string(rune('a' + i)), Address: account(uint64(i)), Weight: w.Div(w, new(big.Int).SetUint64(sum)).Uint64()}
		left -= out[i].Weight
	}
	out[0].Weight += left
	return out
}

// splitSlowly hands out every base unit by itself: the unit goes to whoever is furthest below the exact part, the
// lower address first. It is largest remainder for pools larger than the number of shares.
func splitSlowly(pool uint64, shares []Share) []uint64 {
	exact := make([]*big.Rat, len(shares))
	out := make([]uint64, len(shares))
	for i, s := range shares {
		exact[i] = new(big.Rat).SetFrac(
			new(big.Int).Mul(new(big.Int).SetUint64(pool), new(big.Int).SetUint64(s.Weight)),
			new(big.Int).SetUint64(WeightTotal))
	}
	for range pool {
		best, gap := -1, new(big.Rat)
		for i := range shares {
			g := new(big.Rat).Sub(exact[i], new(big.Rat).SetInt(new(big.Int).SetUint64(out[i])))
			if best < 0 || g.Cmp(gap) > 0 || g.Cmp(gap) == 0 && shares[i].Address.Cmp(shares[best].Address) < 0 {
				best, gap = i, g
			}
		}
		out[best]++
	}
	return out
}

func TestSplitAgainstUnitByUnit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		parts := make([]uint64, 1+r.IntN(7))
		for i := range parts {
			parts[i] = uint64(r.IntN(5)) // ties and zeros often
		}
		parts[r.IntN(len(parts))]++
		shares := sharesOf(parts...)
		r.Shuffle(len(shares), func(i, j int) { shares[i].Address, shares[j].Address = shares[j].Address, shares[i].Address })
		pool := uint64(1 + r.IntN(60))
		got, want := Split(uint256.NewInt(pool), shares), splitSlowly(pool, shares)
		var sum uint64
		for i := range got {
			sum += got[i].Uint64()
			if got[i].Uint64() != want[i] {
				t.Fatalf("round %d: pool %d, parts %v: share %d got %s, want %d", round, pool, parts, i, got[i], want[i])
			}
		}
		if sum != pool {
			t.Fatalf("round %d: parts sum to %d, pool %d", round, sum, pool)
		}
	}
}

// TestNinetyPercentHolder is the case that a splitter with rounding theft gets wrong.
func TestNinetyPercentHolder(t *testing.T) {
	got := Split(uint256.NewInt(1000), sharesOf(90, 5, 5))
	for i, want := range []uint64{900, 50, 50} {
		if got[i].Uint64() != want {
			t.Errorf("share %d: %s, want %d", i, got[i], want)
		}
	}
	huge := uint256.MustFromDecimal("340282366920938463463374607431768211455") // 2^128 − 1
	sum := new(uint256.Int)
	for _, p := range Split(huge, sharesOf(1, 1, 1, 3, 7)) {
		sum.Add(sum, p)
	}
	if !sum.Eq(huge) {
		t.Errorf("parts of 2^128 − 1 sum to %s", sum)
	}
}

func settlement(number, pool, minimum uint64, previous *Previous, shares []Share) Settlement {
	return Settlement{Number: number, ChainID: 1337, Ledger: testLedger, Pool: uint256.NewInt(pool),
		MinimumPayout: uint256.NewInt(minimum), Shares: shares, Previous: previous}
}

func previousOf(e *Epoch) *Previous {
	return &Previous{Epoch: e.Number, Root: e.Root, Evidence: e.Evidence, Payees: e.Payees}
}

func TestCarriedCreditIsPaidLater(t *testing.T) {
	// parts of 100: 90, 6, 4; the minimum is 5
	first, err := Settle(settlement(1, 100, 5, nil, sharesOf(90, 6, 4)))
	if err != nil {
		t.Fatal(err)
	}
	if p := first.Payees[2]; !p.Amount.IsZero() || p.Credit.Uint64() != 4 || !p.Cumulative.IsZero() {
		t.Fatalf("third payee: %+v, want 4 carried and nothing payable", p)
	}
	if first.Leaves != 2 || first.CumulativeTotal.Uint64() != 96 || first.CarriedTotal.Uint64() != 4 {
		t.Fatalf("leaves %d, total %s, carried %s", first.Leaves, first.CumulativeTotal, first.CarriedTotal)
	}
	// the second payee is gone, a new one came, the third earns 2 more: 4 + 2 reaches the minimum
	shares := sharesOf(98, 2)
	shares[1].ID, shares[1].Address = "c", account(2)
	second, err := Settle(settlement(2, 100, 5, previousOf(first), shares))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := second.Payee(account(2))
	if c.Amount.Uint64() != 6 || c.Cumulative.Uint64() != 6 || !c.Credit.IsZero() {
		t.Fatalf("c: %+v, want 6 paid", c)
	}
	b, ok := second.Payee(account(1))
	if !ok || b.Cumulative.Uint64() != 6 || b.Weight != 0 {
		t.Fatalf("b: %+v, want its 6 kept", b)
	}
	if second.CumulativeTotal.Uint64() != 200 || second.CarriedTotal.Uint64() != 0 || second.Leaves != 3 || second.Parent != first.Root {
		t.Fatalf("second epoch %+v", second)
	}
}

// TestMoneyIsConserved: cumulative + carried grows by exactly the pool, whatever the epochs hold, and no payee's
// cumulative amount falls.
func TestMoneyIsConserved(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var previous *Previous
	before, floor := new(uint256.Int), map[common.Address]*uint256.Int{}
	for n := uint64(1); n <= 30; n++ {
		parts := make([]uint64, 6)
		for i := range parts {
			parts[i] = uint64(r.IntN(100))
		}
		parts[0] += 500
		shares := sharesOf(parts...)
		for i := range shares[1:] {
			shares[i+1].Address = account(uint64(10*i + r.IntN(3) + 1)) // addresses come and go
		}
		pool := uint64(50 + r.IntN(500))
		e, err := Settle(settlement(n, pool, 20, previous, shares))
		if err != nil {
			t.Fatal(err)
		}
		after := new(uint256.Int).Add(e.CumulativeTotal, e.CarriedTotal)
		if grown := new(uint256.Int).Sub(after, before); grown.Uint64() != pool {
			t.Fatalf("epoch %d: books grew by %s, pool %d", n, grown, pool)
		}
		for _, p := range e.Payees {
			if f := floor[p.Address]; f != nil && p.Cumulative.Lt(f) {
				t.Fatalf("epoch %d: %s fell from %s to %s", n, p.Address, f, p.Cumulative)
			}
			floor[p.Address] = p.Cumulative
		}
		before, previous = after, previousOf(e)
	}
}

func TestSettleRefuses(t *testing.T) {
	good := func() Settlement { return settlement(1, 100, 0, nil, sharesOf(1, 2)) }
	first, err := Settle(good())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*Settlement)
		want   string
	}{
		{"zero pool", func(s *Settlement) { s.Pool = new(uint256.Int) }, "pool is zero"},
		{"no pool", func(s *Settlement) { s.Pool = nil }, "pool is zero"},
		{"pool over uint128", func(s *Settlement) { s.Pool = new(uint256.Int).Lsh(uint256.NewInt(1), 128) }, "the most a ledger can owe"},
		{"weights short", func(s *Settlement) { s.Shares[0].Weight-- }, "weights sum to 9223372036854775807, want 2^63"},
		{"weights wrap", func(s *Settlement) { s.Shares[0].Weight, s.Shares[1].Weight = 1<<63+1<<62, 1<<63+1<<62 }, "1·2^64 + 9223372036854775808"},
		{"duplicate address", func(s *Settlement) { s.Shares[1].Address = s.Shares[0].Address }, "payees a and b have one address, 0x"},
		{"duplicate id", func(s *Settlement) { s.Shares[1].ID = "a" }, `one id, "a"`},
		{"zero address", func(s *Settlement) { s.Shares[1].Address = common.Address{} }, "payee 1 (b): address is the zero address"},
		{"ledger as payee", func(s *Settlement) { s.Shares[1].Address = testLedger }, "ledger's own address"},
		{"nobody", func(s *Settlement) { s.Shares = nil }, "no payees"},
		{"first epoch is not 1", func(s *Settlement) { s.Number = 2 }, "epoch 2 is out of order: epoch 1 comes next"},
		{"epoch skipped", func(s *Settlement) { s.Number, s.Previous = 3, previousOf(first) }, "epoch 3 is out of order: epoch 2 comes next"},
		{"previous altered", func(s *Settlement) {
			s.Number, s.Previous = 2, previousOf(first)
			s.Previous.Payees = []Payee{first.Payees[0]}
		}, "previous epoch: its cumulative amounts give root"},
		{"nothing payable", func(s *Settlement) { s.MinimumPayout = uint256.NewInt(1000) }, ErrNothingPayable.Error()},
	} {
		s := good()
		c.change(&s)
		if _, err := Settle(s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	s := good()
	s.Pool, s.Shares[0].Weight, s.Number = nil, 0, 9
	if _, err := Settle(s); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want three mistakes reported together, got %v", err)
	}
}

func TestParseAddress(t *testing.T) {
	const good = "0x8041f89DF1F95278055660B8F3E7fF8071E6Be03"
	for _, s := range []string{good, strings.ToLower(good), "0x" + strings.ToUpper(good[2:])} {
		if a, err := ParseAddress(s); err != nil || a != testLedger {
			t.Errorf("%s: %s, %v", s, a, err)
		}
	}
	for s, want := range map[string]string{
		"0x8041F89DF1F95278055660B8F3E7fF8071E6Be03": "bad checksum",
		"8041f89DF1F95278055660B8F3E7fF8071E6Be03":   "not an address",
		"0x8041":          "not an address",
		"contributor.eth": "not an address",
	} {
		if _, err := ParseAddress(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", s, err, want)
		}
	}
	if _, err := ParseAddress(common.Address{}.Hex()); !errors.Is(err, ErrZeroAddress) {
		t.Errorf("zero address: %v", err)
	}
}
