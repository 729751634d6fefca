package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// record holds the facts about a stack that must survive between two commands.
type record struct {
	Postgres postgresRecord `json:"postgres"`
	Epmd     epmdRecord     `json:"epmd"`
	// Nodes are the RabbitMQ nodes, one or those of a cluster.
	Nodes []nodeRecord `json:"nodes"`
	// Cluster is set when there are several.
	Cluster *Cluster `json:"cluster,omitempty"`
	// RabbitMQPassword is that of the user integr8, the same on every node.
	RabbitMQPassword string `json:"rabbitmq_password,omitempty"`
}

// ledger stores the record on disk. It is safe for concurrent use, because servers
// start in parallel.
type ledger struct {
	path   string
	mu     sync.Mutex
	record record
}

// recordPath returns the path of a stack's record. The file holds passwords.
func recordPath(dir string) string { return filepath.Join(dir, "state.json") }

// openLedger reads the record, or begins an empty one when there is none.
func openLedger(dir string) (*ledger, error) {
	l := &ledger{path: recordPath(dir)}
	text, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of the stack: %w", err)
	}
	if err := json.Unmarshal(text, &l.record); err != nil {
		return nil, fmt.Errorf("%s cannot be read (%w): devstack clean begins anew", l.path, err)
	}
	return l, nil
}

// change changes the record and writes it, completely or not at all.
func (l *ledger) change(alter func(*record)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	alter(&l.record)
	text, err := json.MarshalIndent(l.record, "", "  ")
	if err != nil {
		return fmt.Errorf("write the record of the stack: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(l.path), ".state-*") // readable by its owner only
	if err != nil {
		return fmt.Errorf("write the record of the stack: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), l.path)
	}
	if err != nil {
		return fmt.Errorf("write the record of the stack: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

// newLedger begins an empty record, and ignores an earlier one.
func newLedger(dir string) *ledger { return &ledger{path: recordPath(dir)} }
