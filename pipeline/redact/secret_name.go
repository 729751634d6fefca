package redact

import (
	"strings"
	"unicode"

	"integr8/pipeline/ascii"
	"integr8/pipeline/hit"
)

// IsSecureParam reports whether a parameter's name is secure, in any letter
// case, escaped, with white space or invisible characters around it, as a list,
// or after the rest of an & that was written for HTML: it carries the secure
// token and is never recorded.
func IsSecureParam(name string) bool {
	if len(name) < len(hit.ParamSecure) {
		return false
	}
	if ascii.IsWord(name) {
		return strings.EqualFold(name, hit.ParamSecure)
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
	return strings.EqualFold(name, hit.ParamSecure)
}

// kindOfParam returns the kind of the secret that a parameter's name says its value
// is: by the name as a whole, or by a word of it as in x[secure], a;secure or
// data.api_key. It is 0 for any other name. A token under such a name is not the
// request's own.
func kindOfParam(name string) Found {
	if ascii.IsWord(name) {
		return kindOfName(name)
	}
	name = decodeView(name).text
	kind, thing := kindOfName(name)&FoundToken, false
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool {
		return r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		if !thing || !strings.EqualFold(word, "token") { // cart[token] is the cart's
			kind |= kindOfName(word)
		}
		for part := range strings.SplitSeq(word, "-") { // x-secure
			kind |= kindOfName(part) & FoundToken
		}
		thing = isThing(strings.ToLower(word))
	}
	return kind
}

// maxSecretName is longer than any name of secretNames with its dashes. Of a longer
// name the end counts.
const maxSecretName = 24

// kindOfName returns the kind of the secret that a word names. FoundToken is for
// secure and the other names that senders use for the secure token: _secure,
// secure_token, secureKey. FoundSecret is for the names of other secrets: token,
// api_key, client-secret, userPassword. The token of a thing, such as order_token and
// cart_token, is an id in shop systems and no secret; is_secure is none either.
func kindOfName(word string) Found {
	if !mayEndName(word) {
		return 0
	}
	word = word[max(0, len(word)-maxSecretName):]
	var buffer [maxSecretName]byte
	folded := buffer[:0]
	for i := range len(word) {
		if b := word[i]; b != '_' && b != '-' {
			folded = append(folded, b|0x20)
		}
	}
	switch string(folded) {
	case hit.ParamSecure, "securetoken", "tokensecure", "securekey", "securecode", "securehash", "securesecret", "securitytoken",
		"securepostback", "securepostbacktoken":
		return FoundToken
	case "auth", "xauth", "oauth", "basicauth", "httpauth", "pass", "userpass", "pwd", "userpwd", "bearer", "credential", "credentials",
		"pan", "cvv", "cvv2", "cvc", "cvc2", "cardcvv", "cardcvc", "jwt", "idjwt", "hmac", "xhmac":
		return FoundSecret
	}
	name := string(folded)
	for _, end := range [...]string{"secret", "apikey", "accesskey", "secretkey", "privatekey", "authkey", "password", "passwd", "passphrase", "passcode", "authorization",
		"signature", "hmacsha256", "cardnumber", "securitycode"} {
		if strings.HasSuffix(name, end) {
			return FoundSecret
		}
	}
	if thing, found := strings.CutSuffix(name, "token"); found && !isThing(thing) {
		return FoundSecret
	}
	return 0
}

// things are what has a token that is an id: order_token, cartToken.
var things = [...]string{"order", "cart", "checkout", "basket", "invoice", "purchase", "payment", "transaction", "conversion", "click", "impression", "event", "goal",
	"sale", "lead", "visit", "visitor", "device", "push", "page", "item", "product", "captcha"}

// isThing reports whether a name in lower case ends as one of things.
func isThing(name string) bool {
	for _, thing := range things {
		if strings.HasSuffix(name, thing) {
			return true
		}
	}
	return false
}

// mayEndName is the fast path of kindOfName: it looks at the last two letters, and
// reports false for what ends like no name of a secret.
func mayEndName(text string) bool {
	n := len(text)
	if n < len("pwd") {
		return false
	}
	last := text[n-1]
	if last == '_' || last == '-' {
		return true // as in __secure__
	}
	switch uint16(text[n-2]|0x20)<<8 | uint16(last|0x20) {
	case 'r'<<8 | 'e', 'e'<<8 | 'n', 'e'<<8 | 'y', 'e'<<8 | 't', 't'<<8 | 'h', 'r'<<8 | 'd', 'w'<<8 | 'd', 's'<<8 | 's', // secure, token, key, secret, auth, password, pwd, pass
		'v'<<8 | 'v', 'v'<<8 | '2', 'v'<<8 | 'c', 'c'<<8 | '2', 'a'<<8 | 'n', 'w'<<8 | 't', 'a'<<8 | 'c', '5'<<8 | '6', // cvv, cvv2, cvc, cvc2, pan, jwt, hmac, hmac_sha256
		'o'<<8 | 'n', 's'<<8 | 'e', 'd'<<8 | 'e', 's'<<8 | 'h', 'c'<<8 | 'k', 'e'<<8 | 'r', 'a'<<8 | 'l', 'l'<<8 | 's':
		return true
	}
	return false
}
