package cli

import "integr8/handlers/operate/report"

// breakdown is what a report has a line for, as an operator writes it.
type breakdown report.By

// UnmarshalText refuses dimensions that there are none of.
func (b *breakdown) UnmarshalText(text []byte) error {
	*b = breakdown(text)
	return report.By(*b).Check()
}

// choices are the dimensions, of which two can be joined by a comma.
func (breakdown) choices() []string {
	var all []string
	for _, dimension := range report.Dimensions() {
		all = append(all, string(dimension))
	}
	return all
}
