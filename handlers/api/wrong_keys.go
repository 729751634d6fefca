package api

import (
	"crypto/sha256"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"integr8/handlers/operate/limit"
)

// wrongKeys bounds how many wrong keys a client address may send, or a network of 64 bits
// of IPv6. Past the bound no key of the address is looked up, but for those that have
// opened something before: others may stand behind the same address.
type wrongKeys struct {
	senders *limit.Limits[netip.Addr]
	// right has the digests of keys that have opened something. They are looked up all the
	// same, and one that is wrong by now leaves.
	right *lru.Cache[[sha256.Size]byte, struct{}]
}

// mostRight bounds the memory of keys that have opened something.
const mostRight = 4096

// newWrongKeys allows so many wrong keys a minute, and at once; 0 sets no bound.
func newWrongKeys(aMinute int) *wrongKeys {
	right, err := lru.New[[sha256.Size]byte, struct{}](mostRight)
	if err != nil {
		panic(err) // its only error is a size that is not positive
	}
	return &wrongKeys{limit.New[netip.Addr](float64(aMinute)/60, aMinute), right}
}

// wait returns how long the sender of a key has to wait; 0 when the key may be looked up.
func (w *wrongKeys) wait(sender netip.Addr, key string, now time.Time) time.Duration {
	if !sender.IsValid() || w.hasOpened(key) {
		return 0
	}
	return w.senders.Wait(sender, now)
}

// add counts a wrong key of a sender.
func (w *wrongKeys) add(sender netip.Addr, key string, now time.Time) {
	w.right.Remove(sha256.Sum256([]byte(key)))
	if sender.IsValid() {
		w.senders.Take(sender, now)
	}
}

// hasOpened reports whether a key has opened something, and was not wrong since.
func (w *wrongKeys) hasOpened(key string) bool { return w.right.Contains(sha256.Sum256([]byte(key))) }

// opened remembers a key that is right.
func (w *wrongKeys) opened(key string) { w.right.Add(sha256.Sum256([]byte(key)), struct{}{}) }
