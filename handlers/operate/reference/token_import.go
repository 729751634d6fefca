package reference

import (
	"fmt"
	"strings"

	"integr8/pipeline/hit"
	"integr8/pipeline/redact"
)

// minImportedToken is the length of the shortest token that can still be recognised in
// the wrong place, and that cannot be guessed in an afternoon.
const minImportedToken = 8

// checkImported refuses a text that is no token, also with Force.
func checkImported(secure string) error {
	switch {
	case len(secure) < minImportedToken:
		return Refuse(ErrInvalid, "the token has fewer than %d characters: too few for a secret, also with `--force`", minImportedToken)
	case len(secure) > redact.DefaultMaxValueBytes:
		return Refuse(ErrInvalid, "the token is longer than %d bytes", redact.DefaultMaxValueBytes)
	case strings.ContainsFunc(secure, func(r rune) bool { return r <= ' ' || r > '~' }):
		return Refuse(ErrInvalid, "the token holds a space, a second line or a character outside ASCII")
	case hit.IsPlaceholder(secure), hit.IsPlaceholderKey(secure):
		// A tester who does not replace the macro could send hits for the account.
		return Refuse(ErrInvalid, "the token is a placeholder that was never filled in, also with `--force`")
	}
	return nil
}

// checkStrength refuses a token that can be guessed. The error reveals only the
// estimate.
func checkStrength(secure string) error {
	if bits := guessingBits(secure); bits < minGuessingBits {
		return Refuse(ErrInvalid, "the token can be guessed: it is worth about %.0f bits of guessing, and %d are wanted", bits, minGuessingBits)
	}
	return nil
}

// CreateTokenCommand returns the command, in backticks, that makes a token for the same offers and way
// in.
func CreateTokenCommand(account, offer int64, purpose hit.Kind) string {
	var scope string
	if offer != 0 {
		scope += fmt.Sprintf(" --offer %d", offer)
	}
	if purpose != "" {
		scope += fmt.Sprintf(" --for %s", purpose)
	}
	return fmt.Sprintf("`integr8 token create --account %d%s`", account, scope)
}
