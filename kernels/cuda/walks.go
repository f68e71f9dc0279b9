package cuda

import (
	"context"
	"errors"
	"fmt"
	"math"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/walk"
)

// walkArgs is WalkArgs of walks.cu.
type walkArgs struct {
	Order, X, Omega, Table, Gain, Sums    driver.Pointer
	Players, Outputs, Both, Knots, Nearby int32
	_                                     int32
}

const walkTile = 4 // outputs of a thread

// walkNames are the kernels of games.
var walkNames = map[kernels.WalkGame]string{kernels.WalkSum: "walk_sum", kernels.WalkBest: "walk_best", kernels.WalkCurve: "walk_curve", kernels.WalkPoints: "walk_points"}

// launchWalk walks so many orders; table is the bytes of a table that may be copied to shared memory, of which a block may
// have most.
func launchWalk(l launcher, game kernels.WalkGame, a walkArgs, orders, table, most int) error {
	threads := min(256, roundUp(int(a.Outputs), 32))
	shared := 2 * threads / 32 * 8 * 8
	if table > 0 && shared+table <= most {
		a.Nearby, shared = 1, shared+table
	}
	return l.launch(kernel{"walks", walkNames[game], threads, shared}, driver.Dim{X: uint32(orders), Y: blocks(int(a.Outputs), threads*walkTile)}, a)
}

// sharedOf is the bytes of shared memory that a block may have.
func sharedOf(arch int) int { return map[int]int{75: 64 << 10, 80: 99 << 10, 90: 227 << 10}[arch] }

// WalkPermutations walks orders of players on the first card, with the bits of package walk.
func (d *device) WalkPermutations(ctx context.Context, p kernels.PermutationWalk) (err error) {
	if err := checkWalk(p); err != nil || p.Outputs == 0 || p.Players == 0 {
		return err
	}
	n := int64(p.Players)
	most := max(1, min(d.TileBytes/(4*n), d.TileBytes/(8*n), int64(len(p.Orders))/n, 1<<20))
	return d.smaller(d.gpus[0], "permutations", most, 1, func(orders int64) error { return d.walk(ctx, p, int(orders)) })
}

func checkWalk(p kernels.PermutationWalk) error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf("walk: "+format, a...)) }
	if p.Players < 0 || p.Outputs < 0 || int64(p.Players) > math.MaxInt32 || int64(p.Outputs) > math.MaxInt32 {
		bad("%d players and %d outputs", p.Players, p.Outputs)
		return errors.Join(errs...)
	}
	if walkNames[p.Game] == "" {
		bad("unknown game %d", p.Game)
	}
	for _, v := range []struct {
		name      string
		got, want int
	}{{"weights", len(p.Omega), p.Outputs}, {"scores", len(p.X), p.Players * p.Outputs}, {"gains", len(p.Gain), len(p.Orders)}} {
		if v.got != v.want {
			bad("%d %s, want %d", v.got, v.name, v.want)
		}
	}
	if p.Sums != nil && len(p.Sums) != len(p.X) {
		bad("%d sums, want %d or none", len(p.Sums), len(p.X))
	}
	if p.Players > 0 && len(p.Orders)%p.Players != 0 {
		bad("orders of %d numbers for %d players", len(p.Orders), p.Players)
	}
	for i, player := range p.Orders {
		if player < 0 || int(player) >= p.Players {
			bad("order %d has player %d of %d", i/max(1, p.Players), player, p.Players)
			break
		}
	}
	for q, w := range p.Omega {
		if w < 0 || w > math.MaxInt32 {
			bad("weight %d of output %d, want 0 … 2³¹−1", w, q)
			break
		}
	}
	return errors.Join(append(errs, checkCurve(p))...)
}

// checkCurve checks tables and that no total leaves them.
func checkCurve(p kernels.PermutationWalk) error {
	switch {
	case p.Game == kernels.WalkCurve && len(p.Table) < walk.Knots:
		return fmt.Errorf("walk: a table of %d knots, want %d", len(p.Table), walk.Knots)
	case p.Game == kernels.WalkPoints && (len(p.Table) == 0 || len(p.Table)%2 != 0 || p.Table[0] != 0 || p.Table[len(p.Table)/2] != 0):
		return errors.New("walk: a table of points needs as many x as y, from (0, 0) on")
	case p.Game != kernels.WalkCurve && p.Game != kernels.WalkPoints:
		return nil
	}
	for k, v := range p.Table {
		if v < 0 || v > math.MaxInt32 && !(p.Game == kernels.WalkPoints && k < len(p.Table)/2 && v == 1<<31) {
			return fmt.Errorf("walk: entry %d of the table is %d, want 0 … 2³¹−1", k, v)
		}
	}
	if len(p.X) != p.Players*p.Outputs {
		return nil
	}
	total := make([]int64, p.Outputs)
	for i, x := range p.X {
		total[i%p.Outputs] += int64(x)
		if x < 0 || total[i%p.Outputs] > math.MaxInt32 {
			return fmt.Errorf("walk: the scores of output %d are negative or add up to more than 2³¹−1", i%p.Outputs)
		}
	}
	return nil
}

// walk walks so many orders at a time.
func (d *device) walk(ctx context.Context, p kernels.PermutationWalk, orders int) (err error) {
	w := d.gpus[0].work()
	defer func() { err = first(err, w.close()) }()
	b, err := w.belt(4 * int64(orders) * int64(p.Players))
	if err != nil {
		return err
	}
	a := walkArgs{Players: int32(p.Players), Outputs: int32(p.Outputs), Knots: int32(len(p.Table))}
	if p.Game == kernels.WalkPoints {
		a.Knots /= 2
	}
	if p.Both {
		a.Both = 1
	}
	if err := sendWalk(b, p, &a); err != nil {
		return err
	}
	gain, err := w.alloc(8 * int64(orders) * int64(p.Players))
	if err != nil {
		return err
	}
	a.Gain = gain.Pointer()
	var sums *driver.Memory
	if p.Sums != nil {
		if sums, err = w.alloc(8 * int64(len(p.X))); err == nil {
			err = b.stream.Fill(sums, 0, sums.Bytes(), 0)
		}
		if err != nil {
			return err
		}
		a.Sums = sums.Pointer()
	}
	if err := d.within(w); err != nil {
		return err
	}
	results := make([]int64, len(p.Gain)) // nothing is added to what was given before all has gone well
	for at := 0; at < len(p.Orders); at += orders * p.Players {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := walkTileOf(b, p, a, gain, results[at:min(len(results), at+orders*p.Players)], at); err != nil {
			return err
		}
	}
	if sums != nil {
		total, err := download[int64](b.stream, sums, len(p.Sums))
		if err != nil {
			return err
		}
		add(p.Sums, total)
	}
	add(p.Gain, results)
	return nil
}

func add(to, v []int64) {
	for i, x := range v {
		to[i] += x
	}
}

// sendWalk uploads what all orders share.
func sendWalk(b *belt, p kernels.PermutationWalk, a *walkArgs) error {
	narrow := func(v []int64) []int32 {
		out := make([]int32, len(v))
		for i, x := range v {
			out[i] = int32(uint32(x))
		}
		return out
	}
	x, err1 := upload(b.work, b.stream, p.X)
	omega, err2 := upload(b.work, b.stream, narrow(p.Omega))
	table, err3 := upload(b.work, b.stream, append(narrow(p.Table), 0))
	if err := first(err1, err2, err3); err != nil {
		return err
	}
	a.X, a.Omega, a.Table = x.Pointer(), omega.Pointer(), table.Pointer()
	return nil
}

// walkTileOf walks orders from entry at of all on.
func walkTileOf(b *belt, p kernels.PermutationWalk, a walkArgs, gain *driver.Memory, out []int64, at int) error {
	err := b.carry(func(host []byte) (int, error) {
		return copy(host, driver.Bytes(p.Orders[at:at+len(out)])), nil
	}, func(m *driver.Memory) error {
		a.Order = m.Pointer()
		return errors.Join(b.stream.Fill(gain, 0, uint64(8*len(out)), 0), launchWalk(b, p.Game, a, len(out)/p.Players, 4*len(p.Table), sharedOf(b.arch)))
	})
	if err != nil {
		return err
	}
	return b.stream.CopyOut(driver.Bytes(out), gain, 0)
}
