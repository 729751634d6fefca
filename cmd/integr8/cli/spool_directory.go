package cli

import (
	"errors"
	"os/user"
	"path/filepath"
	"strings"

	"integr8/pipeline/failure"
)

// spoolDir is where a receiver keeps what must outlive it. The default does
// not depend on where the process is started, because a receiver that looked
// elsewhere after a restart would leave behind what it had accepted; and
// it keeps receivers of one machine apart, by the address of each.
func (inv *invocation) spoolDir() (string, error) {
	if inv.settings.SpoolDir != "" {
		return inv.settings.SpoolDir, nil
	}
	return inv.defaultSpoolDir()
}

func (inv *invocation) defaultSpoolDir() (string, error) {
	own := strings.ReplaceAll(inv.settings.Addr, ":", "_")
	if state, ok := inv.lookup("XDG_STATE_HOME"); ok && filepath.IsAbs(state) {
		return filepath.Join(state, "integr8", own), nil
	}
	home, ok := inv.lookup("HOME")
	if !ok || !filepath.IsAbs(home) {
		account, err := user.Current()
		if err != nil || !filepath.IsAbs(account.HomeDir) {
			return "", failure.WithHint(errors.New("INTEGR8_SPOOL_DIR is not set, and this user has no home directory for a default"),
				"name a directory that outlives the process: export INTEGR8_SPOOL_DIR=/var/lib/integr8")
		}
		home = account.HomeDir
	}
	return filepath.Join(home, ".local", "state", "integr8", own), nil
}

// otherSpoolDirs names where receivers of this machine keep their directories by
// default, whatever INTEGR8_SPOOL_DIR is now.
func (inv *invocation) otherSpoolDirs() []string {
	standard, err := inv.defaultSpoolDir()
	if err != nil {
		return nil
	}
	return []string{filepath.Dir(standard)}
}
