package hit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
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

// Keys are the service secrets. The newest signs, every one verifies.
type Keys struct {
	secrets []serviceSecret
}

// serviceSecret is one of them. Its MACs are used again, because making one
// costs more than signing with it.
type serviceSecret struct {
	text []byte
	macs *sync.Pool // of hash.Hash
}

func newServiceSecret(text string) serviceSecret {
	secret := []byte(text)
	return serviceSecret{secret, &sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}}
}

// sign returns the HMAC-SHA256 of a message.
func (s serviceSecret) sign(message []byte) []byte {
	mac := s.macs.Get().(hash.Hash)
	defer s.macs.Put(mac)
	mac.Reset()
	mac.Write(message)
	return mac.Sum(nil)
}

// MinSecretLength is the shortest service secret accepted, in bytes.
const MinSecretLength = 16

// ParseKeys reads a comma-separated list of service secrets, newest first.
func ParseKeys(list string) (Keys, error) {
	var keys Keys
	for secret := range strings.SplitSeq(list, ",") {
		secret = strings.TrimSpace(secret)
		if len(secret) < MinSecretLength {
			return Keys{}, fmt.Errorf("a service secret needs at least %d characters", MinSecretLength)
		}
		keys.secrets = append(keys.secrets, newServiceSecret(secret))
	}
	return keys, nil
}

// IsZero reports whether there are no service secrets, as in a Keys that did
// not come from ParseKeys. Such a Keys can neither sign nor verify.
func (k Keys) IsZero() bool { return len(k.secrets) == 0 }

// Mint makes a new transaction_id for a click at the given time.
func (k Keys) Mint(at time.Time) TransactionID {
	var id TransactionID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	rand.Read(id[6:signedBytes]) // never fails: crypto/rand aborts the program instead
	copy(id[signedBytes:], k.secrets[0].checkDigits(id))
	return id
}

// Verify reads a transaction_id as an advertiser may send it: upper case and
// dashes are accepted. The error is one of the two above.
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

// checkDigits are the last bytes of an id whose first ones are given.
func (s serviceSecret) checkDigits(id TransactionID) []byte {
	return s.sign(id[:signedBytes])[:len(id)-signedBytes]
}

// Time is when the click was made, to the millisecond, in UTC.
func (id TransactionID) Time() time.Time {
	var ms [8]byte
	copy(ms[2:], id[:6])
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

// UnmarshalText reads 32 hex digits without verifying them: what travels
// inside the pipeline was verified at the door.
func (id *TransactionID) UnmarshalText(text []byte) error {
	if len(text) != 2*len(id) {
		return ErrMalformedTransactionID
	}
	if _, err := hex.Decode(id[:], text); err != nil {
		return ErrMalformedTransactionID
	}
	return nil
}
