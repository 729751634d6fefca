package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// snapshotFormat is the form in which a Snapshot is kept in a file. It counts
// up with every change of what Snapshot is made of.
const snapshotFormat = 7

// snapshotHead is the first line of the file: format and SHA-256 of the rest,
// which is the Snapshot as JSON.
const snapshotHead = "integr8 reference data, format %d, sha256 %x\n"

// ErrSnapshotFormat means that another version of integr8 wrote the file.
var ErrSnapshotFormat = errors.New("another version of integr8 wrote it")

// Save writes the snapshot to a file that only this user may read, whole or
// not at all. No token is in it, only digests.
func (s *Snapshot) Save(path string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("save reference data: %w", err)
	}
	whole := append(fmt.Appendf(nil, snapshotHead, snapshotFormat, sha256.Sum256(data)), data...)
	if err := replaceFile(path, whole); err != nil {
		return fmt.Errorf("save reference data: %w", err)
	}
	return nil
}

// replaceFile puts new content in a file's place so that, whenever the machine
// dies, the file has the old or the new. One process may do so at a time.
func replaceFile(path string, content []byte) error {
	temporary := path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	directory, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}

// ReadSnapshot reads what Save wrote. The error is fs.ErrNotExist where there
// is no file and ErrSnapshotFormat where another version wrote it; a file that
// was damaged is an error too.
func ReadSnapshot(path string) (*Snapshot, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read saved reference data: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read saved reference data: %w", err)
	}
	snapshot, err := decodeSnapshot(data)
	if err != nil {
		return nil, fmt.Errorf("read saved reference data: %s: %w", path, err)
	}
	return snapshot, nil
}

func decodeSnapshot(data []byte) (*Snapshot, error) {
	head, rest, _ := bytes.Cut(data, []byte("\n"))
	var format int
	var digest []byte
	if _, err := fmt.Sscanf(string(head)+"\n", snapshotHead, &format, &digest); err != nil {
		return nil, errors.New("it is damaged: its first line is not the one that it should have")
	}
	if format != snapshotFormat {
		return nil, fmt.Errorf("%w, in format %d", ErrSnapshotFormat, format)
	}
	if sum := sha256.Sum256(rest); !bytes.Equal(sum[:], digest) {
		return nil, errors.New("it is damaged: the checksum is another")
	}
	snapshot := new(Snapshot)
	if err := json.Unmarshal(rest, snapshot); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	return snapshot, nil
}

const (
	// saveRest is the least time between two saves: a script that makes a
	// thousand offers must not have a thousand files written.
	saveRest = time.Second
	// saveAgain is how much older than the last load a file may be in which
	// nothing has changed.
	saveAgain = 10 * time.Minute
)

// saver keeps the newest snapshot in a file. With an empty path it does
// nothing.
type saver struct {
	path    string
	logger  *slog.Logger
	pending chan *Snapshot // holds the newest that is not saved
	digest  [sha256.Size]byte
	savedAt time.Time
	failing bool
}

func newSaver(path string, logger *slog.Logger) *saver {
	return &saver{path: path, logger: logger, pending: make(chan *Snapshot, 1)}
}

// offer hands in the newest snapshot; one goroutine may.
func (s *saver) offer(snapshot *Snapshot) {
	select {
	case <-s.pending:
	default:
	}
	s.pending <- snapshot
}

// run saves until ctx ends, and then once more what is left.
func (s *saver) run(ctx context.Context) {
	for {
		select {
		case snapshot := <-s.pending:
			s.save(snapshot)
			pause(ctx, saveRest)
		case <-ctx.Done():
			select {
			case snapshot := <-s.pending:
				s.save(snapshot)
			default:
			}
			return
		}
	}
}

// save writes the file if there is something new in it. What fails is tried
// again with the next snapshot.
func (s *saver) save(snapshot *Snapshot) {
	if s.path == "" {
		return
	}
	digest, err := snapshot.digest()
	if err == nil && digest == s.digest && snapshot.LoadedAt.Sub(s.savedAt) < saveAgain {
		return
	}
	if err == nil {
		err = snapshot.Save(s.path)
	}
	if err != nil {
		if !s.failing {
			s.logger.Warn("reference data cannot be kept on disk, trying again", "error", err)
		}
		s.failing = true
		return
	}
	s.digest, s.savedAt, s.failing = digest, snapshot.LoadedAt, false
}

// digest tells snapshots apart, whenever they were loaded.
func (s *Snapshot) digest() ([sha256.Size]byte, error) {
	undated := *s
	undated.LoadedAt, undated.IdentityKnownUntil = time.Time{}, time.Time{}
	data, err := json.Marshal(undated)
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("compare reference data: %w", err)
	}
	return sha256.Sum256(data), nil
}
