package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// makeCookie writes the secret with which Erlang nodes recognise one another into their
// home directory, once for all nodes of the stack. Erlang requires that no other user
// can read it.
func makeCookie(home string) error {
	path := filepath.Join(home, ".erlang.cookie")
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.CreateTemp(home, ".cookie-*") // readable by its owner only
	if err != nil {
		return fmt.Errorf("make Erlang's cookie: %w", err)
	}
	_, err = file.WriteString(newPassword())
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("make Erlang's cookie: %w", errors.Join(err, os.Remove(file.Name())))
	}
	// The file is written completely or not at all: a node that reads half a cookie has
	// another one.
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("make Erlang's cookie: %w", err)
	}
	return nil
}
