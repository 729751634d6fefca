package redact

import (
	"slices"
	"strings"

	"integr8/pipeline/ascii"
	"integr8/pipeline/token"
)

// secret is a stretch of a view that must not be recorded.
type secret struct {
	from, to int
	kind     Found
}

// minTokenDigits is how many hex digits after i8t_ make a generated token: the
// beginning of a token that somebody cut off in copying is a secret as well.
const minTokenDigits = 8

// secrets finds the secrets that show by their form: addresses, generated tokens,
// and every value that is assigned to the name of a secret, or follows it in a path. It takes time linear in the
// text's length: each search goes outward from one telling byte, and never past the
// secret before.
func (v view) secrets() []secret {
	var found []secret
	done := 0 // where the last secret ended
	for i := 0; i < len(v.text); i++ {
		if !signs.has(v.text[i]) {
			continue
		}
		var s secret
		switch v.text[i] {
		case '@':
			var next int
			if s, next = v.addressAt(i, done); s.to == 0 {
				i = next - 1
			}
		case '_':
			s = v.tokenAt(i, done)
		case '/':
			s = v.segmentAt(i, done)
		case '=', ':':
			s = v.assignedAt(i, done)
			if s.to <= s.from && isQuotedAt(v.text, i) {
				s = v.addressAround(i, i+len(quotedAt), done)
			}
		}
		if s.to > s.from {
			found = append(found, s)
			done = s.to
			i = max(i, done-1)
		}
	}
	return found
}

// tokenAt reads the generated token whose underscore stands at i.
func (v view) tokenAt(i, low int) secret {
	from := i - len(token.Mark)
	if from < low || !strings.EqualFold(v.text[from:i], token.Mark) {
		return secret{}
	}
	to := i + 1
	for to < len(v.text) && ascii.IsHexDigit(v.text[to]) {
		to++
	}
	if to-i-1 < minTokenDigits {
		return secret{}
	}
	return secret{from, to, FoundToken}
}

// merge sorts secrets and joins those that overlap.
func merge(secrets []secret) []secret {
	slices.SortFunc(secrets, func(a, b secret) int { return a.from - b.from })
	joined := secrets[:1]
	for _, s := range secrets[1:] {
		last := &joined[len(joined)-1]
		if s.from < last.to {
			last.to = max(last.to, s.to)
			if last.kind |= s.kind; last.kind&FoundToken != 0 {
				last.kind &^= FoundSecret // what looked like any secret is the token
			}
			continue
		}
		joined = append(joined, s)
	}
	return joined
}
