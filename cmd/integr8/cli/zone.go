package cli

import (
	"fmt"

	"integr8/handlers/operate"
)

// zone is the IANA name of a time zone; empty where none is given.
type zone struct{ name string }

// UnmarshalText reads the name of a zone.
func (z *zone) UnmarshalText(text []byte) error {
	if _, err := operate.Zone(string(text)); err != nil {
		return fmt.Errorf("%q is %w", text, err)
	}
	z.name = string(text)
	return nil
}
