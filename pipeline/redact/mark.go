package redact

import (
	"strings"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// notAnEmail stands for a user_email that was neither address nor hash.
const notAnEmail = "[not an e-mail address]"

// without returns the view's source with each secret replaced by its mark. The
// secrets are in order and do not overlap. Past limit bytes it hashes nothing
// and drops the rest. It also returns the first token.
func (v view) without(secrets []secret, limit int) (text string, found Found, first string) {
	if len(secrets) == 0 {
		return v.source, 0, ""
	}
	var clean strings.Builder
	rest := 0
	for _, s := range secrets {
		found |= s.kind
		text := v.text[s.from:s.to]
		if s.kind&FoundToken != 0 && first == "" {
			first = text
		}
		if clean.Len() > limit {
			continue
		}
		from, to := v.offsets(s.from, s.to)
		clean.WriteString(v.source[rest:from])
		rest = to
		clean.WriteString(v.place.mark(s.kind, text))
	}
	if clean.Len() <= limit {
		clean.WriteString(v.source[rest:])
	}
	return clean.String(), found, first
}

// mark returns what stands in a record for a secret, see hit.KeepsDigest.
func (p place) mark(kind Found, text string) string {
	switch {
	case kind&FoundToken != 0 && p.digest:
		if isTokenBegun(text) {
			text = strings.ToLower(text) // as it was generated
		}
		return hit.TokenDigestMark + sha256Hex(text) + "]"
	case kind&FoundToken != 0:
		return hit.TokenMark
	case kind&FoundSecret != 0 && p.digest:
		return hit.SecretDigestMark + sha256Hex(text) + "]"
	case kind&FoundSecret != 0:
		return hit.SecretMark
	default:
		return hit.EmailMark + sha256Hex(strings.ToLower(addressIn(text))) + "]"
	}
}

// isTokenBegun reports whether a text begins as a generated token does.
func isTokenBegun(text string) bool {
	return len(text) > len(token.Mark) && text[len(token.Mark)] == '_' && strings.EqualFold(text[:len(token.Mark)], token.Mark)
}

// addressIn returns the address that stands in a text, maybe as quoted-printable
// mail writes it, with blanks around the at sign or with several of these.
func addressIn(text string) string {
	at := strings.IndexByte(text, '@')
	if at < 0 {
		return strings.Replace(text, quotedAt, "@", 1)
	}
	if text[0] == '"' { // an at sign may stand in a quoted local part
		return text
	}
	local, domain := strings.TrimRightFunc(text[:at], isGapRune), strings.TrimLeftFunc(text[at:], func(r rune) bool { return r == '@' || r == '+' || isGapRune(r) })
	return local + "@" + domain
}
