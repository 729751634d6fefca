package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// record is what has to be known of a stack between two commands.
type record struct {
	Postgres postgresRecord `json:"postgres"`
	Epmd     epmdRecord     `json:"epmd"`
	// Nodes are the RabbitMQ nodes, one or those of a cluster.
	Nodes []nodeRecord `json:"nodes"`
	// RabbitMQPassword is that of the user integr8, the same on every node.
	RabbitMQPassword string `json:"rabbitmq_password,omitempty"`
}

// ledger keeps the record on disk. It is safe for concurrent use: servers
// start side by side.
type ledger struct {
	path   string
	mu     sync.Mutex
	record record
}

// recordPath is where the record of a stack is. It holds passwords.
func recordPath(dir string) string { return filepath.Join(dir, "state.json") }

// openLedger reads the record; where there is none it begins an empty one.
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

// change alters the record and writes it, whole or not at all.
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

// newLedger begins an empty record, whatever there was before.
func newLedger(dir string) *ledger { return &ledger{path: recordPath(dir)} }
