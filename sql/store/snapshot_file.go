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

	"integr8/handlers/attribution"
)

// snapshotFormat is the version of the file format. Every change of the fields of
// Snapshot increases it.
const snapshotFormat = 7

// snapshotHead is the first line of the file: the format, and the SHA-256 of the rest,
// which is the Snapshot as JSON.
const snapshotHead = "integr8 reference data, format %d, sha256 %x\n"

// ErrSnapshotFormat means that another version of integr8 wrote the file.
var ErrSnapshotFormat = errors.New("another version of integr8 wrote it")

// SaveSnapshot replaces a file, which only this user may read, by a snapshot. A crash
// leaves the old file or the new one. The file contains no token, only digests.
func SaveSnapshot(s *attribution.Snapshot, path string) error {
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

// replaceFile replaces the content of a file. Whenever the machine dies, the file has
// the old or the new content. Only one process at a time may call it for a file.
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

// ReadSnapshot reads a file of SaveSnapshot. The error is fs.ErrNotExist when there
// is no file, and ErrSnapshotFormat when another version wrote it; a damaged file is an
// error too.
func ReadSnapshot(path string) (*attribution.Snapshot, error) {
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

func decodeSnapshot(data []byte) (*attribution.Snapshot, error) {
	head, rest, _ := bytes.Cut(data, []byte("\n"))
	var format int
	var digest []byte
	if _, err := fmt.Sscanf(string(head)+"\n", snapshotHead, &format, &digest); err != nil {
		return nil, errors.New("it is damaged: its first line is wrong")
	}
	if format != snapshotFormat {
		return nil, fmt.Errorf("%w, in format %d", ErrSnapshotFormat, format)
	}
	if sum := sha256.Sum256(rest); !bytes.Equal(sum[:], digest) {
		return nil, errors.New("it is damaged: its checksum is wrong")
	}
	snapshot := new(attribution.Snapshot)
	if err := json.Unmarshal(rest, snapshot); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	return snapshot, nil
}

const (
	// saveRest is the least time between two saves: a script that makes a
	// thousand offers must not cause a thousand writes.
	saveRest = time.Second
	// saveAgain is the age at which the file is written again although its content has
	// not changed.
	saveAgain = 10 * time.Minute
)

// saver keeps the newest snapshot in a file. With an empty path it does
// nothing.
type saver struct {
	path    string
	logger  *slog.Logger
	pending chan *attribution.Snapshot // holds the newest that is not saved
	digest  [sha256.Size]byte
	savedAt time.Time
	failing bool
}

func newSaver(path string, logger *slog.Logger) *saver {
	return &saver{path: path, logger: logger, pending: make(chan *attribution.Snapshot, 1)}
}

// offer hands in the newest snapshot; one goroutine may.
func (s *saver) offer(snapshot *attribution.Snapshot) {
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

// save writes the file if its content has changed or is older than saveAgain. After an
// error the next snapshot tries again.
func (s *saver) save(snapshot *attribution.Snapshot) {
	if s.path == "" {
		return
	}
	digest, err := digestOf(snapshot)
	if err == nil && digest == s.digest && snapshot.LoadedAt.Sub(s.savedAt) < saveAgain {
		return
	}
	if err == nil {
		err = SaveSnapshot(snapshot, s.path)
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

// digestOf returns a digest of a snapshot's content, without the times of its load.
func digestOf(s *attribution.Snapshot) ([sha256.Size]byte, error) {
	undated := *s
	undated.LoadedAt, undated.IdentityKnownUntil = time.Time{}, time.Time{}
	data, err := json.Marshal(undated)
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("compare reference data: %w", err)
	}
	return sha256.Sum256(data), nil
}
