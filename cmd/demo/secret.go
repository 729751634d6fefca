package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// keepSecret returns the service secret: the one that the environment names, or
// the one kept in the file, or a new one, which is then kept there. The same
// secret every time keeps the demo's links working from run to run.
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
	random := make([]byte, 32)
	rand.Read(random) // never fails: crypto/rand aborts the program instead
	secret := hex.EncodeToString(random)
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the service secret: %w", err)
	}
	// An empty file that was there may have been open to others.
	if err := os.Chmod(path, 0o600); err != nil {
		return "", fmt.Errorf("protect the service secret: %w", err)
	}
	return secret, nil
}
