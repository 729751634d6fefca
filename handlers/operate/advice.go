package operate

import (
	"fmt"
	"strings"

	"integr8/pipeline/token"
)

// DrainHint returns the command, in backticks, that drains the spool of a receiver that no
// longer runs, for pasting into a shell. dir is the receiver's INTEGR8_SPOOL_DIR.
func DrainHint(dir string) string {
	return fmt.Sprintf("`integr8 spool drain %s`", quotePath(dir))
}

// quotePath quotes a path for pasting into a shell.
func quotePath(path string) string {
	if strings.IndexFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// MissedSecretHint returns what to do when INTEGR8_SECRET lacks a secret that has
// signed.
func MissedSecretHint(print token.Fingerprint) string {
	return fmt.Sprintf("add it to the end of INTEGR8_SECRET; once all of its clicks are older than any attribution window: `integr8 secret retire %s`", print)
}
