package redact

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"integr8/pipeline/ascii"
	"integr8/pipeline/hit"
)

// ErrInvalidEmail is the error of EmailHash. It never repeats the text.
var ErrInvalidEmail = errors.New("an e-mail address has one @ with text on both sides; a hash is 32, 40 or 64 hex digits")

// maxEmailLength is what RFC 5321 allows: 64 + @ + 255.
const maxEmailLength = 320

// EmailHash returns the form in which an e-mail address is kept: the SHA-256,
// in hex, of the trimmed lower-cased address. Text that is a hash already
// (SHA-256, SHA-1 or MD5 in hex) is returned in lower case.
//
// It first takes away what stands around the address and undoes what was encoded
// once more, see plainAddress: a hash of the address itself is the same hash.
func EmailHash(text string) (string, error) {
	hash, _, err := emailHash(text)
	return hash, err
}

// emailHash is EmailHash, and also reports whether something was undone.
func emailHash(text string) (hash string, undone bool, err error) {
	text = strings.ToLower(strings.TrimSpace(text))
	switch len(text) {
	case 2 * sha256.Size, 40, 32:
		if ascii.IsHex(text) {
			return text, false, nil
		}
	}
	address := plainAddress(text)
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 || len(address) > maxEmailLength || strings.ContainsAny(address[at:], " \t\r\n") {
		return "", false, ErrInvalidEmail
	}
	if local := address[:at]; strings.Contains(local, "@") && !(len(local) > 2 && local[0] == '"' && local[len(local)-1] == '"') {
		return "", false, ErrInvalidEmail
	}
	return sha256Hex(address), address != text, nil
}

// plainAddress returns the address in a lower-case text: without escapes of any
// depth and with full-width characters as ASCII, as a view has it; without
// mailto: and without a name around <joe@example.com>; and with a plus where a
// blank stands in the local part. A local part holds no blank, unless in quotes,
// but it often holds a plus, which a form that was not encoded makes a blank.
func plainAddress(text string) string {
	address := strings.TrimSpace(decodeView(text).text)
	if open := strings.LastIndexByte(address, '<'); open >= 0 && strings.HasSuffix(address, ">") {
		address = strings.TrimSpace(address[open+1 : len(address)-1])
	}
	if rest, found := strings.CutPrefix(address, "mailto:"); found {
		address, _, _ = strings.Cut(strings.TrimSpace(rest), "?")
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 || strings.HasPrefix(address, `"`) {
		return strings.ToLower(address)
	}
	local, domain := strings.TrimSpace(address[:at]), strings.TrimSpace(address[at+1:])
	return strings.ToLower(strings.ReplaceAll(local, " ", "+") + "@" + domain)
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// NoteEmail drops a user_email that is neither an address nor a hash of one,
// because it cannot be hashed. It notes that on the hit, and also where the hash is
// that of another text than the one that was sent.
func NoteEmail(h *hit.Hit) {
	email := h.Params[hit.ParamUserEmail]
	if email == "" {
		return
	}
	switch _, undone, err := emailHash(email); {
	case err != nil:
		delete(h.Params, hit.ParamUserEmail)
		h.Note("user_email: no address and no hash of one, dropped")
	case undone:
		h.Note("user_email: hashed as the address alone, without what stands around it and in plain characters")
	}
}

// emailParam returns the form in which user_email is kept. It needs what Text found
// in the value, because a token may have the form of a hash.
func emailParam(value string, found Found) string {
	hash, err := EmailHash(value)
	switch {
	case found&FoundToken != 0: // one may have the form of a hash
		return hit.TokenMark
	case err == nil:
		return hash
	case strings.TrimSpace(value) == "":
		return ""
	default:
		return notAnEmail
	}
}
