package cuda

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/kernelstest"
)

// placing is a device that puts flat rows on the card before it scans them there. Rows lie gap bytes further apart than
// they are wide, rounded up to 16.
type placing struct {
	*device
	gap int
}

func (p placing) put(s kernels.Source, run func(kernels.Source) error) (err error) {
	n, l := int(s.Len()), s.Layout()
	if n == 0 || len(l.Factors) > 0 || l.Validate() != nil {
		return run(s)
	}
	t := kernels.Tile{Rows: n}
	if err := s.Read(context.Background(), 0, &t); err != nil || t.Flat.Validate() != nil || t.Flat.Cols != l.Width || t.Flat.Rows != n {
		return run(s)
	}
	stride := roundUp(int64(l.Width*l.Type.Size()+p.gap), 16)
	bytes := make([]byte, stride*int64(n))
	for i := range bytes {
		bytes[i] = 0x7f // what lies in gaps is no zero
	}
	size := l.Type.Size()
	for i := range n {
		copy(bytes[int64(i)*stride:], t.Flat.Data[i*t.Flat.Stride*size:][:l.Width*size])
	}
	g := p.gpus[0]
	m, err := g.ctx.Alloc(uint64(len(bytes)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	stream, err := g.ctx.NewStream()
	if err != nil {
		return err
	}
	if err := errors.Join(stream.CopyIn(m, 0, bytes), stream.Synchronise(), stream.Close()); err != nil {
		return err
	}
	c, err := OnCard(p.device, CardRows{Ordinal: g.card.Info().Ordinal, Address: m.Pointer(), Rows: int64(n), Width: l.Width, Type: l.Type, Stride: stride, Scale: t.Flat.Scale})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if want := l.Width*size%16 == 0; c.InPlace() != want {
		return fmt.Errorf("%d×%d %v: in place %v", n, l.Width, l.Type, c.InPlace())
	}
	return run(c)
}

func (p placing) Scan(ctx context.Context, s kernels.Source, scan kernels.Scan) (r *kernels.Result, err error) {
	err = p.put(s, func(s kernels.Source) error {
		r, err = p.device.Scan(ctx, s, scan)
		return err
	})
	return r, err
}

func (p placing) Multiply(ctx context.Context, s kernels.Source, q kernels.Matrix, m kernels.Metric, emit func(int64, kernels.Matrix) error) error {
	return p.put(s, func(s kernels.Source) error { return p.device.Multiply(ctx, s, q, m, emit) })
}

// The suite runs on rows that lie on the card, and gives what it gives for those of the host.
func TestOnCard(t *testing.T) {
	if !apart(t) {
		return
	}
	for _, arch := range archList {
		t.Run(fmt.Sprintf("sm_%d", arch), func(t *testing.T) {
			d := open(t, arch, Options{firstRows: 64})
			kernelstest.Conformance(t, func(*testing.T) kernels.Device { return placing{d, arch % 7 * 16} })
		})
	}
}

// Rows of every type, precision and metric have the same scores on the card and from the host.
func TestOnCardBits(t *testing.T) {
	if !apart(t) {
		return
	}
	for _, arch := range archList {
		for p := range arithmetics {
			if arch < 80 && (p == BF16 || p == TF32x3) {
				continue
			}
			t.Run(fmt.Sprintf("sm_%d/%s", arch, p), func(t *testing.T) {
				d := open(t, arch, Options{Precision: p, firstRows: 40, TileBytes: 60_000})
				for kind := range kernels.TypeI8 + 1 {
					for metric := range kernels.L2 + 1 {
						if p == Int8 && kind != kernels.TypeI8 {
							continue
						}
						onCardBits(t, d, kind, metric)
					}
				}
			})
		}
	}
}

func onCardBits(t *testing.T, d *device, kind kernels.DType, metric kernels.Metric) {
	t.Helper()
	q, plain := kernelstest.Random(7, 80, 1), kernelstest.Random(333, 80, 2)
	rows, err := kernels.Encode(kind, plain)
	if err != nil {
		t.Fatal(err)
	}
	scan := all(q, 333, metric, 9, 4)
	got, err := placing{d, 32}.Scan(context.Background(), kernels.MatrixSource(rows), scan)
	if err != nil {
		t.Fatal(err)
	}
	if same(t, got, scanned(t, d, kernels.MatrixSource(rows), scan)); t.Failed() {
		t.Fatalf("%v, %v", kind, metric)
	}
}

// A sketch whose rows and exact rows lie on the card finds what one of the host's does, without and with memory for the
// candidates there.
func TestOnCardSketch(t *testing.T) {
	for _, arch := range archList {
		for _, kind := range []kernels.DType{kernels.TypeF32, kernels.TypeBF16, kernels.TypeI8} {
			t.Run(fmt.Sprintf("sm_%d/%v", arch, kind), func(t *testing.T) {
				d := open(t, arch, Options{firstRows: 64})
				onCardSketch(t, d, kind)
			})
		}
	}
}

func onCardSketch(t *testing.T, d *device, kind kernels.DType) {
	t.Helper()
	plain, q := kernelstest.Random(600, 48, 1), kernelstest.Random(7, 48, 2)
	rows, err := kernels.Encode(kind, plain)
	sketch, err2 := kernels.Encode(kernels.TypeI8, plain)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	scan := kernels.Scan{Queries: q, K: 9, Worst: 5, Exclude: []int64{-1, 5, 6, 7, 599, 0, -1}}
	want, err := d.ScanSketch(context.Background(), kernels.MatrixSource(sketch), kernels.MatrixSource(rows), scan, kernels.SketchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := placing{d, 16}
	err = p.put(kernels.MatrixSource(sketch), func(sketch kernels.Source) error {
		return p.put(kernels.MatrixSource(rows), func(rows kernels.Source) error {
			got, err := d.ScanSketch(context.Background(), sketch, rows, scan, kernels.SketchOptions{})
			if err == nil {
				same(t, got, want)
			}
			return err
		})
	})
	if err != nil {
		t.Error(err)
	}
}

// A call over an adopted context begins after what its stream was given, and leaves the context as it was.
func TestAdopt(t *testing.T) {
	path := fake.Start(t, 80, sources)
	lib, err := driver.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	card, err := lib.Device(0)
	if err != nil {
		t.Fatal(err)
	}
	program, err := card.Context()
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	for _, withStream := range []bool{true, false} {
		adopted(t, program, withStream)
	}
	if live := program.Live(); live.Memory+live.Streams+live.Modules > 0 {
		t.Errorf("left open: %+v", live)
	}
}

func adopted(t *testing.T, program *driver.Context, withStream bool) {
	t.Helper()
	s, err := program.NewStream()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a := Adopted{Context: program.Handle()}
	if withStream {
		a.Stream = s.Handle()
	}
	d, err := Adopt(a, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := compact(kernelstest.Random(500, 16, 1))
	m, err := program.Alloc(uint64(len(rows.Data)))
	if err != nil {
		t.Fatal(err)
	}
	source, err := OnCard(d, CardRows{Address: m.Pointer(), Rows: 500, Width: 16})
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := program.AllocHost(len(rows.Data))
	if err != nil {
		t.Fatal(err)
	}
	copy(pinned.Bytes(), rows.Data)
	if err := s.CopyIn(m, 0, pinned.Bytes()); err != nil { // nobody waits for it but the scan
		t.Fatal(err)
	}
	scan := kernels.Scan{Queries: kernelstest.Random(3, 16, 2), K: 5}
	got, err := d.Scan(context.Background(), source, scan)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, scanned(t, d, kernels.MatrixSource(rows), scan))
	if err := errors.Join(source.Close(), d.Close(), m.Close(), pinned.Close()); err != nil {
		t.Error(err)
	}
	if _, _, err := program.MemoryInfo(); err != nil {
		t.Errorf("the program's context: %v", err)
	}
}

// A bad description of rows is refused with what is wrong.
func TestCardRowsRefused(t *testing.T) {
	d := open(t, 80, Options{})
	good := CardRows{Address: 256, Rows: 3, Width: 4}
	for want, spoil := range map[string]func(*CardRows){
		"address 0x0": func(r *CardRows) { r.Address = 0 }, "address 0x102": func(r *CardRows) { r.Address = 258 },
		"-1 rows": func(r *CardRows) { r.Rows = -1 }, "row width 0": func(r *CardRows) { r.Width = 0 },
		"rows 12 bytes apart": func(r *CardRows) { r.Stride = 12 }, "0 scales for 3 rows": func(r *CardRows) { r.Type = kernels.TypeI8 },
		"unknown element type": func(r *CardRows) { r.Type = 99 }, "cuda:5": func(r *CardRows) { r.Ordinal = 5 },
	} {
		r := good
		spoil(&r)
		if _, err := OnCard(d, r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q in it", r, err, want)
		}
	}
	if _, err := OnCard(placing{}, good); err == nil {
		t.Error("a device of another package is accepted")
	}
	if _, err := Adopt(Adopted{}, Options{}); err == nil {
		t.Error("no context is accepted")
	}
}

// Tiles of rows that stay where they are hold more of them than tiles that are brought, unless the caller says how much.
func TestTilesOnCard(t *testing.T) {
	const n = 10_000_000
	rows := CardRows{Address: 1024, Rows: n, Width: 512, Type: kernels.TypeBF16, Stride: 1024}
	tiles := func(d *device, q, worst int, s kernels.Source) int64 {
		scan := kernels.Scan{Queries: kernels.F32(q, 512, make([]float32, q*512)), K: 10, Worst: worst}
		j := d.job(&scan, n)
		j.source = s
		return j.tileRows(n)
	}
	placed := &cardSource{CardRows: rows}
	rows.Address += 2 // not aligned
	brought := &cardSource{CardRows: rows}
	d := open(t, 80, Options{})
	d.TileBytes = 256 << 20 // the emulated card is small
	for _, c := range []struct {
		q, worst  int
		source    kernels.Source
		want      int64
		otherwise int64 // with TileBytes from the caller
	}{
		{64, 0, brought, 262144, 262144}, {64, 0, placed, 2 << 20, 262144}, {64, 3, placed, 1 << 20, 262144},
		{1, 0, placed, n / 4, 262144}, {1024, 0, placed, 262144, 262144},
	} {
		d.ownTiles = true
		if got := tiles(d, c.q, c.worst, c.source); got != c.want {
			t.Errorf("%d queries: tiles of %d rows, want %d", c.q, got, c.want)
		}
		d.ownTiles = false
		if got := tiles(d, c.q, c.worst, c.source); got != c.otherwise {
			t.Errorf("%d queries: tiles of %d rows where 256 MiB are asked for, want %d", c.q, got, c.otherwise)
		}
	}
}

// Candidates that are copied within the card count with what the call may use.
func TestOnCardSketchMemoryLimit(t *testing.T) {
	plain, q := kernelstest.Random(600, 48, 1), kernelstest.Random(7, 48, 2)
	sketch, err := kernels.Encode(kernels.TypeI8, plain)
	if err != nil {
		t.Fatal(err)
	}
	scan, rows := kernels.Scan{Queries: q, K: 9, Worst: 5}, kernels.MatrixSource(plain)
	var want *kernels.Result
	for _, limit := range []int64{0, 150_000, 60_000} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			d := open(t, 80, Options{firstRows: 64, MemoryLimit: limit})
			p := placing{d, 16}
			err = p.put(kernels.MatrixSource(sketch), func(sketch kernels.Source) error {
				return p.put(rows, func(rows kernels.Source) error {
					got, err := d.ScanSketch(context.Background(), sketch, rows, scan, kernels.SketchOptions{})
					if want == nil {
						want = got
					}
					if err == nil {
						same(t, got, want)
					}
					return err
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			copied := slices.ContainsFunc(d.Launches(), func(l kernels.Launch) bool { return l.Kernel == "scan_gather" })
			if copied != (limit != 60_000) {
				t.Errorf("limit of %d bytes: candidates are copied within the card: %v", limit, copied)
			}
		})
	}
}

// A scale that no sketch can have is found where the rows lie, as it is in rows of the host, in whatever tile.
func TestOnCardSketchScales(t *testing.T) {
	plain, q := kernelstest.Random(600, 48, 1), kernelstest.Random(2, 48, 2)
	rows, scan := kernels.MatrixSource(plain), kernels.Scan{Queries: q, K: 9}
	for at, scale := range map[int]float32{0: largestScale * 2, 300: -largestScale * 4, 599: largestScale * 8} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			sketch, err := kernels.Encode(kernels.TypeI8, plain)
			if err != nil {
				t.Fatal(err)
			}
			sketch.Scale[at] = scale
			d := open(t, 80, Options{firstRows: 64, TileBytes: 4000})
			_, want := d.ScanSketch(context.Background(), kernels.MatrixSource(sketch), rows, scan, kernels.SketchOptions{})
			err = placing{d, 16}.put(kernels.MatrixSource(sketch), func(s kernels.Source) error {
				_, err := d.ScanSketch(context.Background(), s, rows, scan, kernels.SketchOptions{})
				return err
			})
			if want == nil || err == nil || err.Error() != want.Error() || !strings.Contains(err.Error(), fmt.Sprintf("row %d", at)) {
				t.Errorf("error %v, of the host's rows %v", err, want)
			}
		})
	}
}
