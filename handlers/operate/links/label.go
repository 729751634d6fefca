package links

import (
	"slices"
	"strings"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/link"
	"integr8/pipeline/token"
)

// Label is a text of the publisher's that a tracking link carries.
type Label struct{ Name, Value string }

// LabelNames returns the names of all labels, the sub_ids first.
func LabelNames() []string {
	names := link.KnownMacros(link.FromLink)
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	return names
}

func rank(name string) int {
	if strings.HasPrefix(name, "sub_id") {
		return 0
	}
	return 1
}

// CheckLabels refuses labels with a secure token in them: everybody can read a tracking
// link. The error does not repeat the token, and matches reference.ErrInvalid.
func CheckLabels(labels []Label) error {
	for _, label := range labels {
		if strings.Contains(strings.ToLower(label.Value), token.Mark+"_") {
			return reference.Refuse(reference.ErrInvalid, "%s has a secure token in it, and everybody can read a tracking link", label.Name)
		}
	}
	return nil
}
