package dead

import (
	"fmt"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// referenceCauses holds, for each reason that is OfReference, a function that returns why
// a hit will be rejected again according to the reference data; empty when the data does
// not show it.
var referenceCauses = map[outcome.Reason]func(*attribution.Snapshot, Letter, *hit.Hit) string{
	outcome.OfferPaused: func(s *attribution.Snapshot, letter Letter, h *hit.Hit) string {
		offer, known := s.Offer(offerOf(letter, h))
		if !known || offer.Status != attribution.Paused {
			return ""
		}
		return fmt.Sprintf("offer %d is still paused: `integr8 offer edit %d --status active`", offer.ID, offer.ID)
	},
	outcome.PublisherPaused: func(s *attribution.Snapshot, letter Letter, h *hit.Hit) string {
		publisher, known := s.Publisher(letter.AccountID, h.PublisherID)
		if !known || publisher.Status != attribution.Paused {
			return ""
		}
		return fmt.Sprintf("publisher %d is still paused: `integr8 publisher edit %d --status active`", publisher.ID, publisher.ID)
	},
	outcome.UnknownToken: func(s *attribution.Snapshot, _ Letter, h *hit.Hit) string {
		if _, known := s.Token(h.TokenDigest); known || h.TokenDigest.IsZero() {
			return ""
		}
		return "their secure token is still not known: `integr8 token import`, or `integr8 dead discard`"
	},
	outcome.ExpiredToken: func(s *attribution.Snapshot, _ Letter, h *hit.Hit) string {
		token, known := s.Token(h.TokenDigest)
		if !known || token.ValidUntil.IsZero() || !h.ReceivedAt.After(token.ValidUntil) {
			return ""
		}
		return fmt.Sprintf("token %d had expired when they came", token.ID)
	},
	outcome.UnknownOffer: func(s *attribution.Snapshot, letter Letter, h *hit.Hit) string {
		id := offerOf(letter, h)
		if offer, known := s.Offer(id); id == 0 || known && offer.AccountID == letter.AccountID {
			return ""
		}
		return fmt.Sprintf("account %d still has no offer %d", letter.AccountID, id)
	},
	outcome.UnknownPublisher: func(s *attribution.Snapshot, letter Letter, h *hit.Hit) string {
		_, known := s.Publisher(letter.AccountID, h.PublisherID)
		if known || h.PublisherID == 0 || letter.AccountID == 0 {
			return ""
		}
		return fmt.Sprintf("account %d still has no publisher %d", letter.AccountID, h.PublisherID)
	},
}

// offerOf returns the offer of the letter, or else the one that the hit names.
func offerOf(letter Letter, h *hit.Hit) int64 {
	if letter.OfferID != nil {
		return *letter.OfferID
	}
	return h.OfferID
}
