package cli

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// id is a receipt or a transaction_id in any accepted spelling: 32 hex digits
// in either case, with dashes or without.
type id struct{ uuid.UUID }

// UnmarshalText reads an id; whether it is known or genuine it cannot tell.
func (i *id) UnmarshalText(text []byte) error {
	digits := strings.ReplaceAll(strings.TrimSpace(string(text)), "-", "")
	if len(digits) != 2*len(i.UUID) {
		return fmt.Errorf("%q is not an id: a transaction_id has 32 hex digits, and so has a receipt, with dashes", text)
	}
	if _, err := hex.Decode(i.UUID[:], []byte(digits)); err != nil {
		return fmt.Errorf("%q is not an id: it holds something else than hex digits and dashes", text)
	}
	return nil
}
