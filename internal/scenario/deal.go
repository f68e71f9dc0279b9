package scenario

import (
	"slices"

	"attrib/internal/digits"
	"attrib/internal/philox"
)

const (
	honest     = 8   // contributors with data of their own
	dataSets   = 9   // theirs, and the one that two names share
	leastDealt = 40  // a draw that leaves a data set with less is drawn again
	wrongRows  = 120 // images under wrong labels
)

// Numbers of the random streams; each choice has its own, so that adding one leaves the others as they are.
const (
	streamCopy = 1 + iota
	streamSplit
	streamWrong
	streamWeight
	streamPrompt
	streamDeal = 1 << 20 // and up, one a try
)

// deal gives every training row to one of the data sets; the result lists the rows of each, ascending.
func deal(seed [32]byte, alpha float64) [][]int {
	for try := uint64(0); ; try++ {
		sets := dealOnce(philox.New(seed, streamDeal+try), alpha)
		if slices.IndexFunc(sets, func(rows []int) bool { return len(rows) < leastDealt }) < 0 {
			return sets
		}
	}
}

func dealOnce(s *philox.Stream, alpha float64) [][]int {
	labels := digits.Labels()
	sets := make([][]int, dataSets)
	for class := range digits.Classes {
		var rows []int
		for i, y := range labels[:digits.Train] {
			if int(y) == class {
				rows = append(rows, i)
			}
		}
		rows = shuffled(s, rows)
		for i, n := range cut(len(rows), dirichlet(s, dataSets, alpha)) {
			sets[i], rows = append(sets[i], rows[:n]...), rows[n:]
		}
	}
	for _, rows := range sets {
		slices.Sort(rows)
	}
	return sets
}

// half is a random half of rows, rounded down, ascending, and the rest.
func half(s *philox.Stream, rows []int) (some, rest []int) {
	mixed := shuffled(s, rows)
	n := len(mixed) / 2
	some, rest = mixed[:n:n], mixed[n:]
	slices.Sort(some)
	slices.Sort(rest)
	return some, rest
}

// item is one sample: an image and the label it is handed in under.
type item struct {
	row   int
	label int32
}

func trueItems(rows []int) []item {
	labels := digits.Labels()
	out := make([]item, len(rows))
	for i, r := range rows {
		out[i] = item{r, int32(labels[r])}
	}
	return out
}

// wrongItems are the images after the queries, each under one of the nine wrong labels.
func wrongItems(s *philox.Stream) []item {
	out := trueItems(rowRange(digits.Train+digits.Queries, wrongRows))
	for i := range out {
		out[i].label = (out[i].label + 1 + int32(s.Intn(digits.Classes-1))) % digits.Classes
	}
	return out
}

func rowRange(first, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = first + i
	}
	return out
}
