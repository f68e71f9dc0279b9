package corpus

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// MaxAsset bounds the size of an asset's file.
const MaxAsset = 256 << 20

// Kind is what the assets of a corpus are; one corpus has one kind.
type Kind string

// The kinds of assets.
const (
	KindNumbers Kind = "numbers" // arrays of numbers, .png and .pgm images: they have features
	KindText    Kind = "text"    // texts and .txt files: an encoder of package embed makes features
	KindOpaque  Kind = "opaque"  // any other file: features are made elsewhere and imported
	KindAbsent  Kind = "absent"  // not in the corpus: features are imported, and a sample's sha256 stands for its content
)

// asset is what a sample and a query have in common.
type asset struct {
	content *Content
	path    string
}

func (s Sample) asset() asset { return asset{s.Content, s.Path} }
func (q Query) asset() asset  { return asset{q.Content, q.Path} }

func (a asset) kind() Kind {
	if a.content != nil {
		if a.content.IsText() {
			return KindText
		}
		return KindNumbers
	}
	if a.path == "" {
		return KindAbsent
	}
	switch strings.ToLower(path.Ext(a.path)) {
	case ".png", ".pgm":
		return KindNumbers
	case ".txt":
		return KindText
	}
	return KindOpaque
}

// check finds what is wrong with the asset before any file is opened; field names the culprit.
func (a asset) check() (field string, err error) {
	switch {
	case a.content != nil && a.path != "":
		return "path", errors.New("is given beside content; give one")
	case a.content != nil:
		return "content", a.content.check()
	case a.path == "":
		return "content", nil
	}
	return "path", checkPath(a.path)
}

// checkPath refuses names that leave the folder by themselves; links that leave it are refused on opening.
func checkPath(name string) error {
	local := filepath.FromSlash(name)
	switch {
	case filepath.IsAbs(local) || strings.HasPrefix(name, "/"):
		return fmt.Errorf("%q is absolute: assets must lie inside the corpus folder", name)
	case !filepath.IsLocal(local):
		return fmt.Errorf("%q leaves the corpus folder", name)
	}
	return nil
}

// readFile reads a file of the folder, never outside of it, whatever links there are.
func readFile(root *os.Root, name string) ([]byte, error) {
	if err := checkPath(name); err != nil {
		return nil, err
	}
	info, err := root.Stat(filepath.FromSlash(name)) // first: opening a pipe would wait for its writer
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, inside(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is not a regular file", name)
	}
	if info.Size() > MaxAsset {
		return nil, fmt.Errorf("%q has %d bytes, more than %d", name, info.Size(), MaxAsset)
	}
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, inside(err))
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxAsset))
}

// inside words the errors of os.Root, which repeat the name and call the folder's edge "parent".
func inside(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	if strings.Contains(err.Error(), "escapes") {
		return errors.New("a link leads out of the corpus folder")
	}
	return err
}

// bytes are the content bytes.
func (a asset) bytes(root *os.Root) ([]byte, error) {
	if a.content != nil {
		return a.content.Bytes(), nil
	}
	return readFile(root, a.path)
}

// facts are what Open learns of an asset by reading it: the hash, and for numbers how many there are.
type facts struct {
	hash  [32]byte
	kind  Kind
	width int
}

func (a asset) inspect(root *os.Root) (f facts, err error) {
	if a.kind() == KindAbsent {
		return facts{kind: KindAbsent}, nil
	}
	data, err := a.bytes(root)
	if err != nil {
		return f, err
	}
	f.hash, f.kind = sha256.Sum256(data), a.kind()
	switch {
	case a.content != nil:
		f.width = len(a.content.Numbers)
	case f.kind == KindNumbers:
		var v []float32
		v, err = imageFeatures(a.path, data)
		f.width = len(v)
	case f.kind == KindText && (len(data) == 0 || !utf8.Valid(data)):
		err = fmt.Errorf("%q is empty or not UTF-8", a.path)
	}
	return f, err
}
