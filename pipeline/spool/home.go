package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/uuid"
)

// hitsDir is the directory of the Log within a receiver's home. The receiver's other
// files lie beside it.
const hitsDir = "hits"

// HitsIn returns the directory of the Log in a receiver's home, for Options and
// Inspect.
func HitsIn(home string) string { return filepath.Join(home, hitsDir) }

// HomeOf returns the home of a directory of a Log.
func HomeOf(dir string) string {
	if filepath.Base(dir) == hitsDir {
		return filepath.Dir(dir)
	}
	return dir
}

// Locate returns the directory of the Log for dir, which an operator may give as that
// directory itself or as the home that holds it.
func Locate(dir string) string {
	if inner := HitsIn(dir); filepath.Base(dir) != hitsDir && isDirectory(inner) {
		return inner
	}
	return dir
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// identityFile is the file of a home's id.
const identityFile = "id"

// Identify returns the id of a home. It makes one in a home that has none. An id that
// could not be kept is returned too, with the error: it serves until the next start.
func Identify(home string) (uuid.UUID, error) {
	path := filepath.Join(home, identityFile)
	text, err := os.ReadFile(path)
	if id, malformed := uuid.ParseBytes(text); err == nil && malformed == nil {
		return id, nil
	}
	id := uuid.New()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return id, fmt.Errorf("read the id of the receiver's directory: %w", err)
	}
	if err := os.WriteFile(path, []byte(id.String()), 0o600); err != nil {
		return id, fmt.Errorf("keep the id of the receiver's directory: %w", err)
	}
	return id, nil
}

// HomesAround returns other homes in which hits may wait: beside a receiver's own home
// and below the directories others. Such homes belong to receivers that had another
// address or another setting. It also finds the old home after the setting was moved by
// one level, into the old directory or to the one above it.
func HomesAround(own string, others ...string) []string {
	var found []string
	add := func(home string) {
		if home != own && !slices.Contains(found, home) && Waits(HitsIn(home)) {
			found = append(found, home)
		}
	}
	for _, parent := range append([]string{filepath.Dir(own), own}, others...) {
		add(parent)
		entries, err := os.ReadDir(parent)
		if err != nil {
			continue // it may be missing, or not be a directory of ours
		}
		for _, entry := range entries {
			add(filepath.Join(parent, entry.Name()))
		}
	}
	return found
}

// Orphan is a home in which hits wait although no process has it open.
type Orphan struct {
	Home string
	Content
}

// Orphans reads the homes and returns those that are orphans. Its error names the
// homes that cannot be read; the orphans among the others are still returned.
func Orphans(homes []string) ([]Orphan, error) {
	var orphans []Orphan
	var errs []error
	for _, home := range homes {
		content, err := Inspect(HitsIn(home))
		if err != nil {
			errs = append(errs, err)
		} else if !content.Held && content.Waiting() > 0 {
			orphans = append(orphans, Orphan{home, content})
		}
	}
	return orphans, errors.Join(errs...)
}
