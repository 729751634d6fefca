package hit

import (
	"net/url"
	"regexp"
	"strings"
)

// A key is an id of the sender's own by which conversions are told apart. Unlike
// a transaction_id it may have any form, so that only a text which no shop gives
// to two of its orders on purpose is refused.

// keyMacro is a name in the marks that shops and trackers put around their
// macros: letters, then a digit or two at most, as in sub_id_6. An id in
// brackets, such as {3F2504E0-4F89-11D3}, or an order's #1001 is none.
var keyMacro = func() *regexp.Regexp {
	const name = `\s*[=%$@!?]*\s*[a-z][a-z _.:|'"-]*[0-9]{0,2}[\s)'"}?%]*`
	return regexp.MustCompile(`\{` + name + `\}|\[` + name + `\]|<` + name + `>|[$#]\(` + name + `\)` + // {{order.name}} ${id} [ORDER] <order> $(id)
		`|^(\$[a-z][a-z_.]*[0-9]{0,2}|%{1,2}` + name + `%{1,2}|#` + name + `#|\*\|?` + name + `\|?\*|__` + name + `__|~` + name + `~|\|` + name + `\||:` + name + `:)$` +
		`|^[$:@!%&#](order|transaction|trx|txn|click|ext|external)?_?(id|order|number)$`)
}()

// keyPlaceholder is a name of the parameter itself, or what a manual writes in
// its place, once everything but letters has been taken out of it.
var keyPlaceholder = func() *regexp.Regexp {
	const noun = `(order|transaction|trans|trx|txn|external|ext|unique|click|conversion|sale|lead|customer|session|affiliate|shop|reference|ref)`
	const thing = `(id|ids|identifier|number|macro|placeholder|token|value|here|order|reference)`
	return regexp.MustCompile(`^((replace|insert|enter|paste|put|fill|your|my|add|use)(me|this|in|it|with|the|your|my|a|an|real|actual)*` + noun + `*` + thing + `*(here)?|` +
		noun + `*(id|identifier|placeholder|macro)(here)?|` + noun + `+(number|reference)|x{3,})$`)
}()

// verbsAlone are words of keyPlaceholder that a shop may use as an id by
// themselves.
var verbsAlone = map[string]bool{"put": true, "fill": true, "my": true, "add": true, "use": true, "enter": true, "your": true}

// IsPlaceholderKey reports whether what was sent as the sender's own id is a
// macro that was never filled in, or the word that stood in its place, also
// percent-encoded once or twice more.
func IsPlaceholderKey(text string) bool {
	if len(text) > maxPlaceholderLength || text == "" {
		return false
	}
	if isPlainKey(text) {
		return false
	}
	text = strings.ToLower(Trim(text))
	for range 2 {
		decoded, err := url.PathUnescape(text)
		if err != nil {
			break
		}
		text = Trim(decoded)
	}
	if keyMacro.MatchString(text) {
		return true
	}
	letters := true
	core := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r
		case r == '_' || r == '-' || r == ' ' || r == '.':
			return -1
		}
		letters = false
		return -1
	}, text)
	return letters && !verbsAlone[core] && keyPlaceholder.MatchString(core)
}

// isPlainKey is the fast path: no macro is made of letters, dashes and a digit.
func isPlainKey(text string) bool {
	digit := false
	for i := range len(text) {
		switch b := text[i]; {
		case '0' <= b && b <= '9':
			digit = true
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', b == '-':
		default:
			return false
		}
	}
	return digit
}

// MeansNothing reports whether a text is what programs write where they have no
// value: null, undefined, 0, nothing but marks.
func MeansNothing(text string) bool {
	if len(text) > len("00000000-0000-0000-0000-000000000000")+2 {
		return false
	}
	zeros := true
	core := strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		case '0' <= r && r <= '9', 'a' <= r && r <= 'z', (r < ' ' || r > '~') && !isBlank(r):
		default:
			return -1
		}
		zeros = zeros && r == '0'
		return r
	}, text)
	if zeros {
		return text != "" // "-", "0", the UUID of zeros
	}
	switch core {
	case "null", "nil", "undefined", "none", "na", "nan", "empty", "notset", "unset", "unknown", "false", "void0":
		return true
	}
	return false
}
