// Package token holds the ids and tokens that the service secrets sign: the
// transaction_id of a click and the secure token of a postback URL. It also names
// a service secret by its fingerprint, without revealing it.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// Keys are the service secrets. The newest signs, every one verifies.
type Keys struct {
	secrets []serviceSecret
}

// serviceSecret is one service secret. Its MACs are used again, because making a
// MAC costs more than signing with it.
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
