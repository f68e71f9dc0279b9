package truth

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"

	"attrib/internal/atomicfile"
)

// journalName is the file that keeps what was retrained until the truth is whole. Its first line is a plan; then come
// records of one length: number of the run (U32), hash of its parameters, its values (F32), and eight bytes of the
// SHA-256 over plan and record. A record that a dying process left in part, or after which anything is wrong, is cut
// off and made again.
const journalName = ".retrained"

func begun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, journalName))
	return err == nil
}

// plan is what must be the same for a run to go on.
type plan struct {
	Header
	Subsets string `json:"subsets"` // SHA-256 of all subsets
	Rows    string `json:"rows"`    // SHA-256 of the ids
	Starts  string `json:"starts"`  // SHA-256 of initial parameters and orders
}

func (t *Truth) plan() plan {
	sum := func(fill func(h io.Writer)) string {
		h := sha256.New()
		fill(h)
		return hex.EncodeToString(h.Sum(nil))
	}
	p := plan{Header: t.header()}
	p.Subsets = sum(func(h io.Writer) {
		for _, part := range t.Parts {
			h.Write(part.Keep)
		}
	})
	p.Rows = sum(func(h io.Writer) { json.NewEncoder(h).Encode([]any{t.Samples, t.Outputs, t.Groups, t.Group}) })
	p.Starts = sum(func(h io.Writer) { json.NewEncoder(h).Encode([]any{t.Initial, t.Starts}) })
	return p
}

// differs names the first field in which two plans differ.
func (p plan) differs(old plan) error {
	diff := func(a, b any) error {
		x, y := reflect.ValueOf(a), reflect.ValueOf(b)
		for i := range x.NumField() {
			field := x.Type().Field(i)
			if !field.Anonymous && !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
				return fmt.Errorf("field %s is not what it was when the run began", field.Tag.Get("json"))
			}
		}
		return nil
	}
	return errors.Join(diff(p.Header, old.Header), diff(p, old))
}

// journal is the open file.
type journal struct {
	file  *os.File
	key   [32]byte // SHA-256 of the plan's line
	width int      // values in a record
}

const recordFrame = 4 + 32 + 8 // bytes of a record beside its values

// openJournal opens the journal of a folder, or makes it, and hands every whole record to seen.
func openJournal(dir string, p plan, width int, step func(string) error, seen func(run int, params [32]byte, values []float32) error) (*journal, error) {
	path := filepath.Join(dir, journalName)
	line, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	line = append(line, '\n')
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = step(journalName); err == nil {
			err = atomicfile.WriteBytes(path, line)
		}
		data = line
	}
	if err != nil {
		return nil, err
	}
	if err := samePlan(path, data, line, p); err != nil {
		return nil, err
	}
	j := &journal{key: sha256.Sum256(line), width: width}
	whole, err := j.records(data[len(line):], seen)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if j.file, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
		return nil, err
	}
	end := int64(len(line) + whole)
	if err := errors.Join(j.file.Truncate(end), seek(j.file, end)); err != nil {
		j.file.Close()
		return nil, err
	}
	return j, nil
}

func seek(f *os.File, at int64) error {
	_, err := f.Seek(at, io.SeekStart)
	return err
}

func samePlan(path string, data, line []byte, p plan) error {
	if bytes.HasPrefix(data, line) {
		return nil
	}
	head, _, _ := bytes.Cut(data, []byte("\n"))
	var old plan
	if err := json.Unmarshal(head, &old); err != nil {
		return fmt.Errorf("%s: the record of what was retrained cannot be read: %w; give --force to start again", path, err)
	}
	err := p.differs(old)
	if err == nil {
		err = errors.New("it was begun by another version of this program")
	}
	return fmt.Errorf("%s: cannot go on: %w; give --force to start again", path, err)
}

// records hands out whole records and returns how many bytes they take.
func (j *journal) records(data []byte, seen func(int, [32]byte, []float32) error) (int, error) {
	size := recordFrame + 4*j.width
	whole := 0
	for ; len(data) >= size; data = data[size:] {
		record := data[:size]
		if check := j.check(record[:size-8]); !bytes.Equal(check[:8], record[size-8:]) {
			break
		}
		values := make([]float32, j.width)
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(record[36+4*i:]))
		}
		if err := seen(int(binary.LittleEndian.Uint32(record)), [32]byte(record[4:36]), values); err != nil {
			return whole, err
		}
		whole += size
	}
	return whole, nil
}

func (j *journal) check(record []byte) [32]byte { return sha256.Sum256(append(j.key[:], record...)) }

// add appends one record.
func (j *journal) add(run int, params [32]byte, values []float32) error {
	record := make([]byte, 0, recordFrame+4*len(values))
	record = binary.LittleEndian.AppendUint32(record, uint32(run))
	record = append(record, params[:]...)
	for _, v := range values {
		record = binary.LittleEndian.AppendUint32(record, math.Float32bits(v))
	}
	check := j.check(record)
	_, err := j.file.Write(append(record, check[:8]...))
	return err
}

// close syncs and closes.
func (j *journal) close() error { return errors.Join(j.file.Sync(), j.file.Close()) }
