package operate

import (
	"errors"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // images and some machines have no zones
)

// ErrZone means that a text is the name of no time zone.
var ErrZone = errors.New("no time zone; write one as Europe/Berlin, or UTC")

// Zone returns the time zone with an IANA name. Local is none, nor is what else only some
// machines know, or each in its own way: Postgres takes a name such as CET for an
// abbreviation, without summer time. The error is ErrZone.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || zone == time.Local || ofMachine(name) || slices.Contains(abbreviations, name) {
		return nil, ErrZone
	}
	return zone, nil
}

// abbreviations are names of zones that are abbreviations as well:
// https://www.postgresql.org/docs/current/datetime-config-files.html
var abbreviations = []string{"CET", "EET", "MET", "WET"}

// ofMachine reports whether a name is that of a file that some systems keep beside the zones:
// their own zone, or zones with leap seconds.
func ofMachine(name string) bool {
	directory, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"localtime", "posixrules", "posix", "right"}, directory)
}
