package digits

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// The sum of scikit-learn's load_digits().data.astype(uint8), in its own order.
const sklearnImages = "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"

func TestImagesAreThoseOfScikitLearn(t *testing.T) {
	if len(file) != Count*(Pixels+1+2) {
		t.Fatalf("digits.bin has %d bytes, want %d", len(file), Count*(Pixels+3))
	}
	var sorted [Count][Pixels]uint8
	images := Images()
	for i, at := range Original() {
		sorted[at] = images[i]
	}
	sum := sha256.New()
	for i := range sorted {
		sum.Write(sorted[i][:])
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != sklearnImages {
		t.Errorf("images have SHA-256 %s, want %s", got, sklearnImages)
	}
}

func TestLabels(t *testing.T) {
	var count [Classes]int
	for _, y := range Labels() {
		count[y]++
	}
	if want := [Classes]int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}; count != want {
		t.Errorf("images per class %v, want %v", count, want)
	}
}

// The labels belong to the images: one nearest neighbour among the training rows recognises nearly every query.
func TestLabelsBelongToImages(t *testing.T) {
	images, labels := Images(), Labels()
	right := 0
	for q := Train; q < Train+Queries; q++ {
		best, near := 1<<30, 0
		for i := range Train {
			d := 0
			for k, v := range images[i] {
				e := int(v) - int(images[q][k])
				d += e * e
			}
			if d < best {
				best, near = d, i
			}
		}
		if labels[near] == labels[q] {
			right++
		}
	}
	if right < 95 {
		t.Errorf("nearest neighbours recognise %d of %d queries, want at least 95", right, Queries)
	}
}

func TestCopiesAreFresh(t *testing.T) {
	Images()[0][0] = 99
	Labels()[0] = 99
	if Images()[0][0] == 99 || Labels()[0] == 99 {
		t.Error("a caller can change the data set")
	}
}
