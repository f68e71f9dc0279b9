package runfile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// HashFile is the SHA-256 of a file's bytes in hex.
func HashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Check compares a finished folder's files with the hashes in its record. A folder without a record passes: somebody
// else made it.
func Check(dir string) error {
	r, err := Read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.State != Done {
		return fmt.Errorf("%s: the run that makes this folder is not finished; run its command again: attrib %s", dir, r.Command)
	}
	for _, f := range r.Outputs {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		sum, err := HashFile(path)
		if err != nil {
			return err
		}
		if sum != f.SHA256 {
			return fmt.Errorf("%s: the file was changed after it was made (sha256 %s, %s says %s)", path, sum, Name, f.SHA256)
		}
	}
	return nil
}

// hashTree lists every file under dir but records, locks and hidden files, sorted by path.
func hashTree(dir string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == asideName || d.Name() == movingName {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || d.Name() == Name || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		sum, err := HashFile(path)
		files = append(files, File{Path: filepath.ToSlash(rel), SHA256: sum})
		return err
	})
	return files, err
}
