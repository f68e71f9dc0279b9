package cli

import (
	"fmt"

	"attrib/internal/runfile"
	"attrib/store"
)

// batchCopies is how often a sample's row is held while it is computed: factors, what they are multiplied out to, what the
// network keeps, and the form of the file.
const batchCopies = 4

// resident is residentMemory; a test says what it wants to see.
var resident = residentMemory

// limit is how many samples --memory leaves room for at a time, at most most, and what run.json says of it: nil when
// that changes nothing.
func (o indexOptions) limit(h store.Header, most int) (rows int, l *runfile.Limit, err error) {
	if o.Memory == "" {
		return most, nil, nil
	}
	bytes, err := parseBytes(o.Memory)
	if err != nil {
		return 0, nil, usage(fmt.Errorf("--memory: %w", err))
	}
	now, _ := resident()
	if rows, l, err = batchWithin(bytes, now, h, most); err != nil {
		err = fmt.Errorf("--memory: %w", err)
	}
	return rows, l, err
}

// batchWithin fits samples into what a program that holds now bytes, and a shard in the making, leave of a limit.
func batchWithin(limit, now int64, h store.Header, most int) (int, *runfile.Limit, error) {
	layout := h.Layout.Kernel()
	layout.Factors = nil // the flat row: factors may be smaller, and are multiplied out for the norms of a shard
	row := max(layout.RowBytes(), h.Layout.Kernel().RowBytes())
	shard := h.ShardBytes()
	room := limit - now - shard
	if room < batchCopies*row {
		return 0, nil, fmt.Errorf("%d bytes are too few: the program takes %.0f MB, a shard %.0f MB, and one sample %.3g MB", limit, float64(now)/1e6, float64(shard)/1e6, float64(batchCopies*row)/1e6)
	}
	rows := room / (batchCopies * row)
	if rows >= int64(most) {
		return most, nil, nil
	}
	return int(rows), &runfile.Limit{Memory: limit, Tile: rows * row}, nil
}
