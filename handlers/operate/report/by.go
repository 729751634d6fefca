package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// By is what a report has a line for: one dimension, or two with a comma between them,
// such as "day,publisher".
type By string

// The dimensions of a report. Days and hours are those of the filter's zone.
const (
	ByOffer      By = "offer"
	ByPublisher  By = "publisher"
	ByAdvertiser By = "advertiser"
	ByDay        By = "day"
	ByHour       By = "hour"
	// ByReason counts all hits, by outcome and reason.
	ByReason By = "reason"
	// BySubID is counted from rows, and so from a limited number of them.
	BySubID By = "sub_id"
)

// Dimensions are all dimensions.
func Dimensions() []By {
	return []By{ByOffer, ByPublisher, ByAdvertiser, ByDay, ByHour, ByReason, BySubID}
}

// besideSubID are the dimensions that can stand beside BySubID.
var besideSubID = []By{ByOffer, ByPublisher, ByDay}

// Dimensions returns the one or two dimensions of a By.
func (b By) Dimensions() []By {
	var all []By
	for one := range strings.SplitSeq(string(b), ",") {
		all = append(all, By(strings.TrimSpace(one)))
	}
	return all
}

// Has reports whether one of the dimensions is this one.
func (b By) Has(dimension By) bool { return slices.Contains(b.Dimensions(), dimension) }

// ErrBy matches the errors of Check.
var ErrBy = errors.New("no dimension of a report")

// wrongBy says what is wrong with a By.
type wrongBy string

func (w wrongBy) Error() string        { return string(w) }
func (w wrongBy) Is(target error) bool { return target == ErrBy }

// Check returns an error that says what is wrong with a By, and matches ErrBy.
func (b By) Check() error {
	if wrong := b.wrong(); wrong != "" {
		return wrongBy(wrong)
	}
	return nil
}

// wrong says what is wrong with a By; empty when nothing is.
func (b By) wrong() string {
	const most = 2
	all := b.Dimensions()
	for i, one := range all {
		switch {
		case !slices.Contains(Dimensions(), one):
			return fmt.Sprintf("%q is none of %s", one, list(Dimensions()))
		case slices.Contains(all[:i], one):
			return fmt.Sprintf("%s is named twice", one)
		case b.Has(BySubID) && one != BySubID && !slices.Contains(besideSubID, one):
			return fmt.Sprintf("beside sub_id only %s can be named", list(besideSubID))
		}
	}
	if len(all) > most {
		return fmt.Sprintf("at most %d dimensions can be named", most)
	}
	return ""
}

func list(all []By) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}
