package console

import (
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
)

// filterWords say which letters a filter matches; nil for all. The account stands beside
// them, where there is one.
func filterWords(f dead.Filter) (words []string) {
	add := func(given bool, text string) {
		if given {
			words = append(words, text)
		}
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	add(len(f.IDs) > 0, counted(len(f.IDs), "receipt"))
	for _, state := range deadStates {
		add(f.State != "" && state.Value == string(f.State), state.Words)
	}
	add(f.Reason != "", "reason "+spaced(f.Reason))
	add(f.Kind != "", "kind "+string(f.Kind))
	add(f.OfferID != 0, "offer "+number(f.OfferID))
	add(f.AdvertiserID != 0, "advertiser "+number(f.AdvertiserID))
	add(f.PublisherID != 0, "publisher "+number(f.PublisherID))
	add(f.TokenID != 0, "token "+number(f.TokenID))
	add(f.TokenDigest != "", "token digest "+string(f.TokenDigest.Short()))
	add(f.Network.IsValid(), "network "+f.Network.String())
	add(f.Text != "", "text “"+f.Text+"”")
	add(f.Act != uuid.Nil, "act "+f.Act.String())
	add(!f.Since.IsZero(), "died since "+operate.Clock(f.Since))
	add(!f.Until.IsZero(), "died until "+operate.Clock(f.Until))
	return words
}

// lettersAddress is the page of the letters that a filter matches by act and reason, in a
// state.
func lettersAddress(f dead.Filter, state string) string {
	values := url.Values{"state": {state}, "act": {f.Act.String()}}
	if f.Reason != "" {
		values.Set("reason", string(f.Reason))
	}
	return address("/dead", values)
}

// undoAddress is the page that asks before what an act discarded is brought back.
func undoAddress(act string) string {
	return address("/dead/all/undo", url.Values{"act": {act}, "state": {anyState}})
}
