package store

import (
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/sql/store/pg"
)

// minute is a minute of UTC, counted from 1970.
type minute int64

const minuteSeconds = 60

func minuteOf(at time.Time) minute { return minute(at.Unix() / minuteSeconds) }

func (m minute) time() time.Time { return time.Unix(int64(m)*minuteSeconds, 0).UTC() }

// rollupKey is what a roll-up sums hits by.
type rollupKey struct {
	minute           minute
	account          int64
	offer, publisher int64 // 0 for none
	kind             hit.Kind
	outcome          outcome.Outcome
	reason           outcome.Reason
	currency         string // empty where nothing is paid
	test             bool   // no sum counts it
}

// rollupDelta is what a transaction adds to the sums of a key; a hit that is decided
// anew is taken out of those that it was in before.
type rollupDelta struct {
	rollupKey
	hits, bots      int64
	revenue, payout sum
}

// rollupDeltas returns what the transaction adds to the roll-ups, at most one delta a key.
// Tests are in none; a hit may turn out to be one when its click comes.
// It must be called when no decision changes any more. The hits that were decided before
// never had a conversion: that is a final outcome.
func (r *rows) rollupDeltas() []rollupDelta {
	var deltas []rollupDelta
	at := make(map[rollupKey]int)
	of := func(key rollupKey) *rollupDelta {
		i, known := at[key]
		if !known {
			i = len(deltas)
			at[key] = i
			deltas = append(deltas, rollupDelta{rollupKey: key})
		}
		return &deltas[i]
	}
	for _, record := range r.newHits {
		if !record.Decision.Test {
			of(countedAs(record)).add(record)
		}
	}
	for _, record := range r.knownHits {
		before := r.counted[record.Hit.ID]
		if !before.test {
			of(before).hits--
		}
		if record.Decision.Test {
			continue
		}
		key := countedAs(record)
		key.kind, key.minute = before.kind, before.minute // the row keeps both
		of(key).add(record)
	}
	return deltas
}

// countedAs returns the key under which a decided hit is counted.
func countedAs(r *attribution.Record) rollupKey {
	key := rollupKey{
		minute: minuteOf(r.Hit.ReceivedAt), account: r.Decision.AccountID, offer: r.Decision.OfferID, publisher: r.Decision.PublisherID,
		kind: r.Hit.Kind, outcome: r.Decision.Outcome, reason: r.Decision.Reason,
	}
	if r.Decision.Outcome == outcome.Converted {
		key.currency = r.Decision.Conversion.Currency
	}
	return key
}

func (d *rollupDelta) add(r *attribution.Record) {
	d.hits++
	switch {
	case r.Decision.Outcome == outcome.Recorded && r.Bot:
		d.bots++
	case r.Decision.Outcome == outcome.Converted:
		d.revenue.add(r.Decision.Conversion.Revenue)
		d.payout.add(r.Decision.Conversion.Payout)
	}
}

// countedHit is the row of a hit as far as the roll-ups count it.
type countedHit struct {
	ID          uuid.UUID       `db:"id"`
	ReceivedAt  time.Time       `db:"received_at"`
	AccountID   int64           `db:"account_id"`
	OfferID     int64           `db:"offer_id"`
	PublisherID int64           `db:"publisher_id"`
	Kind        hit.Kind        `db:"kind"`
	Outcome     outcome.Outcome `db:"outcome"`
	Reason      outcome.Reason  `db:"reason"`
	Test        bool            `db:"test"`
}

func (h countedHit) key() rollupKey {
	return rollupKey{minute: minuteOf(h.ReceivedAt), account: h.AccountID, offer: h.OfferID, publisher: h.PublisherID,
		kind: h.Kind, outcome: h.Outcome, reason: h.Reason, test: h.Test}
}

var addToRollups = batchOf("rollups/add", map[string]pg.Column[rollupDelta]{
	"minutes":       pg.Times(func(d rollupDelta) time.Time { return d.minute.time() }),
	"account_ids":   pg.Bigints(func(d rollupDelta) int64 { return d.account }),
	"offer_ids":     pg.Bigints(func(d rollupDelta) int64 { return d.offer }),
	"publisher_ids": pg.Bigints(func(d rollupDelta) int64 { return d.publisher }),
	"kinds":         pg.Texts(func(d rollupDelta) string { return string(d.kind) }),
	"outcomes":      pg.Texts(func(d rollupDelta) string { return string(d.outcome) }),
	"reasons":       pg.Texts(func(d rollupDelta) string { return string(d.reason) }),
	"currencies":    pg.Texts(func(d rollupDelta) string { return d.currency }),
	"hits":          pg.Bigints(func(d rollupDelta) int64 { return d.hits }),
	"bots":          pg.Bigints(func(d rollupDelta) int64 { return d.bots }),
	"revenues":      pg.Texts(func(d rollupDelta) string { return d.revenue.String() }),
	"payouts":       pg.Texts(func(d rollupDelta) string { return d.payout.String() }),
})
