package alerts

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
)

// Event says what a notice is about.
type Event string

// The events of an alert.
const (
	Began Event = "alert.began"
	Ended Event = "alert.ended"
)

// Notice is the message to one recipient that an alert began or ended.
type Notice struct {
	ID    int64 `db:"notice_id" json:"-"`
	Event Event `db:"event" json:"type"`
	Alert `json:"alert"`
	// WebhookID and URL are those of the webhook; 0 and empty for e-mail.
	WebhookID int64  `db:"webhook_id" json:"-"`
	URL       string `db:"url" json:"-"`
	// Attempts counts those before.
	Attempts int `db:"attempts" json:"-"`
}

// Key is the same for each attempt and each recipient of what is told: a recipient that
// has it already drops it.
func (n Notice) Key() string { return fmt.Sprintf("alert-%d-%s", n.Alert.ID, n.Event) }

// Line says in one line what is told.
func (n Notice) Line() string {
	if n.Event == Ended {
		return "ended: " + n.Alert.EndText
	}
	return n.Alert.Text
}

// NoticeStore holds notices that are to be sent.
type NoticeStore interface {
	// TakeAlertNotices returns at most so many notices that are due, and makes each due
	// again after the time given, in case this process ends before it is sent. Those by
	// e-mail only with mail.
	TakeAlertNotices(ctx context.Context, most int, again time.Duration, mail bool) ([]Notice, error)
	AlertNoticeSent(ctx context.Context, id int64) error
	// AlertNoticeFailed writes why a notice did not arrive, and when it is due again; it
	// is given up when that is the zero time.
	AlertNoticeFailed(ctx context.Context, id int64, why string, again time.Time) error
}

// Sender sends a notice by one way.
type Sender interface {
	Send(ctx context.Context, notice Notice) error
}

// Outbox sends notices.
type Outbox struct {
	Store    NoticeStore
	Webhooks Sender
	Mail     Sender // nil without e-mail
}

const (
	// sendTime bounds one attempt.
	sendTime = 10 * time.Second
	// sendAtOnce is how many notices are under way at once, so that an address that does
	// not answer does not keep the others waiting.
	sendAtOnce = 16
	// firstPause is the time after the first attempt that failed. Each further one is four
	// times as long, at most longestPause; after givenUpAfter attempts, in 14 hours, a
	// notice is given up.
	firstPause   = 30 * time.Second
	longestPause = 2 * time.Hour
	givenUpAfter = 12
)

// Round sends the notices that are due.
func (o Outbox) Round(ctx context.Context) error {
	for {
		due, err := o.Store.TakeAlertNotices(ctx, sendAtOnce, 6*sendTime, o.Mail != nil)
		if err != nil || len(due) == 0 {
			return err
		}
		errs := make([]error, len(due))
		var sending sync.WaitGroup
		for i, notice := range due {
			sending.Go(func() { errs[i] = o.send(ctx, notice) })
		}
		sending.Wait()
		if err := errors.Join(errs...); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// send returns an error when what became of the notice could not be written.
func (o Outbox) send(ctx context.Context, notice Notice) error {
	limited, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	by := o.Webhooks
	if notice.WebhookID == 0 {
		by = o.Mail
	}
	err := by.Send(limited, notice)
	switch {
	case err == nil:
		return o.Store.AlertNoticeSent(ctx, notice.ID)
	case ctx.Err() != nil:
		return nil // it is due again soon, and no attempt failed
	default:
		return o.Store.AlertNoticeFailed(ctx, notice.ID, failure.OneLine(err), againAt(notice.Attempts+1, time.Now()))
	}
}

// againAt returns when a notice is due after so many attempts that failed; the zero time
// when it is given up.
func againAt(attempts int, now time.Time) time.Time {
	if attempts >= givenUpAfter {
		return time.Time{}
	}
	pause := firstPause
	for range attempts - 1 {
		pause = min(4*pause, longestPause)
	}
	return now.Add(pause)
}

// Try sends a made-up notice to a webhook, so that a person sees whether it arrives.
func (w Webhooks) Try(ctx context.Context, by Sender, account, id int64) error {
	hook, err := w.Store.AlertWebhook(ctx, account, id)
	if err != nil {
		return err
	}
	if hook.RemovedAt != nil {
		return reference.Refuse(reference.ErrInvalid, "webhook %d is removed", id)
	}
	made := Notice{Event: Test, WebhookID: hook.ID, URL: hook.URL}
	made.Alert.Text = "a test of the webhook, about nothing"
	return by.Send(ctx, made)
}

// Test is the event of a notice that Try sends.
const Test Event = "alert.test"
