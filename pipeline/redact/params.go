package redact

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

func (r Redactor) params(h *hit.Hit) Found {
	if len(h.Params) == 0 {
		h.Params = nil
		return 0
	}
	if r.leaves(h) {
		return 0
	}
	r.place.spaced = true
	var found Found
	var foundToken string
	kept := make(map[string]string, len(h.Params))
	// In order of names, so that of two that become equal the same one stays.
	for _, name := range slices.Sorted(maps.Keys(h.Params)) {
		value := h.Params[name]
		if IsSecureParam(name) {
			if sent := strings.TrimSpace(value); sent != "" {
				found |= FoundToken
				if h.TokenDigest.IsZero() {
					h.TokenDigest = token.DigestOf(sent)
				}
			}
			continue
		}
		cleanName, inName, first := name, Found(0), ""
		qualifier := h.Qualifier(name)
		switch {
		case hit.KnownParam(name): // ours, and no secret of anybody's
		case qualifier != hit.NoQualifier:
			cleanName = qualifier.KeptName(name, func(text string) string {
				text, inName, first = r.text(text, math.MaxInt)
				foundToken = cmp.Or(foundToken, first)
				return text
			})
		default:
			cleanName, inName, first = r.text(name, hit.MaxNameBytes)
			foundToken = cmp.Or(foundToken, first)
			cleanName = hit.Cut(cleanName, hit.MaxNameBytes)
		}
		cleanValue, inValue, first := r.value(h, name, value)
		foundToken = cmp.Or(foundToken, first)
		found |= inName | inValue
		switch before, taken := kept[cleanName]; {
		case !taken:
			kept[cleanName] = cleanValue
		case qualifier != hit.NoQualifier:
			kept[cleanName] = hit.JoinKeptQualifiers(before, cleanValue)
		}
	}
	if h.TokenDigest.IsZero() && foundToken != "" {
		h.TokenDigest = token.DigestOf(foundToken)
	}
	h.Params = kept
	return found
}

// leaves is the fast path of params: it reports whether no parameter holds
// anything that is to be taken out, hashed or cut.
func (r Redactor) leaves(h *hit.Hit) bool {
	if r.IsToken != nil {
		return false
	}
	for name, value := range h.Params {
		if !hit.KnownParam(name) || name == hit.ParamSecure || name == hit.ParamUserEmail || len(value) > r.valueLimit() ||
			!hit.IsKeptAsIs(value) || !isOrdinary(value) {
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
func (r Redactor) value(h *hit.Hit, name, value string) (kept string, found Found, first string) {
	named := kindOfValue(h, name, value)
	if named&FoundToken != 0 {
		return hit.TokenMark, FoundToken, strings.TrimSpace(value)
	}
	limit := r.valueLimit()
	if h.Decides(name) {
		limit = math.MaxInt
	}
	r.place.digest = hit.KeepsDigest(name)
	clean, found, first := r.text(value, limit)
	if named != 0 {
		return place{}.mark(found|named, value), found | named, first
	}
	if name == hit.ParamUserEmail {
		clean = emailParam(value, found)
	}
	return h.KeepValue(name, value, clean, r.valueLimit()), found, first
}

// kindOfValue returns the kind of the secret that a value is by the name of its
// parameter, see kindOfParam. A qualifier such as event_token is a word about the
// conversion, and no secret.
func kindOfValue(h *hit.Hit, name, value string) Found {
	if hit.KnownParam(name) || strings.TrimSpace(value) == "" {
		return 0
	}
	kind := kindOfParam(name)
	switch qualifier := h.Qualifier(name); {
	case qualifier == hit.DenialQualifier: // the door keeps only words of the vocabulary or a number
		return 0
	case kind == FoundSecret && qualifier != hit.NoQualifier:
		return 0
	}
	return kind
}
