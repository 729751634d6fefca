package hit

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Found says which secrets were taken out of a text.
type Found uint8

// The secrets.
const (
	FoundToken Found = 1 << iota
	FoundEmail
)

const (
	// tokenMark stands where a token was, emailMark and the hash where an
	// address was.
	tokenMark = "[token]"
	emailMark = "[email sha256:"
	// notAnEmail stands for a user_email that was neither address nor hash.
	notAnEmail = "[not an e-mail address]"
)

// The bounds of what is recorded of a request's own description, in bytes.
const (
	maxNameBytes      = 128
	maxHostBytes      = 255
	maxUserAgentBytes = 1024
	maxRefererBytes   = 2048
)

// DefaultMaxValueBytes is how much of a parameter's value is recorded.
const DefaultMaxValueBytes = 2048

// Redactor takes secrets out of a request before anything of it leaves the
// door: tokens by their name, their shape or because IsToken tells them, and e-mail
// addresses by their shape, also where they are percent-encoded, escaped as in
// JSON or HTML, full-width, or their at sign is that of quoted-printable mail,
// however deeply. The zero value works but knows no
// imported tokens.
//
// It does not know what is encoded as a whole (base64, a hash, a cipher), what is
// written for people only (joe at example dot com), and an imported token that
// is glued to letters or digits.
type Redactor struct {
	// IsToken tells a token that is in use and that was imported; what it
	// says of generated ones, which show by their form, is of no account.
	IsToken func(text string) bool
	// HasImported reports whether any token was imported: while none was, no word
	// of a hit is tried. Nil when there may be some.
	HasImported func() bool
	// MaxValueBytes bounds a recorded value. Default DefaultMaxValueBytes.
	MaxValueBytes int
	// spaced is set for texts in which a blank may have been a +.
	spaced bool
}

// Text returns the text in the form that may be recorded: valid UTF-8 without
// NUL, each token as "[token]", each e-mail address as "[email sha256:...]"
// with the hash that EmailHash gives. It also says what it found.
func (r Redactor) Text(text string) (string, Found) {
	clean, found, _ := r.forImports().text(text, math.MaxInt)
	return clean, found
}

// forImports returns the redactor without IsToken while there is nothing to ask
// it about.
func (r Redactor) forImports() Redactor {
	if r.HasImported != nil && !r.HasImported() {
		r.IsToken = nil
	}
	return r
}

// text is Text for a caller that keeps at most limit bytes of what it gives:
// beyond them it need not be complete. It also gives the first token that it
// found.
func (r Redactor) text(text string, limit int) (clean string, found Found, token string) {
	v := view{source: text, text: text}
	var secrets []secret
	if !isOrdinary(text) {
		v = decodeView(Clean(text))
		secrets = v.secrets()
	}
	if r.IsToken != nil && len(text) >= MinImportedToken {
		if whole, ok := r.isWhollyToken(v); ok {
			return tokenMark, FoundToken, whole
		}
		if known := v.knownTokens(r.IsToken, r.spaced); len(known) > 0 {
			secrets = merge(append(secrets, known...))
		}
	}
	return v.without(secrets, limit)
}

// Hit makes a hit fit to leave the door, whatever its texts hold: the secure
// parameter, in any letter case, becomes TokenDigest; user_email becomes its
// hash; everything else goes through Text and is cut to its bound. It says
// what it found in the names and values of the parameters, where FoundToken
// includes a secure parameter. Where none was named, TokenDigest becomes that
// of the first token found.
func (r Redactor) Hit(h *Hit) Found {
	r = r.forImports()
	found := r.params(h)
	h.Method = r.bounded(h.Method, maxNameBytes)
	h.Host = r.bounded(h.Host, maxHostBytes)
	h.Path = r.bounded(h.Path, maxRefererBytes)
	h.UserAgent = r.bounded(h.UserAgent, maxUserAgentBytes)
	h.Referer = r.bounded(h.Referer, maxRefererBytes)
	h.Destination = r.bounded(h.Destination, 4*MaxDestinationBytes)
	return found
}

func (r Redactor) params(h *Hit) Found {
	if len(h.Params) == 0 {
		h.Params = nil
		return 0
	}
	if r.leaves(h) {
		return 0
	}
	r.spaced = true
	var found Found
	var foundToken string
	kept := make(map[string]string, len(h.Params))
	// In order of names, so that of two that become equal the same one stays.
	for _, name := range slices.Sorted(maps.Keys(h.Params)) {
		value := h.Params[name]
		if IsSecureParam(name) {
			if token := strings.TrimSpace(value); token != "" {
				found |= FoundToken
				if h.TokenDigest.IsZero() {
					h.TokenDigest = DigestOf(token)
				}
			}
			continue
		}
		cleanName, inName, token := name, Found(0), ""
		qualifier := h.qualifier(name)
		switch {
		case KnownParam(name): // ours, and no secret of anybody's
		case qualifier != NoQualifier:
			cleanName = qualifierName(name, qualifier, func(text string) string {
				text, inName, token = r.text(text, math.MaxInt)
				foundToken = cmp.Or(foundToken, token)
				return text
			})
		default:
			cleanName, inName, token = r.text(name, maxNameBytes)
			foundToken = cmp.Or(foundToken, token)
			cleanName = cut(cleanName, maxNameBytes)
		}
		if !KnownParam(name) && holdsSecure(name) && strings.TrimSpace(value) != "" {
			found |= FoundToken
			foundToken = cmp.Or(foundToken, strings.TrimSpace(value))
			value = tokenMark
		}
		cleanValue, inValue, token := r.value(h, name, value)
		foundToken = cmp.Or(foundToken, token)
		found |= inName | inValue
		switch before, taken := kept[cleanName]; {
		case !taken:
			kept[cleanName] = cleanValue
		case qualifier != NoQualifier:
			kept[cleanName] = whole(JoinQualifiers(before, cleanValue), maxQualifierValueBytes)
		}
	}
	if h.TokenDigest.IsZero() && foundToken != "" {
		h.TokenDigest = DigestOf(foundToken)
	}
	h.Params = kept
	return found
}

// leaves is the fast path of params: it reports whether no parameter holds
// anything that is to be taken out, hashed or cut.
func (r Redactor) leaves(h *Hit) bool {
	if r.IsToken != nil {
		return false
	}
	for name, value := range h.Params {
		if !KnownParam(name) || name == ParamSecure || name == ParamUserEmail || len(value) > maxDecidingBytes || len(value) > r.valueLimit() ||
			strings.HasSuffix(value, "]") || strings.IndexByte(value, '"') >= 0 || !isOrdinary(value) {
			return false
		}
	}
	return true
}

func (r Redactor) valueLimit() int {
	if r.MaxValueBytes <= 0 {
		return DefaultMaxValueBytes
	}
	return r.MaxValueBytes
}

// value returns the form in which the value of a parameter is recorded.
func (r Redactor) value(h *Hit, name, value string) (clean string, found Found, token string) {
	if limit := h.decidingBytes(name); limit > 0 {
		clean, found, token = r.text(value, math.MaxInt)
		kept := whole(clean, limit)
		if kept != clean {
			h.note(nameOf(name) + keptByDigest)
		}
		return kept, found, token
	}
	limit := r.valueLimit()
	clean, found, token = r.text(value, limit)
	if name == ParamUserEmail {
		clean = emailParam(value, found)
	}
	if len(clean) > limit {
		clean = cut(clean, limit)
		h.note(nameOf(name) + " was cut")
	}
	return clean, found, token
}

// nameOf returns the name of a parameter where it is ours to repeat.
func nameOf(name string) string {
	if KnownParam(name) {
		return name
	}
	return "another parameter"
}

// emailParam returns the form in which user_email is kept. What Text found in it
// matters because a token may have the form of a hash.
func emailParam(value string, found Found) string {
	hash, err := EmailHash(value)
	switch {
	case found&FoundToken != 0:
		return tokenMark
	case err == nil:
		return hash
	case strings.TrimSpace(value) == "":
		return ""
	default:
		return notAnEmail
	}
}

func (r Redactor) bounded(text string, limit int) string {
	clean, _, _ := r.text(text, limit)
	return cut(clean, limit)
}

// IsSecureParam reports whether a parameter's name is secure, in any letter
// case, escaped, with white space or invisible characters around it, as a list,
// or after the rest of an & that was written for HTML: it carries the secure
// token and is never recorded.
func IsSecureParam(name string) bool {
	if len(name) < len(ParamSecure) {
		return false
	}
	if isWord(name) {
		return strings.EqualFold(name, ParamSecure)
	}
	name = strings.TrimSpace(decodeView(name).text)
	for {
		rest, found := strings.CutPrefix(strings.TrimLeft(name, "?&"), "amp;")
		if !found && len(rest) == len(name) {
			break
		}
		name = strings.TrimSpace(rest)
	}
	if bracket := strings.IndexByte(name, '['); bracket > 0 {
		name = name[:bracket]
	}
	return strings.EqualFold(name, ParamSecure)
}

// isWord reports whether a text is ASCII letters, digits and underscores only.
func isWord(text string) bool {
	for i := range len(text) {
		if b := text[i]; b != '_' && !isLetter(b) && !isDigit(b) {
			return false
		}
	}
	return true
}

// holdsSecure reports whether a name of the secure token is a word of a name, as
// in x[secure], a;secure or secure_token: what is assigned to it is a token,
// though not the request's.
func holdsSecure(name string) bool {
	if len(name) < len(ParamSecure) {
		return false
	}
	if isWord(name) {
		return isSecureName(name)
	}
	name = decodeView(name).text
	words := strings.FieldsFunc(name, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return isSecureName(name) || slices.ContainsFunc(words, isSecureName)
}

// without returns the view's source with the secrets, which are in order and
// apart, replaced by their marks. Past limit bytes it hashes no address and
// drops the rest. It also gives the first token.
func (v view) without(secrets []secret, limit int) (text string, found Found, token string) {
	if len(secrets) == 0 {
		return v.source, 0, ""
	}
	var clean strings.Builder
	rest := 0
	for _, s := range secrets {
		found |= s.kind
		if s.kind&FoundToken != 0 && token == "" {
			token = v.text[s.from:s.to]
		}
		if clean.Len() > limit {
			continue
		}
		from, to := v.offsets(s.from, s.to)
		clean.WriteString(v.source[rest:from])
		rest = to
		if s.kind&FoundToken != 0 {
			clean.WriteString(tokenMark)
			continue
		}
		clean.WriteString(emailMark)
		clean.WriteString(sha256Hex(strings.ToLower(addressIn(v.text[s.from:s.to]))))
		clean.WriteString("]")
	}
	if clean.Len() <= limit {
		clean.WriteString(v.source[rest:])
	}
	return clean.String(), found, token
}

// addressIn returns the address that stands in a text, maybe as
// quoted-printable mail writes it.
func addressIn(text string) string {
	if strings.IndexByte(text, '@') < 0 {
		return strings.Replace(text, quotedAt, "@", 1)
	}
	return text
}

// merge sorts secrets and joins those that overlap.
func merge(secrets []secret) []secret {
	slices.SortFunc(secrets, func(a, b secret) int { return a.from - b.from })
	joined := secrets[:1]
	for _, s := range secrets[1:] {
		last := &joined[len(joined)-1]
		if s.from < last.to {
			last.to = max(last.to, s.to)
			last.kind |= s.kind
			continue
		}
		joined = append(joined, s)
	}
	return joined
}
