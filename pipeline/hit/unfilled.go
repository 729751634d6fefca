package hit

import (
	"net/url"
	"regexp"
	"strings"

	"integr8/pipeline/ascii"
	"integr8/pipeline/token"
)

// labelMacros is a text of nothing but unfilled macros. One that is partly
// filled, or holds a bracket, is a label.
var labelMacros = func() *regexp.Regexp {
	const name = `\s*[=%$@!?]*\s*[a-z][a-z0-9 _.:|'"-]*[\s)'"}?%]*`
	const gap = `[\s_./|,;:~+-]*`
	return regexp.MustCompile(`^(` + gap + `([$#]?\{+` + name + `\}+|\[+[a-z][a-z0-9 _.-]*\]+|<[a-z][a-z0-9 _.-]*>|[$#]\(` + name + `\)` +
		`|%{1,2}[a-z][a-z0-9 _.-]*%{1,2}|#[a-z][a-z0-9 _.-]*#|\*\|?[a-z][a-z0-9 _.-]*\|?\*|__[a-z][a-z0-9 .-]*[a-z0-9_ .-]*__))+` + gap + `$`)
}()

// macroMarks holds the characters that surround macros: each macro has one of them.
const macroMarks = "{[<(%#*"

// labelWord is a word that manuals and the command token show write in the place of
// a value.
var labelWord = regexp.MustCompile(`^(replace|insert|enter|paste|fill|your)[ _-]?(me|this|in|it|with|the|your|my|a|an|actual|real)?[ _-]?` +
	`(sub|aff|affiliate|publisher|source|site|device|click|user|agent|session|conversion|ip|time|order|transaction|external|unique)?[ _-]*` +
	`(sub|transaction|agent|ip|time)?[ _-]*(id|ids|value|number|macro|here|identifier|placeholder)?[0-9]?[ _-]*(here)?$`)

// IsUnfilled reports whether the value of a bystander of the contract is a
// placeholder that was never filled in: a macro in its brackets, the word REPLACE
// and its like, or the parameter's own name; also percent-encoded once or twice
// more. An amount never is: the rules reject an unreadable amount where it pays.
func IsUnfilled(name, text string) bool {
	if text == "" || len(text) > maxPlaceholderLength || !KnownParam(name) || KeepsEveryValue(name) {
		return false
	}
	if strings.EqualFold(text, name) {
		return true
	}
	marked := strings.HasPrefix(text, "__") || strings.ContainsAny(text, macroMarks)
	if !marked && !beginsLabelWord(text) {
		return false
	}
	text = strings.ToLower(text)
	for range 2 {
		decoded, err := url.PathUnescape(text)
		if err != nil {
			break
		}
		text = Trim(decoded)
	}
	return labelWord.MatchString(text) && text != "your" && text != "enter" && text != "fill" || labelMacros.MatchString(text) && !isBracedUUID(text)
}

// beginsLabelWord is the fast path: nearly no label begins as a placeholder does.
func beginsLabelWord(text string) bool {
	switch text[0] | 0x20 {
	case 'r', 'i', 'e', 'p', 'f', 'y':
	default:
		return false
	}
	for _, word := range [...]string{"replace", "insert", "enter", "paste", "fill", "your"} {
		if len(text) >= len(word) && strings.EqualFold(text[:len(word)], word) {
			return true
		}
	}
	return false
}

// isBracedUUID reports whether a text is the id of a device, as Windows writes it,
// and no macro.
func isBracedUUID(text string) bool {
	digits := strings.ReplaceAll(strings.Trim(text, "{}[]<>"), "-", "")
	return len(digits) == 2*len(token.TransactionID{}) && ascii.IsHex(digits)
}
