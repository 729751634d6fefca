package hit

import "strings"

// The marks that stand in a record in the place of secrets. Those that end in a
// colon are followed by the SHA-256 of the secret, in hex, and a closing bracket.
const (
	// TokenMark stands where a secure token was, and SecretMark where a value was
	// whose name says that it is a secret.
	TokenMark  = "[token]"
	SecretMark = "[secret]"
	// TokenDigestMark and SecretDigestMark stand for them where KeepsDigest, and
	// EmailMark wherever an e-mail address was.
	TokenDigestMark  = "[token sha256:"
	SecretDigestMark = "[secret sha256:"
	EmailMark        = "[email sha256:"
)

// KeepsDigest reports whether a secret in the value of a parameter is recorded with
// its digest. The value is an id that matches or dedupes: by one mark for all
// secrets, two ids would become one, and the second order a duplicate of the first.
//
// The digest is that of the secret alone, without a key: the service secret is
// changed now and then, and under another key an order that is sent again would pay
// again. It shows no more than what the database holds anyway: of a token it
// is the very digest by which the token is looked up, which is as hard to guess as
// the token, and of an address the hash that user_email is kept as. Any other secret
// is as hard to find from its digest as it is to guess.
//
// It is no guarantee for an imported token within an id: only the directory knows it. An
// order whose id holds one, and that was sent both before a receiver knew the token and
// after, is recorded once with the token itself and once with its digest. These are two
// ids, so that the second one is no duplicate. A record without the token cannot be
// compared with one that has it, and the door cannot recognize a token that is not imported yet.
func KeepsDigest(name string) bool { return IsKey(name) || name == ParamTransactionID }

// holdsDigestMark reports whether a text holds the beginning of a mark with a digest.
func holdsDigestMark(text string) bool {
	return strings.Contains(text, " sha256:") &&
		(strings.Contains(text, TokenDigestMark) || strings.Contains(text, SecretDigestMark) || strings.Contains(text, EmailMark))
}
