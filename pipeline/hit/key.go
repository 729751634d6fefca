package hit

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A key is an id of the sender's own that distinguishes conversions. Unlike a
// transaction_id it may have any form, so that only a text is refused which no shop
// uses for two of its orders on purpose.

// IsKey reports whether the values of a parameter are keys.
func IsKey(name string) bool { return name == ParamOrderID || name == ParamExternalTransactionID }

// keyMacro is a name in the marks that shops and trackers put around their
// macros: letters, then a digit or two at most, as in sub_id_6. A bracket that was
// cut off at one end counts too. An id in brackets, such as {3F2504E0-4F89-11D3},
// or an order's #1001 is no macro.
var keyMacro = func() *regexp.Regexp {
	const name = `\s*[=%$@!?]*\s*[a-z][a-z _.:|'"-]*[0-9]{0,2}[\s)'"}?%]*`
	const bare = `\s*[a-z][a-z _.:-]*[0-9]{0,2}\s*`
	around := func(mark string) string { return mark + `+` + bare + mark + `+` }
	twice := func(mark string) string { // around the name, or twice on one side of it
		return around(mark) + `|` + mark + `{2}` + bare + `|` + bare + mark + `{2}`
	}
	return regexp.MustCompile(`\{` + name + `\}|\[` + name + `\]|<` + name + `>|[$#%@]\(` + name + `\)` + // {{order.name}} ${id} [ORDER] <order> $(id)
		`|\{` + bare + `$|^` + bare + `\}|^\[{2}` + bare + `$|^` + bare + `\]{2}$|^<[%<?]=?` + bare + `$|^` + bare + `[%>?]>$` +
		`|^(\$[a-z][a-z_.]*[0-9]{0,2}|%{1,2}` + name + `%{1,2}|#` + name + `#|\*\|?` + name + `\|?\*|__` + name + `__|~` + name + `~|\|` + name + `\||:` + name + `:` +
		`|` + twice(`@`) + `|` + twice(`!`) + `|` + twice(`%`) + `|` + twice(`\^`) + `|` + twice(`\$`) + `|` + around(`=`) + `|` + around(`\+`) + `|` + around(`\?`) + `)$` +
		`|^[$:@!%&#](order|transaction|trx|txn|click|ext|external)?_?(id|order|number)$`)
}()

// keyPlaceholder is a name of the parameter itself, or the words that a manual
// writes in its place, once everything but letters has been taken out of it.
var keyPlaceholder = func() *regexp.Regexp {
	const thing = `(id|ids|identifier|number|macro|placeholder|token|value|here|order|reference)`
	return regexp.MustCompile(`^((replace|insert|enter|paste|put|fill|your|my|add|use)(me|this|in|it|with|the|your|my|a|an|real|actual)*` + keyNouns + `*` + thing + `*(here)?|` +
		keyNouns + `*(id|identifier|placeholder|macro)(here)?|` + keyNouns + `+(number|reference)|x{3,})$`)
}()

// keyNouns are the words for what an id of the sender's own is about.
const keyNouns = `(order|transaction|trans|trx|txn|external|ext|unique|click|conversion|sale|lead|customer|session|affiliate|shop|reference|ref)`

// markedNoun is what an id would be the id of, once everything but letters has been
// taken out of a text that holds marks: (order), $order->id, "order_number". No two
// orders differ by it.
var markedNoun = regexp.MustCompile(`^(this|model|data|item|cart|checkout|basket|invoice|receipt|purchase|payment|` + keyNouns + `)*` +
	`(order|transaction|id|ids|identifier|number|num|no|nr|reference|ref|code|name|placeholder|macro)$`)

// keyMarks are the characters of macros: each macro holds one of them, or begins or
// ends with two underscores.
const keyMarks = "{}[]<>()%$#@!&*~|:^+=?/\\\"'`;"

// verbsAlone are words of keyPlaceholder that a shop may use as an id by
// themselves.
var verbsAlone = map[string]bool{"put": true, "fill": true, "my": true, "add": true, "use": true, "enter": true, "your": true}

// IsPlaceholderKey reports whether what was sent as the sender's own id is a
// macro that was never filled in, or the word that stood in its place, also
// percent-encoded or written as HTML once or twice more. Text with the digest that
// stands in a record for a secret is none.
func IsPlaceholderKey(text string) bool {
	if len(text) > maxPlaceholderLength || text == "" {
		return false
	}
	if isPlainKey(text) || holdsDigestMark(text) {
		return false
	}
	if IsRawMacro(text) {
		return true
	}
	text = strings.ToLower(Trim(text))
	for range 2 {
		decoded, err := url.PathUnescape(text)
		if err != nil {
			decoded = text
		}
		if strings.IndexByte(decoded, '&') >= 0 {
			decoded = html.UnescapeString(decoded)
		}
		text = Trim(decoded)
	}
	core, marked, lettered := keyCore(text)
	switch {
	case marked && keyMacro.MatchString(text):
		return true
	case !lettered || verbsAlone[core]:
		return false
	}
	return keyPlaceholder.MatchString(core) || marked && markedNoun.MatchString(core)
}

// keyCore returns the letters of a text in lower case. It reports whether the text
// holds marks of macros, and whether it holds nothing but letters, marks and blanks.
func keyCore(text string) (core string, marked, lettered bool) {
	marked = strings.HasPrefix(text, "__") || strings.HasSuffix(text, "__")
	lettered = true
	core = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r
		case r == '_' || r == '-' || r == ' ' || r == '.':
		case r < utf8.RuneSelf && strings.IndexByte(keyMarks, byte(r)) >= 0:
			marked = true
		default:
			lettered = false
		}
		return -1
	}, text)
	return core, marked, lettered
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
	core, short := wordCore(text)
	if !short || text == "" {
		return false
	}
	switch core {
	case "unknown", "false", "void0":
		return true
	}
	return strings.Trim(core, "0") == "" || meansNoValue(core) // "-", "0", the UUID of zeros
}

// SaysNothing reports whether an event, a status or a reversal has no value: it is
// empty, or a word for none such as null. What means nothing beside these, such as
// 0, false, unknown or a mark, is no id but says something of a status.
func SaysNothing(text string) bool {
	core, short := wordCore(text)
	return text == "" || short && meansNoValue(core)
}

func meansNoValue(core string) bool {
	switch core {
	case "null", "nil", "undefined", "none", "na", "nan", "empty", "notset", "unset":
		return true
	}
	return false
}

// wordCore returns a text in lower case without marks and blanks; false when it is
// longer than any word for nothing.
func wordCore(text string) (core string, short bool) {
	if len(text) > len("00000000-0000-0000-0000-000000000000")+2 {
		return "", false
	}
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case '0' <= r && r <= '9', 'a' <= r && r <= 'z', (r < ' ' || r > '~') && !isBlank(r) && !unicode.IsPunct(r) && r != '\u2212': // minus sign
			return r
		}
		return -1
	}, text), true
}
