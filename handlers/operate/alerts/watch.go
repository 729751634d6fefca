package alerts

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// WatchStore reads sums and keeps what is judged.
type WatchStore interface {
	// DueAlertRules lists the active rules that were last judged for a window that ended
	// before a time.
	DueAlertRules(ctx context.Context, end time.Time) ([]Rule, error)
	AlertSums(ctx context.Context, window Window) ([]Sum, error)
	// AlertsOn lists the subjects of a rule whose alerts have not ended.
	AlertsOn(ctx context.Context, rule int64) ([]Subject, error)
	// Judge writes that a rule was judged for a window that ends at a time, begins and ends
	// alerts, and writes a notice for each webhook of the account and, with mail, for the
	// e-mail. It writes nothing when another process has judged that window, or a later one.
	Judge(ctx context.Context, rule int64, end time.Time, found []Judgement, mail bool) error
}

// Watch judges rules.
type Watch struct {
	Store WatchStore
	// Mail reports whether the notices of an account go by e-mail too.
	Mail func(account int64) bool
}

const (
	// settling is how long after its end a window is judged: hits are decided in
	// milliseconds, and in a backlog later.
	settling = 2 * time.Minute
	week     = 7 * 24 * time.Hour
)

// Round judges each rule whose window has ended since it was last judged, and for the
// latest window only. A rule that cannot be judged does not keep the others from it.
func (w Watch) Round(ctx context.Context, now time.Time) error {
	end := now.UTC().Add(-settling).Truncate(quarter)
	rules, err := w.Store.DueAlertRules(ctx, end)
	if err != nil {
		return err
	}
	var errs []error
	for _, rule := range rules {
		if err := w.judge(ctx, rule, end); err != nil {
			errs = append(errs, fmt.Errorf("judge alert rule %d: %w", rule.ID, err))
		}
	}
	return errors.Join(errs...)
}

func (w Watch) judge(ctx context.Context, rule Rule, end time.Time) error {
	begin := end.Add(-rule.window())
	now, err := w.figures(ctx, rule, begin, end)
	if err != nil {
		return err
	}
	var before map[Subject]Figures
	switch rule.Condition {
	case ConversionDrop:
		before, err = w.figures(ctx, rule, begin.Add(-week), end.Add(-week))
	case NewReason:
		before, err = w.figures(ctx, rule, begin.Add(-week), begin)
	}
	if err != nil {
		return err
	}
	on, err := w.Store.AlertsOn(ctx, rule.ID)
	if err != nil {
		return err
	}
	return w.Store.Judge(ctx, rule.ID, end, rule.judge(now, before, on, end), w.Mail(rule.AccountID))
}

func (w Watch) figures(ctx context.Context, rule Rule, from, to time.Time) (map[Subject]Figures, error) {
	sums, err := w.Store.AlertSums(ctx, Window{
		Account: rule.AccountID, Offer: rule.offer(), From: from, To: to,
		ByOffer: rule.EachOffer, ByReason: rule.Condition == NewReason,
	})
	return rule.subjects(sums), err
}
