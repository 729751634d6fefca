package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/report"
)

// Alerts returns at most limit alerts, the latest first, below an id (0: from the latest
// on).
func (s *Store) Alerts(ctx context.Context, filter alerts.Filter, below int64, limit int) ([]alerts.Alert, error) {
	page := []alerts.Alert{}
	err := selectRows(ctx, s.db, &page, "alerts/list", args{
		"below":      below,
		"account_id": filter.Account,
		"rule_id":    filter.Rule,
		"on":         filter.On,
		"page":       limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	return page, nil
}

// DueAlertRules returns the active rules that were last judged for a window that ended
// before a time.
func (s *Store) DueAlertRules(ctx context.Context, end time.Time) ([]alerts.Rule, error) {
	var due []alerts.Rule
	if err := selectRows(ctx, s.db, &due, "alerts/due_rules", args{"end": end}); err != nil {
		return nil, fmt.Errorf("look for alert rules: %w", err)
	}
	return due, nil
}

// AlertSums counts the hits of a window by roll-ups.
func (s *Store) AlertSums(ctx context.Context, w alerts.Window) ([]alerts.Sum, error) {
	filter := report.Filter{AccountID: w.Account, OfferID: w.Offer, From: w.From, To: w.To}
	spans, _ := filter.Spans("")
	read, err := s.readRollups(ctx, rollupQuery{filter: filter, spans: spans, byOffer: w.ByOffer, byReason: w.ByReason})
	if err != nil {
		return nil, err
	}
	sums := make([]alerts.Sum, len(read))
	for i, sum := range read {
		sums[i] = alerts.Sum{OfferID: sum.OfferID, Kind: sum.Kind, Outcome: sum.Outcome, Reason: sum.Reason, Hits: sum.Hits, Bots: sum.Bots}
	}
	return sums, nil
}

// AlertsOn returns the subjects of a rule whose alerts have not ended.
func (s *Store) AlertsOn(ctx context.Context, rule int64) ([]alerts.Subject, error) {
	var on []alerts.Subject
	if err := selectRows(ctx, s.db, &on, "alerts/on", args{"rule_id": rule}); err != nil {
		return nil, fmt.Errorf("look for alerts that are on: %w", err)
	}
	return on, nil
}

// Judge writes that a rule was judged, begins and ends alerts, and writes the notices, in
// one transaction. It writes nothing when the window, or a later one, was judged before.
func (s *Store) Judge(ctx context.Context, rule int64, end time.Time, found []alerts.Judgement, mail bool) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // after a commit it does nothing
	var silenced bool
	switch err := selectRow(ctx, tx, &silenced, "alerts/judged", args{"rule_id": rule, "end": end}); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("write that the rule was judged: %w", err)
	}
	for _, j := range found {
		if j.Begins {
			j.Quiet = j.Quiet || silenced
			err = beginAlert(ctx, tx, rule, end, j, mail)
		} else {
			err = endAlert(ctx, tx, rule, end, j)
		}
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

func beginAlert(ctx context.Context, tx *sqlx.Tx, rule int64, at time.Time, j alerts.Judgement, mail bool) error {
	var id int64
	err := selectRow(ctx, tx, &id, "alerts/begin", args{
		"rule_id":  rule,
		"offer_id": j.OfferID,
		"reason":   string(j.Reason),
		"began_at": at,
		"text":     j.Text,
		"silenced": j.Quiet,
	})
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && j.Quiet:
		return nil
	case err != nil:
		return fmt.Errorf("begin an alert: %w", err)
	}
	if _, err := execute(ctx, tx, "alerts/notify_begin", args{"alert_id": id, "mail": mail}); err != nil {
		return fmt.Errorf("write notices: %w", err)
	}
	return nil
}

func endAlert(ctx context.Context, tx *sqlx.Tx, rule int64, at time.Time, j alerts.Judgement) error {
	var id int64
	err := selectRow(ctx, tx, &id, "alerts/end", args{"rule_id": rule, "offer_id": j.OfferID, "reason": string(j.Reason), "at": at, "text": j.Text})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("end an alert: %w", err)
	}
	if _, err := execute(ctx, tx, "alerts/notify_end", args{"alert_id": id}); err != nil {
		return fmt.Errorf("write notices: %w", err)
	}
	return nil
}

// TakeAlertNotices returns at most so many notices that are due, and makes each due again
// after a time.
func (s *Store) TakeAlertNotices(ctx context.Context, most int, again time.Duration, mail bool) ([]alerts.Notice, error) {
	var due []alerts.Notice
	err := selectRows(ctx, s.db, &due, "alerts/take_notices", args{"most": most, "again": again.Seconds(), "mail": mail})
	if err != nil {
		return nil, fmt.Errorf("look for notices: %w", err)
	}
	return due, nil
}

// AlertNoticeSent writes that a notice has arrived.
func (s *Store) AlertNoticeSent(ctx context.Context, id int64) error {
	if _, err := execute(ctx, s.db, "alerts/notice_sent", args{"id": id}); err != nil {
		return fmt.Errorf("write that a notice was sent: %w", err)
	}
	return nil
}

// AlertNoticeFailed writes why a notice did not arrive, and when it is due again; the
// zero time means that it is given up.
func (s *Store) AlertNoticeFailed(ctx context.Context, id int64, why string, again time.Time) error {
	if _, err := execute(ctx, s.db, "alerts/notice_failed", args{"id": id, "error": why, "again": orNull(again)}); err != nil {
		return fmt.Errorf("write that a notice was not sent: %w", err)
	}
	return nil
}
