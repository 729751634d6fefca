package model

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
)

// A transaction_id is 32 hex digits: 48 bits of Unix milliseconds, 48 random bits, and
// the first 32 bits of the HMAC-SHA256 of those under the service secret.
const (
	idBytes   = 16
	signedPar = 12
)

// Mint makes a transaction_id that verifies, for a click that was never made.
func (w *World) Mint(at time.Time) string {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	id := append([]byte(nil), ms[2:]...)
	id = append(id, make([]byte, 6)...)
	rand.Read(id[6:])
	return hex.EncodeToString(append(id, sign(w.Secret, id)...))
}

func sign(secret string, signed []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(signed)
	return mac.Sum(nil)[:idBytes-signedPar]
}

// canonical returns the lower-case digits of an id in any form that senders may write.
// It returns false for another form.
func canonical(text string) (string, bool) {
	text = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), "-", ""))
	if _, err := hex.DecodeString(text); err != nil || len(text) != 2*idBytes {
		return "", false
	}
	return text, true
}

// verifies reports whether a canonical id was issued under one of the secrets.
func (w *World) verifies(id string) bool {
	return madeBy(w.Secret, id) || madeBy(w.NextSecret, id) || w.hasty(id)
}

// hasty reports whether an id was issued under the secret that some processes lacked.
func (w *World) hasty(id string) bool { return madeBy(w.HastySecret, id) }

func madeBy(secret, id string) bool {
	raw, err := hex.DecodeString(id)
	return secret != "" && err == nil && len(raw) == idBytes && hmac.Equal(sign(secret, raw[:signedPar]), raw[signedPar:])
}

// placeholders are the literal placeholders that the load sends.
var placeholders = map[string]bool{
	"REPLACE": true, "{clickid}": true, "%7Bclickid%7D": true, "{transaction_id}": true, "[CLICK_ID]": true, "${CLICKID}": true,
}

// Placeholders lists the placeholders that the model knows.
func Placeholders() []string {
	return []string{"REPLACE", "{clickid}", "%7Bclickid%7D", "{transaction_id}", "[CLICK_ID]", "${CLICKID}"}
}
