package nvrtc

import (
	"bytes"
	"regexp"
	"strconv"
)

var callComment = regexp.MustCompile(`// callseq \d+`)

// canonical numbers the comments around calls in the order of the text. NVRTC 12.4 counts them over a file's kernels in
// an order that hangs on addresses in its own memory, so that two runs over one source differ in these comments alone.
func canonical(ptx []byte) []byte {
	next := 0
	numbers := map[string][]byte{}
	return callComment.ReplaceAllFunc(ptx, func(comment []byte) []byte {
		got, ok := numbers[string(comment)]
		if !ok {
			got = strconv.AppendInt([]byte("// callseq "), int64(next), 10)
			numbers[string(bytes.Clone(comment))] = got
			next++
		}
		return got
	})
}
