package cli

import (
	"fmt"
	"time"
	_ "time/tzdata" // images and some machines have no zones
)

// zone is a time zone by its IANA name; the zero zone is UTC.
type zone struct{ location *time.Location }

// UnmarshalText reads the name of a zone. Local is none: it would mean another zone on
// each machine.
func (z *zone) UnmarshalText(text []byte) error {
	location, err := time.LoadLocation(string(text))
	if err != nil || len(text) == 0 || location == time.Local {
		return fmt.Errorf("%q is no time zone; write one as Europe/Berlin, or UTC", text)
	}
	if location != time.UTC {
		z.location = location
	}
	return nil
}
