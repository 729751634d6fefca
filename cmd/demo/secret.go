package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// keepSecret returns the service secret: the one in the environment, or the one in the
// file, or a new one, which it then stores in the file. With the same secret the links
// of the demo keep working from run to run.
func keepSecret(path, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	kept, err := os.ReadFile(path)
	if err == nil && strings.TrimSpace(string(kept)) != "" {
		return strings.TrimSpace(string(kept)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the service secret: %w", err)
	}
	secret := rand.Text()
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the service secret: %w", err)
	}
	// An existing empty file may have been readable by others.
	if err := os.Chmod(path, 0o600); err != nil {
		return "", fmt.Errorf("protect the service secret: %w", err)
	}
	return secret, nil
}
