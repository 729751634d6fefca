package token

import (
	"encoding/hex"
	"fmt"
	"strings"

	"integr8/pipeline/ascii"
)

// Token derives the secure token of an account (offer 0: its global token)
// for a generation, which begins at 1 and grows with each token of the same
// scope. The newest service secret signs it. It can be derived again at any
// time, so that only its digest need be stored.
func (k Keys) Token(account, offer, generation int64) string {
	return k.TokenFor("", account, offer, generation)
}

// TokenFor derives the token for one way in: postback, pixel or clickless. With
// an empty purpose it is Token. The generations of each purpose are counted by
// themselves.
func (k Keys) TokenFor(purpose string, account, offer, generation int64) string {
	return deriveToken(k.secrets[0], purpose, account, offer, generation)
}

// RecoverToken derives the token under each of the service secrets, the older
// ones too, and returns the one that has the digest; false when none has it.
func (k Keys) RecoverToken(purpose string, account, offer, generation int64, digest Digest) (string, bool) {
	for _, secret := range k.secrets {
		if token := deriveToken(secret, purpose, account, offer, generation); DigestOf(token) == digest {
			return token, true
		}
	}
	return "", false
}

// The form of a generated token: Mark, an underscore, and 40 hex digits.
const (
	// Mark begins every generated token.
	Mark            = "i8t"
	generatedPrefix = Mark + "_"
	generatedDigits = 40
)

// IsGenerated reports whether a text has the form of a generated token, in any
// letter case. It says nothing of whose token it is.
func IsGenerated(text string) bool {
	digits, found := strings.CutPrefix(strings.ToLower(text), generatedPrefix)
	return found && len(digits) == generatedDigits && ascii.IsHex(digits)
}

func deriveToken(secret serviceSecret, purpose string, account, offer, generation int64) string {
	scope := "global"
	if offer != 0 {
		scope = fmt.Sprintf("offer %d", offer)
	}
	message := fmt.Appendf(nil, "integr8 secure token\naccount %d\n%s\ngeneration %d", account, scope, generation)
	if purpose != "" { // a token without a purpose stays as it was before there were purposes
		message = fmt.Appendf(message, "\nfor %s", purpose)
	}
	return generatedPrefix + hex.EncodeToString(secret.sign(message)[:generatedDigits/2])
}
