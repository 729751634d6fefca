package console

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/queues"
	"integr8/handlers/operate/report"
)

// nowKept is what the page Now shows, by account. What is about the whole system is kept
// for the account 0 alone.
type nowKept struct {
	examined *kept[doctor.Report]
	looked   *kept[queues.View]
	balanced *kept[audit.Balance]
	minutes  *kept[[]report.Minute]
	letters  *kept[attention]
	alerts   *kept[[]alerts.Alert]
}

// attention are the dead letters that somebody has to look at.
type attention struct {
	Reasons []dead.ReasonCount
	Total   int64
}

// chartMinutes is how long the chart goes back.
const chartMinutes = 60

// keepNow says how each part is read, how often at most, and how long that may take.
func (c *Console) keepNow() nowKept {
	return nowKept{
		examined: &kept[doctor.Report]{console: c, fresh: 10 * time.Second, bound: time.Minute,
			read: func(ctx context.Context, _ int64) (doctor.Report, error) { return c.Examine(ctx) }},
		looked: &kept[queues.View]{console: c, fresh: 3 * time.Second, bound: 15 * time.Second,
			read: func(ctx context.Context, _ int64) (queues.View, error) { return c.Queues.Look(ctx) }},
		balanced: &kept[audit.Balance]{console: c, fresh: 5 * time.Second, bound: 30 * time.Second,
			read: func(ctx context.Context, _ int64) (audit.Balance, error) {
				balance, err := c.Audits.Balance(ctx, time.Time{})
				if err == nil {
					c.rates.look(balance)
				}
				return balance, err
			}},
		minutes: &kept[[]report.Minute]{console: c, fresh: 5 * time.Second, bound: 15 * time.Second,
			read: func(ctx context.Context, account int64) ([]report.Minute, error) {
				return c.Reports.Minutes(ctx, account, chartMinutes)
			}},
		alerts:  &kept[[]alerts.Alert]{console: c, fresh: 5 * time.Second, bound: 15 * time.Second, read: c.readAlertsOn},
		letters: &kept[attention]{console: c, fresh: 10 * time.Second, bound: 30 * time.Second, read: c.readAttention},
	}
}

func (c *Console) readAttention(ctx context.Context, account int64) (attention, error) {
	reasons, total, err := c.Letters.Summary(ctx, dead.Filter{AccountID: account, State: dead.StateAttention})
	return attention{reasons, total}, err
}

// nowShown is the page Now.
type nowShown struct {
	// Whole is set where the whole system is shown.
	Whole bool
	Trouble
	Hour    item[[]report.Minute]
	Letters item[attention]
	// Alerts are those that are on, the latest first.
	Alerts  item[[]alerts.Alert]
	Looked  item[queues.View]
	Balance item[audit.Balance]
	Queues  []queueRow
	// Processes are those that responded.
	Processes []queues.Process
	// Unread are sentences on what could not be read.
	Unread []string
}

func (c *Console) readNow(v *visit) nowShown {
	ctx, cancel := context.WithTimeout(v.ctx(), patience)
	defer cancel()
	account := v.account()
	c.now.ask(account)
	now := nowShown{Whole: v.whole(), Hour: c.now.minutes.get(ctx, account), Letters: c.now.letters.get(ctx, account), Alerts: c.now.alerts.get(ctx, account)}
	examined := c.now.examined.get(ctx, 0)
	now.Trouble = troubleOf(examined, account)
	if now.Whole {
		now.Looked, now.Balance = c.now.looked.get(ctx, 0), c.now.balanced.get(ctx, 0)
		now.Processes = now.Looked.Value.Processes
		now.Queues = c.queueRows(now.Looked.Value.Queues, now.Balance.Value.Queues)
	}
	now.Unread = c.unread(v, map[string]error{
		"the figures of the last hour": now.Hour.Err, "dead letters": now.Letters.Err, "alerts": now.Alerts.Err, "queues": now.Looked.Err, "the books": now.Balance.Err,
		"what is wrong": examined.Err,
	})
	return now
}

// ask begins to read all parts at the same time.
func (n nowKept) ask(account int64) {
	n.minutes.ask(account)
	n.letters.ask(account)
	n.alerts.ask(account)
	n.examined.ask(0)
	if account == 0 {
		n.looked.ask(0)
		n.balanced.ask(0)
	}
}

func (c *Console) nowPage(v *visit) error {
	return c.render(v, http.StatusOK, "now", "Now", c.readNow(v))
}

// nowPart is a part of the page that is shown anew every few seconds.
func (c *Console) nowPart(part string) func(*visit) error {
	return func(v *visit) error { return c.renderPart(v, "now", part, c.readNow(v)) }
}

// nowMinutes is what the chart shows.
func (c *Console) nowMinutes(v *visit) error {
	ctx, cancel := context.WithTimeout(v.ctx(), patience)
	defer cancel()
	minutes := c.now.minutes.get(ctx, v.account())
	if !minutes.Known() && minutes.Err != nil {
		return minutes.Err
	}
	v.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.w).Encode(minutes.Value)
}

// Sum is the sum of the minutes.
func (n nowShown) Sum() (sum report.Minute) {
	for _, minute := range n.Hour.Value {
		sum.Accepted += minute.Accepted
		sum.Converted += minute.Converted
		sum.Duplicate += minute.Duplicate
		sum.Rejected += minute.Rejected
	}
	return sum
}

// Since is when the first minute began, as a parameter of a list.
func (n nowShown) Since() string {
	if len(n.Hour.Value) == 0 {
		return ""
	}
	return n.Hour.Value[0].Begin.Format(time.RFC3339)
}

// Busy are the queues that are not merely empty.
func (n nowShown) Busy() []queueRow {
	return slices.DeleteFunc(slices.Clone(n.Queues), func(q queueRow) bool { return !q.busy() })
}

// PerSecond is the rate of the last whole minute.
func (n nowShown) PerSecond() float64 {
	if len(n.Hour.Value) < 2 {
		return 0
	}
	return float64(n.Hour.Value[len(n.Hour.Value)-2].Accepted) / time.Minute.Seconds()
}
