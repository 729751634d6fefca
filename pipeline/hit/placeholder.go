package hit

import (
	"net/url"
	"regexp"
	"strings"

	"integr8/pipeline/ascii"
	"integr8/pipeline/token"
)

// unfilledMacro is a name in the brackets or between the marks that tracking
// systems put around their macros.
var unfilledMacro = regexp.MustCompile(
	`\{[^{}]*\}|\[[^\[\]]*\]|<[^<>]*>|\([^()]*\)` + // {clickid} {{clickid}} ${clickid} [clickid] <clickid>
		`|^[$:@&!][a-z]|^#[^#]+#?$|^(%[^%]+%|\*.+\*|__.+__|~.+~|\|.+\|)$`) // $clickid :clickid #clickid# %clickid%

// placeholderWord is what people and programs write where no id was filled
// in, once everything but letters and digits has been taken out of it.
var placeholderWord = regexp.MustCompile(`^(` +
	`(replace|insert|enter|paste|your|put|add)[a-z]*` + // REPLACE_ME, your-click-id
	`|(my|the)?(click|clk|cl|transaction|trans|trx|txn|tx|unique|tracking|conversion|sub|aff|external|session|[ct])?` +
	`(id|identifier|token|macro|value)(here|value|macro)?` + // click_id, transaction_id, tid
	`|click|transaction|placeholder` +
	`|null|nil|undefined|none|nan|na|empty|blank|unknown|notset|notfound|missing|true|false|object|objectobject` +
	`|(test|testing|tester|demo|sample|example|debug|dummy|foo|bar|foobar|asdf|tbd|todo)(click|transaction)?(id)?[0-9]{0,6}` +
	`|x+)$`)

// rawMacro is a macro between percent signs, also several in a row. One percent sign
// before two hexadecimal digits alone is an escape.
var rawMacro = regexp.MustCompile(`^(%%?[A-Za-z][A-Za-z0-9_ .:|+-]*%%?)+$`)

// rawMacroBegun is one that was cut off behind its name.
var rawMacroBegun = regexp.MustCompile(`^%%[A-Za-z][A-Za-z_ .:|+-]*$`)

// IsRawMacro reports whether the raw value of a parameter, in which percent-encoding
// is broken, is a macro between percent signs that was never filled in, such as
// %%ID%%, %DEAL% or %%ORDER: what looks like an escape in it is none.
func IsRawMacro(raw string) bool {
	if len(raw) > maxPlaceholderLength || !strings.HasPrefix(raw, "%") {
		return false
	}
	if !strings.HasSuffix(raw, "%") {
		return rawMacroBegun.MatchString(raw)
	}
	return !(len(raw) == len("%E9%") && ascii.IsHex(raw[1:3])) && rawMacro.MatchString(raw)
}

// maxPlaceholderLength is longer than any placeholder in use.
const maxPlaceholderLength = 128

// IsPlaceholder reports whether the text sent as a transaction_id is a macro
// that was never filled in, or a word that stands for "nothing here", in any
// letter case and also percent-encoded once or twice more. Text of nothing
// but punctuation is one too. It is never true for text that has the digits
// of a transaction_id, or with the digest that stands in a record for a secret.
func IsPlaceholder(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" || len(text) > maxPlaceholderLength || holdsDigestMark(text) {
		return false
	}
	for range 2 {
		decoded, err := url.PathUnescape(text)
		if err != nil {
			break
		}
		text = strings.TrimSpace(decoded)
	}
	core := strings.Map(onlyAlphanumeric, text)
	if len(core) == 2*len(token.TransactionID{}) && ascii.IsHex(core) {
		return false // an id in brackets is malformed, not unfilled
	}
	return core == "" || placeholderWord.MatchString(core) || unfilledMacro.MatchString(text) || IsRawMacro(text)
}

func onlyAlphanumeric(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}
