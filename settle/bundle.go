package settle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"attrib/internal/atomicfile"
	"attrib/internal/strictjson"

	"github.com/ethereum/go-ethereum/common"
)

// MaxFile bounds a file of a bundle.
const MaxFile = 1 << 30

// readBundle reads the regular files of a folder. Links, folders and files that are too large are not opened but
// reported: a bundle is flat, and what is read is what is hashed.
func readBundle(dir string) (map[string][]byte, []Finding, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	files, findings := map[string][]byte{}, []Finding(nil)
	for _, entry := range list {
		name := entry.Name()
		if name == atomicfile.LockName {
			continue
		}
		data, err := readRegular(root, name)
		var odd *oddFile
		if errors.As(err, &odd) {
			findings = append(findings, Finding{File: name, Detail: odd.what})
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
		}
		files[name] = data
	}
	return files, findings, nil
}

// oddFile is a thing in the folder that no bundle has.
type oddFile struct{ what string }

func (o *oddFile) Error() string { return o.what }

func readRegular(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, &oddFile{"is a symbolic link; a bundle holds regular files only"}
	case info.IsDir():
		return nil, &oddFile{"is a folder; a bundle is flat"}
	case !info.Mode().IsRegular():
		return nil, &oddFile{"is not a regular file"}
	case info.Size() > MaxFile:
		return nil, &oddFile{fmt.Sprintf("has %d bytes, more than %d", info.Size(), int64(MaxFile))}
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxFile+1))
}

// InputHash is the hash of the input files in dir, which is committed on chain before the seed exists. Result files
// and a manifest that are there already do not matter.
func InputHash(dir string) (common.Hash, error) {
	files, err := wholeBundle(dir)
	if err != nil {
		return common.Hash{}, err
	}
	m, broken := manifestOf(files)
	for _, file := range sortedKeys(broken) {
		if phaseOf(file) == PhaseInput {
			return common.Hash{}, fmt.Errorf("%s: %w", filepath.Join(dir, file), broken[file])
		}
	}
	hash, err := entriesRoot(m.Entries, PhaseInput)
	if err != nil {
		return hash, fmt.Errorf("%s: no input files", dir)
	}
	return hash, nil
}

// Seal writes the manifest of the folder's files and returns the evidence hash, which is posted.
func Seal(dir string) (common.Hash, error) {
	files, err := wholeBundle(dir)
	if err != nil {
		return common.Hash{}, err
	}
	m, broken := manifestOf(files)
	for _, file := range sortedKeys(broken) {
		return common.Hash{}, fmt.Errorf("%s: %w", filepath.Join(dir, file), broken[file])
	}
	hash, err := entriesRoot(m.Entries, "")
	if err != nil {
		return hash, fmt.Errorf("%s: %w", dir, err)
	}
	return hash, strictjson.WriteFile(filepath.Join(dir, FileManifest), m)
}

// EvidenceHash computes what Seal returned from the files in dir, without looking at the manifest.
func EvidenceHash(dir string) (common.Hash, error) {
	files, err := wholeBundle(dir)
	if err != nil {
		return common.Hash{}, err
	}
	m, _ := manifestOf(files)
	return entriesRoot(m.Entries, "")
}

// wholeBundle is readBundle for a folder that must be in order.
func wholeBundle(dir string) (map[string][]byte, error) {
	files, odd, err := readBundle(dir)
	if err == nil && len(odd) > 0 {
		err = fmt.Errorf("%s %s", filepath.Join(dir, odd[0].File), odd[0].Detail)
	}
	return files, err
}
