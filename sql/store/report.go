package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// ReportFilter chooses what a report counts; a zero id excludes nothing.
// From is inclusive and To exclusive, and both are times of receipt: a
// conversion counts when its hit came, however late it was decided. Both are
// needed, so that only the partitions of those days are read.
type ReportFilter struct {
	AccountID   int64
	OfferID     int64
	PublisherID int64
	From, To    time.Time
}

// ReportBy is what a report has a line for.
type ReportBy string

// The ways to break a report down. Days are those of UTC.
const (
	ByOffer     ReportBy = "offer"
	ByPublisher ReportBy = "publisher"
	ByDay       ReportBy = "day"
	BySubID     ReportBy = "sub_id"
)

// ReportLine is what one account's offer, publisher, day or sub id did.
type ReportLine struct {
	AccountID int64
	// PartyID is the offer or the publisher, with its Name; 0 for others.
	PartyID int64
	Name    string
	// Label is the day as 2006-01-02 or the sub id, else empty.
	Label       string
	Clicks      int64
	Conversions int64
	// ConvertedClicks are the clicks that converted at least once; a clickless
	// conversion adds none.
	ConvertedClicks int64
	// Money has a part for each currency, in order of the code.
	Money []Takings
}

// Takings are the sums of one currency.
type Takings struct {
	Currency    string          `json:"currency"`
	Conversions int64           `json:"conversions"`
	Revenue     decimal.Decimal `json:"revenue"`
	Payout      decimal.Decimal `json:"payout"`
	// Margin is the revenue that the payout leaves; it may be negative.
	Margin decimal.Decimal `json:"margin"`
}

type reportKey struct {
	AccountID int64  `db:"account_id"`
	Party     *int64 `db:"party"`
	Label     string `db:"label"`
}

func (k reportKey) line() ReportLine {
	line := ReportLine{AccountID: k.AccountID, Label: k.Label}
	if k.Party != nil {
		line.PartyID = *k.Party
	}
	return line
}

// Report counts clicks, conversions and money, in order of account, party
// and label.
func (s *Store) Report(ctx context.Context, filter ReportFilter, by ReportBy) ([]ReportLine, error) {
	arguments := filter.arguments()
	arguments["by"] = string(by)

	if err := s.clickSpan(ctx, by, arguments); err != nil {
		return nil, fmt.Errorf("report by %s: %w", by, err)
	}
	var clicks []struct {
		reportKey
		Clicks int64 `db:"clicks"`
	}
	var conversions []struct {
		reportKey
		Takings
		ConvertedClicks int64 `db:"converted_clicks"`
	}
	var names []struct {
		AccountID int64  `db:"account_id"`
		ID        int64  `db:"id"`
		Name      string `db:"name"`
	}
	for _, part := range []struct {
		rows any
		name string
	}{{&clicks, "report_clicks"}, {&conversions, "report_conversions"}, {&names, "report_names"}} {
		if err := s.selectNamed(ctx, part.rows, part.name, arguments); err != nil {
			return nil, fmt.Errorf("report by %s: %w", by, err)
		}
	}

	type identity struct {
		account, party int64
		label          string
	}
	lines := map[identity]*ReportLine{}
	at := func(key reportKey) *ReportLine {
		fresh := key.line()
		id := identity{fresh.AccountID, fresh.PartyID, fresh.Label}
		if lines[id] == nil {
			lines[id] = &fresh
		}
		return lines[id]
	}
	for _, row := range clicks {
		at(row.reportKey).Clicks = row.Clicks
	}
	for _, row := range conversions {
		line := at(row.reportKey)
		row.Margin = row.Revenue.Sub(row.Payout)
		line.Conversions += row.Conversions
		line.ConvertedClicks += row.ConvertedClicks
		line.Money = append(line.Money, row.Takings)
	}
	for _, row := range names {
		if line := lines[identity{row.AccountID, row.ID, ""}]; line != nil {
			line.Name = row.Name
		}
	}
	return sortedLines(lines), nil
}

// clickSpan adds the bounds of the clicks that a report looks up, so that it
// touches no other day's partition: none, unless it goes by sub id.
func (s *Store) clickSpan(ctx context.Context, by ReportBy, arguments map[string]any) error {
	arguments["click_low"], arguments["click_high"] = uuid.Nil, uuid.Nil
	if by != BySubID {
		return nil
	}
	var spans []struct {
		Low  uuid.NullUUID `db:"click_low"`
		High uuid.NullUUID `db:"click_high"`
	}
	if err := s.selectNamed(ctx, &spans, "report_click_span", arguments); err != nil {
		return err
	}
	for _, span := range spans {
		arguments["click_low"], arguments["click_high"] = span.Low.UUID, span.High.UUID
	}
	return nil
}

func sortedLines[K comparable](lines map[K]*ReportLine) []ReportLine {
	sorted := make([]ReportLine, 0, len(lines))
	for _, line := range lines {
		slices.SortFunc(line.Money, func(a, b Takings) int { return cmp.Compare(a.Currency, b.Currency) })
		sorted = append(sorted, *line)
	}
	slices.SortFunc(sorted, func(a, b ReportLine) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.PartyID, b.PartyID), cmp.Compare(a.Label, b.Label))
	})
	return sorted
}

// HitCount is how many hits of a kind came to an outcome.
type HitCount struct {
	Kind    hit.Kind            `db:"kind" json:"kind"`
	Outcome attribution.Outcome `db:"outcome" json:"outcome"`
	Hits    int64               `db:"hits" json:"hits"`
}

// ReportHits counts the hits received in the period by what became of them.
func (s *Store) ReportHits(ctx context.Context, filter ReportFilter) ([]HitCount, error) {
	var counts []HitCount
	if err := s.selectNamed(ctx, &counts, "report_hits", filter.arguments()); err != nil {
		return nil, fmt.Errorf("count hits: %w", err)
	}
	return counts, nil
}

// ReasonCount is how many hits came to no good end for a reason.
type ReasonCount struct {
	Outcome  attribution.Outcome `db:"outcome" json:"outcome"`
	Reason   attribution.Reason  `db:"reason" json:"reason"`
	Hits     int64               `db:"hits" json:"hits"`
	LastSeen time.Time           `db:"last_seen" json:"last_seen"`
	// Example is the receipt of the newest of them.
	Example uuid.UUID `db:"example" json:"example"`
}

// ReportReasons counts the hits of the period that were rejected, unmatched
// or failed, the most frequent reason first.
func (s *Store) ReportReasons(ctx context.Context, filter ReportFilter) ([]ReasonCount, error) {
	var counts []ReasonCount
	if err := s.selectNamed(ctx, &counts, "report_reasons", filter.arguments()); err != nil {
		return nil, fmt.Errorf("count reasons: %w", err)
	}
	return counts, nil
}

// Conflict is an offer whose conversions came through both URL forms: the
// global postback and its own.
type Conflict struct {
	AccountID          int64  `db:"account_id" json:"account_id"`
	OfferID            int64  `db:"offer_id" json:"offer"`
	Name               string `db:"name" json:"name"`
	HitsGlobal         int64  `db:"hits_global" json:"hits_global"`
	HitsOffer          int64  `db:"hits_offer" json:"hits_offer"`
	ConversionsGlobal  int64  `db:"conversions_global" json:"conversions_global"`
	ConversionsOffer   int64  `db:"conversions_offer" json:"conversions_offer"`
	DuplicatesOtherURL int64  `db:"duplicates_other_url" json:"duplicates_other_url"`
	// LastGlobal and LastOffer tell whether both forms are still in use.
	LastGlobal *time.Time `db:"last_global" json:"last_global"`
	LastOffer  *time.Time `db:"last_offer" json:"last_offer"`
	LastSeen   time.Time  `db:"last_seen" json:"last_seen"`
}

// ReportConflicts lists the offers for which both URL forms were used in the
// period, those with the most doubled conversions first.
func (s *Store) ReportConflicts(ctx context.Context, filter ReportFilter) ([]Conflict, error) {
	var conflicts []Conflict
	if err := s.selectNamed(ctx, &conflicts, "report_conflicts", filter.arguments()); err != nil {
		return nil, fmt.Errorf("look for conflicts: %w", err)
	}
	return conflicts, nil
}

func (f ReportFilter) arguments() map[string]any {
	return map[string]any{
		"account_id":   f.AccountID,
		"offer_id":     f.OfferID,
		"publisher_id": f.PublisherID,
		"low":          firstID(f.From),
		"high":         firstID(f.To),
	}
}
