package cli

import (
	"fmt"
	"time"

	"integr8/handlers/operate"
)

// zone is a time zone by its IANA name; the zero zone is UTC.
type zone struct{ location *time.Location }

// UnmarshalText reads the name of a zone.
func (z *zone) UnmarshalText(text []byte) error {
	location, err := operate.Zone(string(text))
	if err != nil {
		return fmt.Errorf("%q is %w", text, err)
	}
	if location != time.UTC {
		z.location = location
	}
	return nil
}
