package handlers

import (
	"cmp"
	"slices"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// Claims returns what a hit's parameters say of its conversion, by name; none for
// a click, whose parameters are labels.
func Claims(h *hit.Hit) []attribution.Claim {
	if h.Kind == hit.Click {
		return nil
	}
	var claims []attribution.Claim
	for name, value := range h.Params {
		if kind := hit.ClaimOf(name); kind != hit.NoClaim {
			claims = append(claims, attribution.Claim{
				Name: name, Folded: hit.FoldClaim(name), Kind: attribution.ClaimKind(kind), Value: hit.Trim(value),
			})
		}
	}
	slices.SortFunc(claims, func(a, b attribution.Claim) int { return cmp.Compare(a.Name, b.Name) })
	return claims
}
