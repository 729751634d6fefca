package operate

import "slices"

// Includes reports whether what is own may do all that wanted may, where each of ascending
// may do what those before it may. What is not in ascending includes nothing and is
// included by nothing.
func Includes[Role comparable](ascending []Role, own, wanted Role) bool {
	least := slices.Index(ascending, wanted)
	return least >= 0 && slices.Index(ascending, own) >= least
}
