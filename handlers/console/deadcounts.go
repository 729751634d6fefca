package console

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"integr8/handlers/operate/dead"
)

// deadCounts are how many dead letters a filter selects. Of many letters they take seconds,
// so the page with the rows loads them afterwards.
type deadCounts struct {
	Reasons []dead.ReasonCount
	Total   int64
	// Senders are those of the chosen reason; nil without one.
	Senders []dead.Senders
	// SendersAfter is when the letters died after which senders are counted; zero for all.
	SendersAfter time.Time
	// Failed is why there are no counts; nil when there are.
	Failed *failed

	visit *visit
}

// senderGroups is how many senders of a kind are shown.
const senderGroups = 5

// deadCountsPage is the part of the page of dead letters with the counts, or, for a browser
// without scripts, a page of its own. The part says itself that it has failed, because htmx
// shows nothing of a failed response.
func (c *Console) deadCountsPage(v *visit) error {
	counts, err := c.countLetters(v)
	if v.r.Header.Get("HX-Request") == "" {
		if err != nil {
			return err
		}
		return c.render(v, http.StatusOK, "deadcounts", "Dead letters by reason and sender", counts)
	}
	if err != nil {
		_, why := c.failureOf(v.ctx(), v.r.URL.Path, err)
		counts = deadCounts{Failed: &why, visit: v}
	}
	return c.renderPart(v, "deadcounts", "counts", counts)
}

func (c *Console) countLetters(v *visit) (counts deadCounts, err error) {
	filter, err := deadFilter(v)
	if err != nil {
		return counts, err
	}
	counts.visit = v
	if counts.Reasons, counts.Total, err = c.Letters.Summary(v.ctx(), filter); err != nil {
		return counts, err
	}
	if filter.Reason != "" && len(counts.Reasons) > 0 {
		if counts.SendersAfter, err = c.Letters.Senders(v.ctx(), filter, counts.Reasons, senderGroups); err != nil {
			return counts, err
		}
		counts.Senders = counts.Reasons[0].Senders
	}
	return counts, nil
}

// OfReference reports whether the cause of some of the letters may have been mended in the
// reference data.
func (d deadCounts) OfReference() bool {
	return slices.ContainsFunc(d.Reasons, func(one dead.ReasonCount) bool { return one.Reason.OfReference() })
}

// Letters is the address of the letters that are counted, with other values of parameters.
func (d deadCounts) Letters(pairs ...string) string { return d.visit.at("/dead", pairs...) }

// AllReasons is the address of the letters of all reasons and senders.
func (d deadCounts) AllReasons() string {
	return d.Letters("reason", "", "token", "", "token_digest", "", "network", "", "publisher", "", "advertiser", "")
}

// LettersOf is the address of a sender's letters; that of all that are counted where he is
// not known.
func (d deadCounts) LettersOf(by dead.SenderKind, sender dead.SenderCount) string {
	switch {
	case sender.ID != nil:
		return d.Letters(string(by), strconv.FormatInt(*sender.ID, 10))
	case sender.Network != "":
		return d.Letters("network", sender.Network)
	case sender.TokenDigest != "":
		return d.Letters("token_digest", string(sender.TokenDigest))
	default:
		return d.Letters()
	}
}
