package keys

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"integr8/pipeline/ascii"
)

// Key is a key in the form that is shown.
type Key struct {
	ID int64 `db:"id" json:"id"`
	// AccountID is null for an operator's key, which opens all accounts.
	AccountID *int64 `db:"account_id" json:"account_id"`
	Role      Role   `db:"role" json:"role"`
	Name      string `db:"name" json:"name"`
	// Prefix are the first characters of the key, by which a person knows it.
	Prefix    string    `db:"prefix" json:"prefix"`
	CreatedAt time.Time `db:"created_at" json:"created_at"`
	// LastUsedAt is written at most once a minute.
	LastUsedAt *time.Time `db:"last_used_at" json:"last_used_at"`
	RevokedAt  *time.Time `db:"revoked_at" json:"revoked_at"`
	// Key is the key itself, which only Create returns.
	Key string `db:"-" json:"key,omitempty"`
}

// Opens reports whether the key opens an account.
func (k Key) Opens(account int64) bool { return k.AccountID == nil || *k.AccountID == account }

// The form of a key: mark, and 64 hex digits of 32 random bytes. The prefix shows 8 of
// the digits, which leaves 28 bytes unknown.
const (
	mark         = "i8k_"
	randomBytes  = 32
	prefixLength = len(mark) + 8
)

// newText returns the text of a new key.
func newText() string {
	var random [randomBytes]byte
	rand.Read(random[:]) // never fails: crypto/rand aborts the program instead
	return mark + hex.EncodeToString(random[:])
}

// IsWellFormed reports whether a text has the form of a key. It says nothing of whether
// there is such a key.
func IsWellFormed(text string) bool {
	digits, found := strings.CutPrefix(text, mark)
	return found && len(digits) == 2*randomBytes && ascii.IsHex(digits)
}
