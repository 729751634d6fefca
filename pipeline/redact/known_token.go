package redact

import "strings"

// MinImportedToken is the length in bytes of the shortest imported token that is
// found in a place where it does not belong; shorter tokens would be found in
// ordinary values. Under the name secure a token of any length is removed.
const MinImportedToken = 6

// knownTokens finds tokens that only the directory knows, because they were
// imported and have any form: as the whole text, or as a word of a URL, a JSON
// text or a sentence.
func (v view) knownTokens(isToken func(string) bool) []secret {
	var found []secret
	try := func(from, to int) bool {
		if to-from < MinImportedToken || !isToken(v.text[from:to]) {
			return false
		}
		found = append(found, secret{from, to, FoundToken})
		return true
	}
	v.tryWords(try)
	if v.place.spaced && strings.IndexByte(v.text, ' ') >= 0 {
		v.text = withPluses(v.text) // of the same length
		v.tryWords(try)
	}
	return found
}

// withPluses returns a text as it was before each + of it was read as a blank, as
// in a form: a token may hold one.
func withPluses(text string) string { return strings.ReplaceAll(text, " ", "+") }

// tryWords tries each word and its parts. A percent sign that begins no escape is a
// delimiter, and so may be the two characters after it.
func (v view) tryWords(try func(from, to int) bool) {
	for from := 0; from < len(v.text); {
		to := from
		for to < len(v.text) && !delimiters.has(v.text[to]) {
			to++
		}
		if to-from >= MinImportedToken && !v.tryWord(from, to, try) && from > 0 && v.text[from-1] == '%' {
			for after := from + 1; after <= from+2; after++ {
				if v.tryWord(after, to, try) {
					break
				}
			}
		}
		from = to + 1
	}
}

func (v view) tryWord(from, to int, try func(from, to int) bool) bool {
	return try(from, to) || v.tryInside(from, to, try) || v.tryParts(from, to, try)
}

// tryInside tries a word without the marks of a sentence around it, those behind
// it alone first.
func (v view) tryInside(from, to int, try func(from, to int) bool) bool {
	end, start := to, from
	for end > from && partEdges.has(v.text[end-1]) {
		end--
	}
	for start < end && partEdges.has(v.text[start]) {
		start++
	}
	return end < to && try(from, end) || start > from && (try(start, to) || end < to && try(start, end))
}

// tryParts tries the parts of a word: all that follows its first equals sign, where
// a token may hold anything, or else each part between the marks of a URL, between
// those of a sentence, and between both.
func (v view) tryParts(from, to int, try func(from, to int) bool) (found bool) {
	if equals := strings.IndexByte(v.text[from:to], '='); equals >= 0 && try(from+equals+1, to) {
		return true
	}
	var present uint8
	for at := from; at < to; at++ {
		present |= partingsOf[v.text[at]]
	}
	for i, marks := range partings {
		if present&(1<<i) == 0 {
			continue
		}
		for at := from; at < to && !found; {
			end := at
			for end < to && !marks.has(v.text[end]) {
				end++
			}
			if end-at < to-from && (try(at, end) || v.tryInside(at, end, try)) {
				found = true
			}
			at = end + 1
		}
	}
	return found
}

// isWhollyToken finds a token that holds delimiters, which no search word by
// word can find.
func (r Redactor) isWhollyToken(v view) (whole string, ok bool) {
	if whole, ok = r.isWhole(v.source); !ok && v.starts != nil {
		whole, ok = r.isWhole(v.text)
	}
	if !ok && r.place.spaced && strings.IndexByte(v.text, ' ') >= 0 {
		if whole, ok = r.isWhole(withPluses(strings.TrimSpace(v.source))); !ok {
			whole, ok = r.isWhole(withPluses(strings.TrimSpace(v.text)))
		}
	}
	return whole, ok
}

func (r Redactor) isWhole(text string) (string, bool) {
	for i := range len(text) {
		if delimiters.has(text[i]) {
			text = strings.TrimSpace(text)
			return text, r.IsToken(text)
		}
	}
	return "", false
}
