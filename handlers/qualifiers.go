package handlers

import (
	"cmp"
	"slices"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// Qualifiers returns what a hit's parameters say of its conversion, by name; none for
// a click, whose parameters are labels.
func Qualifiers(h *hit.Hit) []attribution.Qualifier {
	if h.Kind == hit.Click {
		return nil
	}
	var qualifiers []attribution.Qualifier
	for name, value := range h.Params {
		if kind := hit.QualifierOf(name); kind != hit.NoQualifier {
			qualifiers = append(qualifiers, attribution.Qualifier{
				Name: name, Folded: hit.FoldQualifier(name), Kind: attribution.QualifierKind(kind), Value: hit.Trim(value),
			})
		}
	}
	slices.SortFunc(qualifiers, func(a, b attribution.Qualifier) int { return cmp.Compare(a.Name, b.Name) })
	return qualifiers
}
