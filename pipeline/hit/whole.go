package hit

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// whole returns the form in which the value of a parameter that decides is
// recorded: as it is, or, where it is longer than any that is in use, as its
// beginning and the SHA-256 of all of it. So two values are recorded as the same
// only if they are the same, wherever they were sent, and no id or amount becomes
// another one: with the digest at its end it is neither. A value that was sent in
// that very form is recorded by its own digest: it is not the value that is
// recorded in that form.
func whole(value string, limit int) string {
	if escapedBytes(value) <= limit && !endsInDigest(value) {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	digest := digestMark + hex.EncodeToString(sum[:]) + "]"
	return cutEncoded(value, limit-len(digest)) + digest
}

// digestMark begins the digest in a value that whole shortened.
const digestMark = "[sha256:"

func endsInDigest(value string) bool {
	from := len(value) - len(digestMark) - 2*sha256.Size - len("]")
	return from >= 0 && value[len(value)-1] == ']' && strings.HasPrefix(value[from:], digestMark)
}
