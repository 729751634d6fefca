package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// makeCookie writes the secret by which Erlang nodes know one another, once
// for all nodes of the stack, into the home directory that they see. Erlang
// insists that nobody else can read it.
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
	// Whole or not at all: a node that reads half a cookie has another one.
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("make Erlang's cookie: %w", err)
	}
	return nil
}
