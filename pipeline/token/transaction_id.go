package token

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
)

// TransactionID identifies a click: 48 bits of Unix milliseconds, 48 random
// bits, and the first 32 bits of an HMAC-SHA256 of those under the service
// secret. It is written as 32 lower-case hex digits and stored as a uuid, and
// because it begins with its time it sorts and partitions by click time.
type TransactionID [16]byte

const signedBytes = 12

// maxTransactionIDLength bounds the text of one: a dash after every digit and
// as much again.
const maxTransactionIDLength = 128

// The two ways a transaction_id can be wrong that show without a lookup.
var (
	ErrMalformedTransactionID  = errors.New("transaction_id is not 32 hex digits")
	ErrUnverifiedTransactionID = errors.New("transaction_id was not issued here: its check digits do not verify")
)

// Mint returns a new transaction_id for a click that was made at the given time.
func (k Keys) Mint(at time.Time) TransactionID {
	id := TransactionID(FirstID(at))
	rand.Read(id[6:signedBytes]) // never fails: crypto/rand aborts the program instead
	copy(id[signedBytes:], k.secrets[0].checkDigits(id))
	return id
}

// Verify reads a transaction_id as an advertiser may send it: in upper case, with
// dashes, with white space around it. The error is ErrMalformedTransactionID or
// ErrUnverifiedTransactionID.
func (k Keys) Verify(text string) (TransactionID, error) {
	var id TransactionID
	text = strings.TrimSpace(text)
	if len(text) > maxTransactionIDLength {
		return TransactionID{}, ErrMalformedTransactionID
	}
	digits := strings.ReplaceAll(text, "-", "")
	if len(digits) != 2*len(id) {
		return TransactionID{}, ErrMalformedTransactionID
	}
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return TransactionID{}, ErrMalformedTransactionID
	}
	for _, secret := range k.secrets {
		if subtle.ConstantTimeCompare(secret.checkDigits(id), id[signedBytes:]) == 1 {
			return id, nil
		}
	}
	return TransactionID{}, ErrUnverifiedTransactionID
}

// checkDigits returns the last bytes of an id whose first bytes are given.
func (s serviceSecret) checkDigits(id TransactionID) []byte {
	return s.sign(id[:signedBytes])[:len(id)-signedBytes]
}

// Time returns when the click was made, to the millisecond, in UTC.
func (id TransactionID) Time() time.Time {
	var ms [8]byte
	copy(ms[len(ms)-TimeBytes:], id[:TimeBytes])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC()
}

// IsZero reports whether there is no id.
func (id TransactionID) IsZero() bool { return id == TransactionID{} }

// String returns the 32 lower-case hex digits.
func (id TransactionID) String() string { return hex.EncodeToString(id[:]) }

// UUID returns the form in which the id is stored.
func (id TransactionID) UUID() uuid.UUID { return uuid.UUID(id) }

// MarshalText writes the 32 hex digits.
func (id TransactionID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads 32 hex digits without verifying them: the door verified
// every id that travels inside the pipeline.
func (id *TransactionID) UnmarshalText(text []byte) error {
	if len(text) != 2*len(id) {
		return ErrMalformedTransactionID
	}
	if _, err := hex.Decode(id[:], text); err != nil {
		return ErrMalformedTransactionID
	}
	return nil
}
