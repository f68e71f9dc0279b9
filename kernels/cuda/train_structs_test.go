//go:build linux

package cuda

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"attrib/kernels/cuda/internal/emulib"
)

// trainStructs are what kernels of train.cu take, by its names.
var trainStructs = map[string]reflect.Type{
	"GemmArgs": reflect.TypeFor[gemmArgs](), "ProductArgs": reflect.TypeFor[trainProductArgs](), "BatchArgs": reflect.TypeFor[trainBatchArgs](),
	"LossArgs": reflect.TypeFor[trainLossArgs](), "Column": reflect.TypeFor[trainColumn](), "SumsArgs": reflect.TypeFor[trainSumsArgs](), "MoveArgs": reflect.TypeFor[trainMoveArgs](),
}

// fieldPlaces says in C++ where the fields of a struct are.
func fieldPlaces(name string, s reflect.Type, base uintptr) (asserts []string) {
	for i := range s.NumField() {
		f := s.Field(i)
		switch {
		case f.Anonymous:
			asserts = append(asserts, fieldPlaces(name, f.Type, base+f.Offset)...)
		case f.Name != "_":
			field := name + "::" + strings.ToLower(f.Name[:1]) + f.Name[1:]
			asserts = append(asserts, fmt.Sprintf("static_assert(offsetof(%s) == %d && sizeof(%s) == %d, \"%s\");\n",
				strings.Replace(field, "::", ", ", 1), base+f.Offset, field, f.Type.Size(), field))
		}
	}
	return asserts
}

// The structs that kernels take have the same fields at the same places on both sides.
func TestTrainStructs(t *testing.T) {
	text := "#include \"train.cu\"\n#include <cstddef>\n"
	for name, s := range trainStructs {
		text += strings.Join(fieldPlaces(name, s, 0), "") + fmt.Sprintf("static_assert(sizeof(%s) == %d, \"%[1]s\");\n", name, s.Size())
	}
	source := filepath.Join(t.TempDir(), "structs.cu")
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := emulib.Build(t.TempDir(), "src", 80, source); errors.Is(err, emulib.ErrNoCompiler) {
		t.Skip(err)
	} else if err != nil {
		t.Error(err)
	}
}

// So say the kernels that cards run.
func TestTrainParameters(t *testing.T) {
	want := map[string]uintptr{"product": trainStructs["ProductArgs"].Size(), "batch": trainStructs["BatchArgs"].Size(), "gather": trainStructs["BatchArgs"].Size(),
		"loss": trainStructs["LossArgs"].Size(), "sums": trainStructs["SumsArgs"].Size(), "move": trainStructs["MoveArgs"].Size()}
	for _, capability := range []int{75, 80} {
		text, _, err := PTX("train", capability/10, capability%10)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`\.param \.align 8 \.b8 train_([a-z]+)_?\w*_param_0\[(\d+)\]`).FindAllStringSubmatch(string(text), -1)
		if len(found) < 10 {
			t.Errorf("sm_%d: %d kernels", capability, len(found))
		}
		for _, m := range found {
			if m[2] != fmt.Sprint(want[m[1]]) {
				t.Errorf("sm_%d: train_%s takes %s bytes, it is given %d", capability, m[1], m[2], want[m[1]])
			}
		}
	}
}
