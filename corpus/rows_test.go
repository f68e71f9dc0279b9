package corpus

import (
	"fmt"
	"testing"
)

// TestRows holds the columns and the table of ids against a map.
func TestRows(t *testing.T) {
	var rows rows
	ids := newIDTable(&rows)
	seen := map[string]int{}
	for i := range 20000 {
		r := row{id: fmt.Sprint("s", i*i%16411), contributor: int32(i % 7), label: int32(i%5 - 1), licence: int32(i % 3), split: Splits()[i%4]}
		if i > 3000 {
			r.hash[i%32] = byte(i)
		}
		line, ok := ids.first(r.id, i+2)
		if want, twice := seen[r.id]; ok != twice || ok && line != want {
			t.Fatalf("row %d, id %q: line %d, %v, want %d, %v", i, r.id, line, ok, want, twice)
		} else if !ok {
			seen[r.id] = i + 2
		}
		rows.add(r)
		if got := rows.at(i); got != r {
			t.Fatalf("row %d is %+v, want %+v", i, got, r)
		}
	}
	n := 0
	for i, r := range rows.all() {
		if i != n || r.label != int32(i%5-1) {
			t.Fatalf("row %d is %+v", i, r)
		}
		n++
	}
	if n != rows.len() || n != 20000 {
		t.Errorf("%d rows", n)
	}
}
