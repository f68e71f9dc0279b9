package chain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"

	"attrib/internal/atomicfile"
	"attrib/internal/strictjson"
)

// SchemaJournal is the schema of the journal's lines, and JournalFile the file's name in the journal's folder.
const (
	SchemaJournal = "attrib.journal/1"
	JournalFile   = "transactions.jsonl"
)

// Kinds of journal lines.
const (
	kindIntent  = "intent"  // what is about to be done; nothing was broadcast yet
	kindAttempt = "attempt" // a signed transaction that is about to be broadcast
	kindDone    = "done"    // mined with status 1
	kindFailed  = "failed"  // mined and reverted
	kindDropped = "dropped" // never broadcast, or its nonce was used by another transaction
)

// journalLine is one line. Intent lines have what to do, attempt lines the signed transaction, the others how it ended.
type journalLine struct {
	Schema    string        `json:"schema"`
	ID        uint64        `json:"id"`
	Kind      string        `json:"kind"`
	Operation string        `json:"operation,omitempty"`
	ChainID   uint64        `json:"chainId,omitempty"`
	From      string        `json:"from,omitempty"`
	To        string        `json:"to,omitempty"`
	Value     string        `json:"value,omitempty"`
	Data      hexutil.Bytes `json:"data,omitempty"`
	Nonce     *uint64       `json:"nonce,omitempty"`
	Hash      string        `json:"hash,omitempty"`
	Raw       hexutil.Bytes `json:"raw,omitempty"`
	Block     uint64        `json:"block,omitempty"`
	Detail    string        `json:"detail,omitempty"`
}

// record is one transaction of the journal.
type record struct {
	id       uint64
	from     common.Address
	chainID  uint64
	key      string // what it does, byte for byte; see journalKey
	op       string
	attempts []*types.Transaction
	end      string // empty while open
	hash     common.Hash
}

// last is the newest attempt; there is one from broadcast on.
func (r *record) last() *types.Transaction { return r.attempts[len(r.attempts)-1] }

// journal is an append-only file, synced after every line. A nil file keeps the records in memory only.
type journal struct {
	file    *os.File
	release func()
	records []*record
}

// openJournal reads the journal of a folder and locks it: two managers with one key would race for nonces. A last
// line that was cut by a crash is dropped: it was not synced, so nothing was done on its account.
func openJournal(dir string) (*journal, error) {
	if dir == "" {
		return &journal{}, nil
	}
	release, err := atomicfile.Lock(dir)
	if err != nil {
		return nil, fmt.Errorf("transaction journal: %w", err)
	}
	j := &journal{release: release}
	if err := j.load(filepath.Join(dir, JournalFile)); err != nil {
		release()
		return nil, fmt.Errorf("transaction journal: %w", err)
	}
	return j, nil
}

func (j *journal) load(path string) error {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	for n, line := range bytes.Split(data[:whole], []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var l journalLine
		if err := strictjson.Unmarshal(line, &l); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n+1, err)
		}
		if err := strictjson.CheckSchema(l.Schema, SchemaJournal); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n+1, err)
		}
		if err := j.apply(l); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n+1, err)
		}
	}
	if j.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	if err := j.file.Truncate(int64(whole)); err != nil {
		return err
	}
	_, err = j.file.Seek(0, 2)
	return err
}

// apply brings the records up to date with one line.
func (j *journal) apply(l journalLine) error {
	if l.Kind == kindIntent {
		if l.ID != uint64(len(j.records)+1) {
			return fmt.Errorf("transaction %d follows transaction %d", l.ID, len(j.records))
		}
		j.records = append(j.records, &record{id: l.ID, op: l.Operation, from: common.HexToAddress(l.From), chainID: l.ChainID, key: journalKey(l.To, l.Value, l.Data)})
		return nil
	}
	if l.ID == 0 || l.ID > uint64(len(j.records)) {
		return fmt.Errorf("there is no transaction %d", l.ID)
	}
	r := j.records[l.ID-1]
	switch l.Kind {
	case kindAttempt:
		tx := new(types.Transaction)
		if err := tx.UnmarshalBinary(l.Raw); err != nil {
			return fmt.Errorf("raw: %w", err)
		}
		r.attempts = append(r.attempts, tx)
	case kindDone, kindFailed, kindDropped:
		r.end, r.hash = l.Kind, common.HexToHash(l.Hash)
	default:
		return fmt.Errorf("kind %q is not known", l.Kind)
	}
	return nil
}

// journalKey says what a transaction does: equal keys are the same wish.
func journalKey(to, value string, data []byte) string {
	return to + " " + value + " " + hexutil.Encode(data)
}

// write appends a line durably, then applies it.
func (j *journal) write(l journalLine) error {
	l.Schema = SchemaJournal
	if j.file != nil {
		data, err := json.Marshal(l)
		if err != nil {
			return err
		}
		if _, err := j.file.Write(append(data, '\n')); err != nil {
			return fmt.Errorf("transaction journal: %w", err)
		}
		if err := j.file.Sync(); err != nil {
			return fmt.Errorf("transaction journal: %w", err)
		}
	}
	return j.apply(l)
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	defer j.release()
	return j.file.Close()
}

// begin writes an intent down.
func (j *journal) begin(c Call, from common.Address, chainID uint64) (*record, error) {
	err := j.write(journalLine{ID: uint64(len(j.records) + 1), Kind: kindIntent, Operation: c.Operation, ChainID: chainID,
		From: from.Hex(), To: c.toText(), Value: c.value().String(), Data: c.Data})
	if err != nil {
		return nil, err
	}
	return j.records[len(j.records)-1], nil
}

// attempt writes a signed transaction down, before it is broadcast.
func (j *journal) attempt(r *record, tx *types.Transaction) error {
	raw, err := tx.MarshalBinary()
	if err != nil {
		return err
	}
	nonce := tx.Nonce()
	return j.write(journalLine{ID: r.id, Kind: kindAttempt, Nonce: &nonce, Hash: tx.Hash().Hex(), Raw: raw})
}

// finish writes down how a transaction ended.
func (j *journal) finish(r *record, kind string, hash common.Hash, block uint64, detail string) error {
	l := journalLine{ID: r.id, Kind: kind, Block: block, Detail: detail}
	if hash != (common.Hash{}) {
		l.Hash = hash.Hex()
	}
	return j.write(l)
}

// open lists the transactions of an account that have no end yet.
func (j *journal) open(from common.Address, chainID uint64) []*record {
	var out []*record
	for _, r := range j.records {
		if r.end == "" && r.from == from && r.chainID == chainID {
			out = append(out, r)
		}
	}
	return out
}

// done finds the last transaction that did just this.
func (j *journal) done(c Call, from common.Address, chainID uint64) *record {
	for i := len(j.records) - 1; i >= 0; i-- {
		r := j.records[i]
		if r.end == kindDone && r.from == from && r.chainID == chainID && r.key == c.key() {
			return r
		}
	}
	return nil
}
