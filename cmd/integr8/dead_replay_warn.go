package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// warnedCauses is how many causes that still stand are named one by one.
const warnedCauses = 10

// warn tells, before a replay, what will keep its hits from a better end. It
// looks at the first page of letters only. served reports whether workers take
// from the queues of all hits looked at.
func (w *deadWork) warn(ctx context.Context) (served bool, err error) {
	page, err := w.db.DeadLetters(ctx, w.filter, store.OldestDeath, nil, deadPage)
	if err != nil {
		return false, err
	}
	topics := map[string]bool{}
	for _, letter := range page {
		if h, err := replayable(letter); err == nil && letter.Status != store.DeadResolved {
			topics[h.Kind.Topic()] = true
		}
	}
	unserved := w.unserved(ctx, topics)
	causes, err := w.standingCauses(ctx, page)
	if err != nil {
		return false, err
	}
	w.result.Warnings = append(unserved, causes...)
	for _, warning := range w.result.Warnings {
		fmt.Fprintln(w.app.stderr, "warning: "+printable(warning))
	}
	return len(unserved) == 0, nil
}

// unserved names the queues from which no worker takes.
func (w *deadWork) unserved(ctx context.Context, topics map[string]bool) (warnings []string) {
	address, err := w.app.settings.amqpURL()
	if err != nil {
		return nil // the replay fails with the same, and a hint
	}
	topology := w.app.settings.topology()
	ctx, cancel := w.app.limited(ctx)
	defer cancel()
	depths, err := topology.Depths(ctx, address)
	if err != nil {
		return []string{fmt.Sprintf("whether a worker runs cannot be seen: %s", oneLine(err))}
	}
	for _, depth := range depths {
		if topics[strings.TrimPrefix(depth.Queue, topology.Prefix)] && depth.Consumers == 0 {
			warnings = append(warnings, fmt.Sprintf("no worker takes from the queue %s, so what is replayed waits there: start integr8 work", depth.Queue))
		}
	}
	return warnings
}

// standingCauses says of which letters the cause of death still stands, where
// reference data shows it.
func (w *deadWork) standingCauses(ctx context.Context, page []store.DeadLetter) ([]string, error) {
	told := slices.ContainsFunc(page, func(letter store.DeadLetter) bool { return toldByReference[letter.Reason] })
	var snapshot *store.Snapshot
	if told {
		var err error
		if snapshot, err = w.db.LoadSnapshot(ctx); err != nil {
			return nil, err
		}
	}
	keys, err := w.app.settings.keys()
	hasKeys := err == nil // without them a transaction_id cannot be checked here
	counts := map[string]int{}
	for _, letter := range page {
		h, err := replayable(letter)
		if err != nil || letter.Status == store.DeadResolved {
			continue
		}
		cause := ""
		if toldByReference[letter.Reason] {
			cause = standingCause(snapshot, letter, h)
		} else if letter.Reason == attribution.UnverifiedTransactionID && hasKeys {
			if keys.Recheck(h); h.Refusal == hit.UnverifiedTransactionID {
				cause = "no secret in this program's INTEGR8_SECRET verifies the transaction_id"
			}
		}
		if cause != "" {
			counts[cause]++
		}
	}
	var warnings []string
	for cause, n := range counts {
		warnings = append(warnings, fmt.Sprintf("%s again, because %s", count(int64(n), "hit", "will die", "will die"), cause))
	}
	slices.Sort(warnings)
	if more := len(warnings) - warnedCauses; more > 0 {
		warnings = append(warnings[:warnedCauses], fmt.Sprintf("%d more causes stand", more))
	}
	if len(warnings) > 0 && len(page) == deadPage {
		warnings = append(warnings, fmt.Sprintf("only the %d letters that died first were looked at", deadPage))
	}
	return warnings, nil
}

// toldByReference are the reasons that reference data decides.
var toldByReference = map[attribution.Reason]bool{
	attribution.OfferPaused: true, attribution.PublisherPaused: true, attribution.UnknownToken: true,
	attribution.ExpiredToken: true, attribution.UnknownOffer: true, attribution.UnknownPublisher: true,
}

// standingCause is why a hit will be rejected as before; empty where it cannot be
// told.
func standingCause(s *store.Snapshot, letter store.DeadLetter, h *hit.Hit) string {
	token, known := s.Token(h.TokenDigest)
	offerID := h.OfferID
	if letter.OfferID != nil {
		offerID = *letter.OfferID
	}
	offer, offered := s.Offer(offerID)
	publisher, published := s.Publisher(letter.AccountID, h.PublisherID)
	switch letter.Reason {
	case attribution.OfferPaused:
		if offered && offer.Status == attribution.Paused {
			return fmt.Sprintf("offer %d is still paused: integr8 offer edit %d --status active", offer.ID, offer.ID)
		}
	case attribution.PublisherPaused:
		if published && publisher.Status == attribution.Paused {
			return fmt.Sprintf("publisher %d is still paused: integr8 publisher edit %d --status active", publisher.ID, publisher.ID)
		}
	case attribution.UnknownToken:
		if !known && !h.TokenDigest.IsZero() {
			return "their secure token is still not known: integr8 token import, or integr8 dead discard"
		}
	case attribution.ExpiredToken:
		if known && !token.ValidUntil.IsZero() && h.ReceivedAt.After(token.ValidUntil) {
			return fmt.Sprintf("token %d had expired when they came", token.ID)
		}
	case attribution.UnknownOffer:
		if offerID != 0 && (!offered || offer.AccountID != letter.AccountID) {
			return fmt.Sprintf("account %d still has no offer %d", letter.AccountID, offerID)
		}
	case attribution.UnknownPublisher:
		if h.PublisherID != 0 && letter.AccountID != 0 && !published {
			return fmt.Sprintf("account %d still has no publisher %d", letter.AccountID, h.PublisherID)
		}
	}
	return ""
}
