package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"integr8/pipeline/hit"
)

// assignedAt reads the value that the = or : at i assigns to the name of a secret,
// be it in a query or in JSON. The value ends at a delimiter that is escaped
// no deeper than the = is: in ?secure=a%26b the token is a&b. A value in quotes, and a
// list or an object of JSON, is a value as a whole. Behind the name of a scheme, as in
// Authorization: Bearer abc, the next word is the secret.
func (v view) assignedAt(i, low int) secret {
	kind := v.namedAt(i, low)
	if kind == 0 {
		return secret{}
	}
	start := i + 1
	for start < len(v.text) && afterAssign.has(v.text[start]) {
		start++
	}
	opener := v.openerIn(i+1, start)
	if opener >= 0 && !v.isQuote(opener) {
		if to := v.bracketEnd(opener); to > start {
			return secret{start, to, kind}
		}
		opener = v.quoteIn(opener, start)
	}
	to, quoted := v.wordEnd(start, i), false
	if opener >= 0 {
		if end := v.quoteEnd(opener); end >= start { // otherwise the quotes hold nothing
			to, quoted = max(to, end), true
		}
	}
	if before := v.text[start-1 : to]; before == hit.TokenMark || before == hit.SecretMark {
		return secret{} // it was taken out before
	}
	if !quoted && isScheme(v.text[start:to]) {
		to = v.secondWordEnd(to, i)
	}
	return secret{start, to, kind}
}

// wordEnd returns where the value that begins at start ends, if it is one word: at a
// delimiter that is escaped no deeper than the sign at i.
func (v view) wordEnd(start, i int) int {
	for start < len(v.text) && (!endsAssigned.has(v.text[start]) || v.width(start) > v.width(i)) {
		start++
	}
	return start
}

// namedAt returns the kind of the secret whose name stands before i, also in quotes,
// as x[secure], secure[] or secure[0]; 0 where none does.
func (v view) namedAt(i, low int) Found {
	end := i
	for end > low && beforeAssign.has(v.text[end-1]) {
		end--
	}
	if kind := v.nameBefore(end, low); kind != 0 || end == i {
		return kind
	}
	since := max(low, i-maxIndexBytes)
	bracket := strings.LastIndexByte(v.text[since:i], '[')
	if bracket < 0 {
		return 0
	}
	return v.nameBefore(since+bracket, low)
}

// nameBefore returns the kind of the secret whose name ends before end and does not
// begin before low; 0 where there is none.
func (v view) nameBefore(end, low int) Found {
	if !mayEndName(v.text[:end]) {
		return 0
	}
	from := end - len(hit.ParamSecure)
	if from >= low && strings.EqualFold(v.text[from:end], hit.ParamSecure) && v.beginsWord(from) {
		return FoundToken
	}
	for from = end; from > low && end-from < maxSecretName && (isWordByte(v.text[from-1]) || v.text[from-1] == '-'); {
		from--
	}
	return kindOfName(v.text[from:end])
}

// maxIndexBytes is how far the index of a list is looked for, as in secure[0].
const maxIndexBytes = 16

// beginsWord reports whether no letter or digit stands before from.
func (v view) beginsWord(from int) bool {
	if from == 0 || v.text[from-1] < utf8.RuneSelf {
		return from == 0 || !isWordByte(v.text[from-1])
	}
	before, _ := utf8.DecodeLastRuneInString(v.text[:from])
	return !unicode.IsLetter(before) && !unicode.IsDigit(before)
}
