package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// raw is a file with that header and that many bytes of data.
func raw(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func open(data []byte) (*File, error) { return Open(bytes.NewReader(data), int64(len(data))) }

func sample() []Tensor {
	return []Tensor{
		New("b.weight", []float32{1, 2, 3, 4, 5, float32(math.NaN())}, 2, 3),
		New("ids", []int64{-1, math.MaxInt64}, 2),
		New("a", []float64{math.Pi}), // a scalar
		New("none", []uint8{}, 3, 0),
		New("i32", []int32{math.MinInt32, 7}, 2), New("i16", []int16{-2}, 1), New("i8", []int8{-3}, 1),
		New("u64", []uint64{math.MaxUint64}, 1), New("u32", []uint32{9}, 1), New("u16", []uint16{8}, 1), New("ü\"\\<>", []uint8{1, 2, 3}, 3),
		{Name: "half", Type: F16, Shape: []int64{1}, Data: []byte{0, 0x3c}},
		{Name: "brain", Type: BF16, Shape: []int64{1}, Data: []byte{0x80, 0x3f}},
		{Name: "flag", Type: Bool, Shape: []int64{2}, Data: []byte{0, 1}},
	}
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	meta := map[string]string{"format": "pt", "ä": "<&>"}
	if err := WriteFile(path, meta, sample()); err != nil {
		t.Fatal(err)
	}
	gotMeta, got, err := ReadFile(path)
	if err != nil || !reflect.DeepEqual(gotMeta, meta) {
		t.Fatalf("metadata %v, error %v", gotMeta, err)
	}
	if len(got) != len(sample()) {
		t.Fatalf("%d tensors, want %d", len(got), len(sample()))
	}
	for _, want := range sample() {
		i := slices.IndexFunc(got, func(g Tensor) bool { return g.Name == want.Name })
		if i < 0 || got[i].CheckShape(want.Type, want.Shape...) != nil || !bytes.Equal(got[i].Data, want.Data) {
			t.Errorf("tensor %q did not come back", want.Name)
		}
	}
	if v, err := Values[int64](got[1]); got[1].Name != "ids" || err != nil || v[1] != math.MaxInt64 {
		t.Errorf("%q holds %v, error %v", got[1].Name, v, err)
	}
	if _, err := Values[int32](got[1]); err == nil {
		t.Error("I64 is read as int32")
	}
}

// TestDeterministic: order of tensors does not matter; data is aligned to its element size.
func TestDeterministic(t *testing.T) {
	var a, b bytes.Buffer
	backwards := sample()
	slices.Reverse(backwards)
	meta := map[string]string{"z": "1", "a": "2", "k": "3"}
	for range 5 {
		a.Reset()
		b.Reset()
		if Write(&a, meta, sample()) != nil || Write(&b, meta, backwards) != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Fatal("the same tensors give other bytes")
		}
	}
	f, err := open(a.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if f.Tensors[0].Offset%headerAlign != 0 {
		t.Errorf("data starts at %d", f.Tensors[0].Offset)
	}
	for _, info := range f.Tensors {
		if info.Offset%info.Type.Size() != 0 {
			t.Errorf("tensor %q of %s starts at %d", info.Name, info.Type, info.Offset)
		}
	}
}

// TestGolden pins the bytes of a file.
func TestGolden(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, map[string]string{"k": "v"}, []Tensor{New("w", []float32{1, -2}, 1, 2)}); err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`
	want := "7800000000000000" + hex.EncodeToString([]byte(header+strings.Repeat(" ", 120-len(header)))) + "0000803f000000c0"
	if got := hex.EncodeToString(b.Bytes()); got != want {
		t.Errorf("bytes are\n%s\nwant\n%s", got, want)
	}
}

func TestWriteRefusals(t *testing.T) {
	err := Write(&bytes.Buffer{}, nil, []Tensor{
		New("a", []float32{1, 2}, 3), New("a", []float32{1}, 1), {Name: "c", Type: "F31"}, New("__metadata__", []int8{1}, 1), New("neg", []int8{1}, -1),
	})
	for _, want := range []string{`"a": F32 [3] takes 12 bytes, but 8`, `"a" is given twice`, `"F31" is not known`, "reserved", "negative"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	path := filepath.Join(t.TempDir(), "x")
	if WriteFile(path, nil, []Tensor{{Name: "c", Type: "F31"}}) == nil {
		t.Error("written")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a refused file was left behind")
	}
}

func TestOpenRefusals(t *testing.T) {
	entry := func(dtype, shape, offsets string) string {
		return fmt.Sprintf(`"dtype":%q,"shape":%s,"data_offsets":%s`, dtype, shape, offsets)
	}
	one := func(body string) string { return `{"t":{` + body + `}}` }
	f32 := func(name, shape, offsets string) string {
		return `"` + name + `":{` + entry("F32", shape, offsets) + `}`
	}
	for want, data := range map[string][]byte{
		"too few":                           {1, 2, 3},
		"longer than":                       binary.LittleEndian.AppendUint64(nil, MaxHeader+1),
		"longer than the":                   bytes.Repeat([]byte{0xff}, 20),
		"does not fit":                      raw("{}", 0)[:9],
		"not a JSON object":                 raw("", 0),
		"not a JSON object in":              raw(" {}", 0),
		"not a JSON object in UTF-8":        raw("{\"\xff\":1}", 0),
		"ends in the middle":                raw("{", 0),
		"after the end":                     raw("{}{}", 0),
		`field "t" is given twice`:          raw(`{`+f32("t", "[1]", "[0,4]")+`,`+f32("t", "[1]", "[0,4]")+`}`, 4),
		`field "dtype" is given twice`:      raw(one(`"dtype":"F32",`+entry("F32", "[1]", "[0,4]")), 4),
		"F31":                               raw(one(entry("F31", "[1]", "[0,4]")), 4),
		"needs dtype":                       raw(`{"t":{"dtype":"F32","shape":[1]}}`, 4),
		"needs dtype, shape":                raw(one(entry("F32", "[1]", "[0,4,8]")), 4),
		"needs dtype, shape and two":        raw(`{"t":{}}`, 0),
		"not an object":                     raw(`{"t":3}`, 0),
		`unknown field "DTYPE"`:             raw(`{"t":{"DTYPE":"F32"}}`, 0),
		`unknown field "extra"`:             raw(one(entry("F32", "[1]", "[0,4]")+`,"extra":1`), 4),
		"negative":                          raw(one(entry("F32", "[-1,-1]", "[0,4]")), 4),
		"not a range":                       raw(one(entry("F32", "[1]", "[4,0]")), 4),
		"data_offsets [-4, 0] are not":      raw(one(entry("F32", "[1]", "[-4,0]")), 4),
		"takes 8 bytes":                     raw(one(entry("F32", "[2]", "[0,4]")), 4),
		"too large":                         raw(one(entry("F32", "[4611686018427387904,4]", "[0,0]")), 0),
		"[4611686018427387904 0] is too":    raw(one(entry("F32", "[4611686018427387904,0]", "[0,0]")), 0),
		"overlaps":                          raw(`{`+f32("t", "[2]", "[0,8]")+`,`+f32("u", "[2]", "[4,12]")+`}`, 12),
		"hole of 4":                         raw(`{`+f32("t", "[1]", "[0,4]")+`,`+f32("u", "[1]", "[8,12]")+`}`, 12),
		"hole of 8 bytes before it":         raw(one(entry("F32", "[1]", "[8,12]")), 12),
		"take 4 bytes, but the file has 3":  raw(one(entry("F32", "[1]", "[0,4]")), 3),
		"take 4 bytes, but the file has 12": raw(one(entry("F32", "[1]", "[0,4]")), 12),
		"__metadata__":                      raw(`{"__metadata__":{"a":1}}`, 0),
	} {
		if f, err := open(data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v does not say %q (%v)", data, err, want, f)
		}
	}
	if f, err := open(raw("{}", 0)); err != nil || len(f.Tensors) != 0 {
		t.Errorf("an empty file is valid: %v", err)
	}
	f, err := open(raw(one(entry("F32", "[]", "[0,4]")), 4))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Tensor("none"); err == nil || !strings.Contains(err.Error(), `"none" is missing`) {
		t.Errorf("a tensor that does not exist: %v", err)
	}
}

// FuzzOpen: no input panics or makes Open allocate beyond the input, and what is accepted can be read, written again and
// read with the same result.
func FuzzOpen(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, map[string]string{"k": "v"}, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:b.Len()-1])
	f.Add(raw("{}", 0))
	f.Add(raw(`{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4))
	f.Add(raw(`{"t":{"dtype":"U8","shape":[null],"data_offsets":[0,0]}}`, 0))
	f.Add(raw(`{"t":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`, 0))
	f.Add(raw(`{"__metadata__":null}`, 0))
	f.Add([]byte{0xff, 0xff, 0xff, 0x05, 0, 0, 0, 0, '{'})
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := open(data)
		if err != nil {
			return
		}
		var tensors []Tensor
		for _, info := range file.Tensors {
			tensor, err := file.Tensor(info.Name)
			if err != nil {
				t.Fatalf("accepted, but %v", err)
			}
			tensors = append(tensors, tensor)
		}
		var out bytes.Buffer
		if err := Write(&out, file.Metadata, tensors); err != nil {
			t.Fatalf("accepted, but %v", err)
		}
		again, err := open(out.Bytes())
		if err != nil || len(again.Tensors) != len(tensors) {
			t.Fatalf("written again, but %v", err)
		}
		for _, want := range tensors {
			got, err := again.Tensor(want.Name)
			if err != nil || got.CheckShape(want.Type, want.Shape...) != nil || !bytes.Equal(got.Data, want.Data) {
				t.Fatalf("tensor %q changed", want.Name)
			}
		}
	})
}
