package hit

import "strings"

// MinImportedToken is the shortest imported token, in bytes, that is told in
// a place where it does not belong; shorter ones would be found in ordinary
// values. Under the name secure a token of any length is removed.
const MinImportedToken = 6

// knownTokens finds tokens that only the directory can tell, because they
// were imported and have any shape: as the whole text, or as a word of a URL,
// a JSON text or a sentence.
func (v view) knownTokens(isToken func(string) bool) []secret {
	var found []secret
	try := func(from, to int) bool {
		if to-from < MinImportedToken || !isToken(v.text[from:to]) {
			return false
		}
		found = append(found, secret{from, to, FoundToken})
		return true
	}
	for from := 0; from < len(v.text); {
		to := from
		for to < len(v.text) && !delimiters.has(v.text[to]) {
			to++
		}
		if to-from >= MinImportedToken && !try(from, to) {
			v.tryParts(from, to, try)
		}
		from = to + 1
	}
	return found
}

// tryParts tries what a word of the view is made of: what follows its first
// equals sign, where a token may hold anything, or else each part between the
// marks of a URL.
func (v view) tryParts(from, to int, try func(from, to int) bool) {
	if equals := strings.IndexByte(v.text[from:to], '='); equals >= 0 && try(from+equals+1, to) {
		return
	}
	for at := from; at < to; {
		end := at
		for end < to && !partMarks.has(v.text[end]) {
			end++
		}
		if end-at < to-from {
			try(at, end)
		}
		at = end + 1
	}
}

// isWhollyToken finds a token that holds delimiters, which no search word by
// word can find.
func (r Redactor) isWhollyToken(text string) bool {
	for i := range len(text) {
		if delimiters.has(text[i]) {
			return r.IsToken(strings.TrimSpace(text))
		}
	}
	return false
}
