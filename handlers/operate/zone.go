package operate

import (
	"errors"
	"time"
	_ "time/tzdata" // images and some machines have no zones
)

// ErrZone means that a text is the name of no time zone.
var ErrZone = errors.New("no time zone; write one as Europe/Berlin, or UTC")

// Zone returns the time zone with an IANA name. Local is none: it would mean another zone
// on each machine. The error is ErrZone.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || zone == time.Local {
		return nil, ErrZone
	}
	return zone, nil
}
