// Package redact takes secrets out of a request at the door: secure tokens, by
// their name, their form or the directory of imported ones, and e-mail addresses.
// Nothing of a request leaves the door before Redactor.Hit has returned.
package redact

import (
	"math"
	"strings"

	"integr8/pipeline/hit"
)

// Found is the set of the kinds of secrets that were taken out of a text.
type Found uint8

// The kinds of secrets.
const (
	FoundToken Found = 1 << iota
	FoundEmail
	// FoundSecret is a value whose name says that it is a secret, such as api_key,
	// and that is no secure token as far as anybody can tell.
	FoundSecret
)

// DefaultMaxValueBytes is how much of a parameter's value is recorded.
const DefaultMaxValueBytes = 2048

// Redactor takes secrets out of a request before anything of it leaves the
// door: tokens by their name, their form or because IsToken knows them, and e-mail
// addresses by their form. It finds them also where they are percent-encoded,
// escaped as in JSON or HTML or full-width, however deeply, or where the at sign
// is that of quoted-printable mail. The zero value works but knows no imported
// tokens.
//
// It does not find a secret in a text that is encoded as a whole (base64, a hash,
// a cipher), an address that is written for people only (joe at example dot com),
// and an imported token that is glued to letters or digits. Of imported tokens only
// the digests are known, and not their lengths, so that each stretch of a word would
// have to be hashed: a word of 32 characters has 378 of MinImportedToken or more, and
// hashing them costs 7 times as much as the redaction of a whole hit where tokens were
// imported (measured). With the length of one token it would be 17 stretches and a
// tenth of that redaction for each such word and length.
type Redactor struct {
	// IsToken reports whether a text is an imported token that is in use. Its
	// result for generated tokens, which show by their form, does not matter.
	IsToken func(text string) bool
	// HasImported reports whether any token was imported: while none was, IsToken
	// is not called. Nil means that there may be some.
	HasImported func() bool
	// MaxValueBytes bounds a recorded value. Default DefaultMaxValueBytes.
	MaxValueBytes int
	place         place
}

// Text returns the text in the form that may be recorded: valid UTF-8 without
// NUL, each token as "[token]", any other secret as "[secret]", each e-mail address
// as "[email sha256:...]" with the hash that EmailHash returns. It also returns what
// it found.
func (r Redactor) Text(text string) (string, Found) {
	clean, found, _ := r.forImports().text(text, math.MaxInt)
	return clean, found
}

// forImports returns the redactor without IsToken while no token is imported.
func (r Redactor) forImports() Redactor {
	if r.HasImported != nil && !r.HasImported() {
		r.IsToken = nil
	}
	return r
}

// text is Text for a caller that keeps at most limit bytes of the result: beyond
// them it need not be complete. It also returns the first token that it found.
func (r Redactor) text(text string, limit int) (clean string, found Found, first string) {
	v := view{source: text, text: text, place: r.place}
	var secrets []secret
	if !isOrdinary(text) || r.place.path && strings.Count(text, "/") > 1 {
		v = decodeView(hit.Clean(text))
		v.place = r.place
		secrets = v.secrets()
	}
	if r.IsToken != nil && len(text) >= MinImportedToken {
		if whole, ok := r.isWhollyToken(v); ok {
			return r.place.mark(FoundToken, whole), FoundToken, whole
		}
		if known := v.knownTokens(r.IsToken); len(known) > 0 {
			secrets = merge(append(secrets, known...))
		}
	}
	return v.without(secrets, limit)
}

// Hit makes a hit fit to leave the door, whatever its texts hold: the secure
// parameter, in any letter case, becomes TokenDigest; user_email becomes its
// hash; the value of a parameter whose name is that of a secret is dropped; everything
// else goes through Text and is cut to its bound, and keeps a digest of each secret
// where hit.KeepsDigest. It returns
// what it found in the names and values of the parameters, where FoundToken
// includes a secure parameter. Without a secure parameter TokenDigest becomes the
// digest of the first token that was found.
func (r Redactor) Hit(h *hit.Hit) Found {
	r = r.forImports()
	found := r.params(h)
	h.EachForeignText(func(text *string, limit int) {
		r.place = place{path: text == &h.Path}
		clean, _, _ := r.text(*text, limit)
		*text = hit.Cut(clean, limit)
	})
	return found
}
