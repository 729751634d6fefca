package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/report"
	"integr8/pipeline/token"
)

// subIDKey is a line of a report by sub id as the statements return it.
type subIDKey struct {
	AccountID int64  `db:"account_id"`
	Party     int64  `db:"party"`
	Label     string `db:"label"`
	SubID     string `db:"sub_id"`
}

// key returns the line, with the dimensions in the order of the report.
func (k subIDKey) key(by report.By) reportKey {
	key := reportKey{account: k.AccountID}
	for i, dimension := range by.Dimensions() {
		switch dimension {
		case report.BySubID:
			key.texts[i] = k.SubID
		case report.ByDay:
			key.texts[i] = k.Label
		default:
			key.ids[i] = k.Party
		}
	}
	return key
}

// ReportBySubID counts clicks, conversions and money by sub id, and by another dimension
// beside it, from rows: those of at most the newest clicks of that number. It returns since
// when it counted, the begin of the period if there are no more.
func (s *Store) ReportBySubID(ctx context.Context, filter report.Filter, by report.By, most int) (rows []report.Row, since time.Time, err error) {
	fail := func(err error) ([]report.Row, time.Time, error) {
		return nil, time.Time{}, fmt.Errorf("report by %s: %w", by, err)
	}
	var behind []uuid.UUID
	err = readRows(ctx, s, &behind, "reports/oldest_click",
		args{"low": token.FirstID(filter.From), "high": token.FirstID(filter.To), "most": most})
	if err != nil {
		return fail(err)
	}
	if len(behind) > 0 {
		// The clicks of its millisecond may not all be among the newest.
		filter.From = token.TransactionID(behind[0]).Time().Add(time.Millisecond)
	}
	low, high, err := s.clickSpan(ctx, filter)
	if err != nil {
		return fail(err)
	}
	beside := report.By("")
	for _, dimension := range by.Dimensions() {
		if dimension != report.BySubID {
			beside = dimension
		}
	}
	var clicks []struct {
		subIDKey
		Clicks int64 `db:"clicks"`
	}
	var conversions []struct {
		subIDKey
		report.Takings
		ConvertedClicks int64 `db:"converted_clicks"`
	}
	err = readRows(ctx, s, &clicks, "reports/clicks", reportArguments(filter).with(args{"by": string(beside), "zone": zoneName(filter)}))
	if err != nil {
		return fail(err)
	}
	err = readRows(ctx, s, &conversions, "reports/conversions",
		reportArguments(filter).with(args{"by": string(beside), "zone": zoneName(filter), "click_low": low, "click_high": high}))
	if err != nil {
		return fail(err)
	}
	parties, err := s.parties(ctx, by)
	if err != nil {
		return fail(err)
	}
	lines := reportLines{}
	for _, row := range clicks {
		lines.at(row.key(by)).Clicks += row.Clicks
	}
	for _, row := range conversions {
		line := lines.at(row.key(by))
		line.Conversions += row.Conversions
		line.ConvertedClicks += row.ConvertedClicks
		addTakings(line, row.Takings)
	}
	return lines.sorted(func(key reportKey, row *report.Row) {
		var parts [reportParts]report.Part
		for i, dimension := range by.Dimensions() {
			if dimension == report.ByDay {
				parts[i] = report.Part{Label: key.texts[i]}
			} else {
				parts[i] = parties.part(dimension, key, i, nil)
			}
		}
		row.PartyID, row.Name, row.Label, row.Second = parts[0].PartyID, parts[0].Name, parts[0].Label, parts[1]
	}), filter.From, nil
}

// clickSpan returns the first and the last click of the conversions of a period, so that
// only the partitions of those days are read.
func (s *Store) clickSpan(ctx context.Context, filter report.Filter) (low, high uuid.UUID, err error) {
	var span struct {
		Low  uuid.NullUUID `db:"click_low"`
		High uuid.NullUUID `db:"click_high"`
	}
	err = s.read(ctx, func(ctx context.Context, db *sqlx.DB) error {
		return selectRow(ctx, db, &span, "reports/click_span", args{"low": token.FirstID(filter.From), "high": token.FirstID(filter.To)})
	})
	return span.Low.UUID, span.High.UUID, err
}
