package attribution

import (
	"cmp"
	"slices"

	"integr8/pipeline/hit"
)

// QualifiersOf returns the qualifiers among a hit's parameters, sorted by name; none
// for a click, whose parameters are labels.
func QualifiersOf(h *hit.Hit) []Qualifier {
	if h.Kind == hit.Click {
		return nil
	}
	var qualifiers []Qualifier
	for name, value := range h.Params {
		if kind := hit.QualifierIn(name, value); kind != hit.NoQualifier {
			qualifiers = append(qualifiers, Qualifier{
				Name: name, Folded: hit.FoldQualifier(name), Kind: kind, Value: hit.Trim(value),
			})
		}
	}
	slices.SortFunc(qualifiers, func(a, b Qualifier) int { return cmp.Compare(a.Name, b.Name) })
	return qualifiers
}
