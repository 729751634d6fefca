package reference

import (
	"encoding/json"
	"log/slog"

	"integr8/pipeline/token"
)

// Secret is a token as somebody sent it. It is never written as it is: JSON holds its
// SHA-256, and every other text hides it.
type Secret string

// String hides the secret.
func (s Secret) String() string { return "(secret)" }

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON writes the SHA-256 of the secret.
func (s Secret) MarshalJSON() ([]byte, error) {
	digest := token.DigestOf(string(s))
	return json.Marshal(digest[:])
}
