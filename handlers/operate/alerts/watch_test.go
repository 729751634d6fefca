package alerts_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/reference"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

var (
	_ alerts.RuleStore    = (*store.Store)(nil)
	_ alerts.WatchStore   = (*store.Store)(nil)
	_ alerts.NoticeStore  = (*store.Store)(nil)
	_ alerts.WebhookStore = (*store.Store)(nil)
	_ alerts.LogStore     = (*store.Store)(nil)
)

// watched is a database with an account whose sums a test makes up.
type watched struct {
	t *testing.T
	*storetest.Database
	account *storetest.Account
	mailed  bool
}

func watch(t *testing.T) *watched {
	t.Helper()
	database := storetest.NewDatabase(t)
	return &watched{t: t, Database: database, account: storetest.NewAccount(t, database.Store, database.Keys, "north")}
}

// now is a time at which a window ends at 12:00.
var now = time.Now().UTC().Truncate(24 * time.Hour).Add(12*time.Hour + 3*time.Minute)

func (w *watched) exec(statement string, arguments ...any) {
	w.t.Helper()
	_, err := w.Rows.Exec(statement, arguments...)
	require.NoError(w.t, err)
}

// sum adds hits that were received so long before 12:00.
func (w *watched) sum(ago time.Duration, offer int64, kind, outcome, reason string, hits int) {
	w.t.Helper()
	w.exec(`INSERT INTO rollup_deltas VALUES ($1, $2, $3, 0, $4, $5, $6, '', $7, 0, 0, 0)`,
		now.Add(-3*time.Minute-ago), w.account.ID, offer, kind, outcome, reason, hits)
}

func (w *watched) rule(rule alerts.NewRule) alerts.Rule {
	w.t.Helper()
	rule.Account, rule.Name = w.account.ID, "a rule"
	made, err := alerts.Rules{Store: w.Store}.Create(w.t.Context(), rule)
	require.NoError(w.t, err)
	return made
}

func (w *watched) round(at time.Time) {
	w.t.Helper()
	watching := alerts.Watch{Store: w.Store, Mail: func(int64) bool { return w.mailed }}
	require.NoError(w.t, watching.Round(w.t.Context(), at))
}

func (w *watched) alerts(filter alerts.Filter) []alerts.Alert {
	w.t.Helper()
	all, err := alerts.Log{Store: w.Store}.List(w.t.Context(), filter, 0, 10000)
	require.NoError(w.t, err)
	return all
}

func (w *watched) webhook() alerts.Webhook {
	w.t.Helper()
	made, err := alerts.Webhooks{Store: w.Store, Keys: w.Keys}.Create(w.t.Context(), w.account.ID, "https://hooks.example/in")
	require.NoError(w.t, err)
	return made
}

// taken takes the notices that are due, as a process that then ends.
func (w *watched) taken() []string {
	w.t.Helper()
	due, err := w.Store.TakeAlertNotices(w.t.Context(), 1000, time.Hour, true)
	require.NoError(w.t, err)
	var keys []string
	for _, notice := range due {
		keys = append(keys, fmt.Sprintf("%s to %d", notice.Key(), notice.WebhookID))
	}
	return keys
}

func TestAnAlertBeginsIsToldAndEnds(t *testing.T) {
	t.Parallel()
	w := watch(t)
	hook := w.webhook()
	w.mailed = true
	rule := w.rule(alerts.NewRule{Condition: alerts.RejectionRate})
	w.sum(20*time.Minute, 1, "postback", "converted", "", 40)
	w.sum(20*time.Minute, 1, "postback", "rejected", "offer_paused", 60)
	w.sum(70*time.Minute, 1, "postback", "converted", "", 10000) // before the window
	w.round(now)
	on := w.alerts(alerts.Filter{On: true})
	require.Len(t, on, 1)
	require.Equal(t, rule.ID, on[0].RuleID)
	require.Equal(t, fmt.Sprintf("account %d: 60 of 100 postbacks were rejected in the 1h to %s UTC (alert from 50 %%)", w.account.ID, now.Add(-3*time.Minute).Format("2006-01-02 15:04")), on[0].Text)
	require.EqualValues(t, 2, on[0].Notices)
	began := fmt.Sprintf("alert-%d-alert.began", on[0].ID)
	require.ElementsMatch(t, []string{began + " to 0", fmt.Sprintf("%s to %d", began, hook.ID)}, w.taken())
	require.Empty(t, w.taken(), "another process has them")

	w.round(now.Add(10 * time.Minute))
	require.Len(t, w.alerts(alerts.Filter{}), 1, "the window has not moved")
	w.round(now.Add(2 * time.Hour))
	require.Empty(t, w.alerts(alerts.Filter{On: true}))
	ended := w.alerts(alerts.Filter{})
	require.Len(t, ended, 1)
	require.NotNil(t, ended[0].EndedAt)
	require.Len(t, w.taken(), 2, "those who know that it began")
}

// TestARuleIsJudgedOnceAWindow, however many processes watch.
func TestARuleIsJudgedOnceAWindow(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.webhook()
	for range 5 {
		w.rule(alerts.NewRule{Condition: alerts.NewReason, EachOffer: true})
	}
	for offer := range int64(4) {
		w.sum(20*time.Minute, offer+1, "postback", "rejected", "expired_token", 60)
	}
	var processes sync.WaitGroup
	for range 6 {
		processes.Go(func() {
			watching := alerts.Watch{Store: w.Store, Mail: func(int64) bool { return false }}
			assert.NoError(t, watching.Round(context.WithoutCancel(t.Context()), now))
		})
	}
	processes.Wait()
	require.Len(t, w.alerts(alerts.Filter{}), 20)
	require.Len(t, w.taken(), 20)
}

func TestASilencedRuleTellsNobodyAndKeepsTheAlert(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.webhook()
	rule := w.rule(alerts.NewRule{Condition: alerts.NoConversions, Offer: w.account.Offer})
	until := time.Now().Add(time.Hour)
	_, err := alerts.Rules{Store: w.Store}.Edit(t.Context(), 0, rule.ID, alerts.RuleChange{SilencedUntil: &until})
	require.NoError(t, err)
	w.sum(2*time.Hour, w.account.Offer, "click", "recorded", "", 900)
	w.round(now)
	on := w.alerts(alerts.Filter{On: true})
	require.Len(t, on, 1)
	require.True(t, on[0].Silenced)
	require.Empty(t, w.taken())
	w.sum(0, w.account.Offer, "postback", "converted", "", 1)
	w.round(now.Add(time.Hour))
	require.Empty(t, w.alerts(alerts.Filter{On: true}))
	require.Empty(t, w.taken(), "who was not told that it began is not told that it ended")
}

func TestARuleThatIsPausedEndsItsAlerts(t *testing.T) {
	t.Parallel()
	w := watch(t)
	rule := w.rule(alerts.NewRule{Condition: alerts.ConversionDrop})
	w.sum(7*24*time.Hour+30*time.Minute, 1, "postback", "converted", "", 30)
	w.round(now)
	require.Len(t, w.alerts(alerts.Filter{On: true}), 1, "a week earlier there were 30")
	rules := alerts.Rules{Store: w.Store}
	paused, removed := alerts.Paused, alerts.Removed
	_, err := rules.Edit(t.Context(), w.account.ID, rule.ID, alerts.RuleChange{Status: &paused})
	require.NoError(t, err)
	require.Empty(t, w.alerts(alerts.Filter{On: true}))
	w.round(now.Add(time.Hour))
	require.Empty(t, w.alerts(alerts.Filter{On: true}))
	_, err = rules.Edit(t.Context(), 0, rule.ID, alerts.RuleChange{Status: &removed})
	require.NoError(t, err)
	listed, err := rules.List(t.Context(), w.account.ID)
	require.NoError(t, err)
	require.Empty(t, listed)
}

func TestAnEditOfARuleIsCheckedLikeANewOne(t *testing.T) {
	t.Parallel()
	w := watch(t)
	rules := alerts.Rules{Store: w.Store}
	rule, quiet := w.rule(alerts.NewRule{Condition: alerts.RejectionRate}), w.rule(alerts.NewRule{Condition: alerts.NoConversions})
	for name, edit := range map[string]struct {
		rule   int64
		change alerts.RuleChange
	}{
		"window_minutes": {rule.ID, alerts.RuleChange{Window: new(20 * time.Minute)}},
		"name":           {rule.ID, alerts.RuleChange{Name: new(" ")}},
		"least":          {rule.ID, alerts.RuleChange{Least: new(int64(0))}},
		"percent":        {quiet.ID, alerts.RuleChange{Percent: new(int64(20))}},
	} {
		_, err := rules.Edit(t.Context(), w.account.ID, edit.rule, edit.change)
		require.ErrorIs(t, err, reference.ErrInvalid, name)
		require.Equal(t, name, reference.FaultsOf(err)[0].Field)
	}
	edited, err := rules.Edit(t.Context(), w.account.ID, rule.ID, alerts.RuleChange{Name: new("late"), Window: new(2 * time.Hour), Percent: new(int64(20)), Least: new(int64(7))})
	require.NoError(t, err)
	require.Equal(t, []any{"late", int64(120), int64(20), int64(7)}, []any{edited.Name, edited.WindowMinutes, edited.Percent, edited.Least})
	_, err = rules.Edit(t.Context(), w.account.ID+1, rule.ID, alerts.RuleChange{Percent: new(int64(9))})
	require.ErrorIs(t, err, reference.ErrNotFound)
}

func TestARuleThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	w := watch(t)
	for name, rule := range map[string]alerts.NewRule{
		"no condition":    {Condition: "odd"},
		"both":            {Condition: alerts.NewReason, Offer: w.account.Offer, EachOffer: true},
		"a percentage":    {Condition: alerts.NoConversions, Percent: 5},
		"of all":          {Condition: alerts.RejectionRate, Percent: 100},
		"negative":        {Condition: alerts.RejectionRate, Least: -1},
		"no whole":        {Condition: alerts.RejectionRate, Window: 20 * time.Minute},
		"too long":        {Condition: alerts.RejectionRate, Window: 8 * 24 * time.Hour},
		"another's offer": {Condition: alerts.RejectionRate, Offer: 99},
	} {
		rule.Account, rule.Name = w.account.ID, "a rule"
		_, err := alerts.Rules{Store: w.Store}.Create(t.Context(), rule)
		require.Error(t, err, name)
	}
	_, err := alerts.Rules{Store: w.Store}.Create(t.Context(), alerts.NewRule{Account: 99, Name: "x", Condition: alerts.NewReason})
	require.ErrorIs(t, err, reference.ErrNotFound)
	all, err := alerts.Rules{Store: w.Store}.List(t.Context(), 0)
	require.NoError(t, err)
	require.Empty(t, all)
}

// TestAWebhookThatIsRemovedHasNothingPosted, not even what waits.
func TestAWebhookThatIsRemovedHasNothingPosted(t *testing.T) {
	t.Parallel()
	w := watch(t)
	hook := w.webhook()
	w.rule(alerts.NewRule{Condition: alerts.NewReason})
	w.sum(20*time.Minute, 1, "postback", "rejected", "expired_token", 60)
	w.round(now)
	_, err := alerts.Webhooks{Store: w.Store}.Store.RemoveAlertWebhook(t.Context(), w.account.ID, hook.ID)
	require.NoError(t, err)
	require.Empty(t, w.taken())
	require.EqualValues(t, 1, w.alerts(alerts.Filter{})[0].Failed)
	_, err = w.Store.AlertWebhook(t.Context(), w.account.ID+1, hook.ID)
	require.ErrorIs(t, err, reference.ErrNotFound, "it is another account's")
	for _, address := range []string{"", "hooks.example", "ftp://x.example", "https://user:pass@x.example/"} {
		_, err := alerts.Webhooks{Store: w.Store}.Create(t.Context(), 0, address)
		require.ErrorIs(t, err, reference.ErrInvalid, address)
		require.NotContains(t, err.Error(), "pass@")
	}
}

// TestAnAccountIsNotToldOfNoticesToAWebhookOfAnOperator nor why they do not arrive.
func TestAnAccountIsNotToldOfNoticesToAWebhookOfAnOperator(t *testing.T) {
	t.Parallel()
	w := watch(t)
	_, err := alerts.Webhooks{Store: w.Store, Keys: w.Keys}.Create(t.Context(), 0, "https://operators.example/in")
	require.NoError(t, err)
	w.webhook()
	w.mailed = true
	w.rule(alerts.NewRule{Condition: alerts.NewReason})
	w.sum(20*time.Minute, 1, "postback", "rejected", "expired_token", 60)
	w.round(now)
	w.exec(`UPDATE alert_notices SET error = 'operators.example does not exist' WHERE webhook_id IN (SELECT id FROM alert_webhooks WHERE account_id IS NULL)`)
	everything := w.alerts(alerts.Filter{})[0]
	require.EqualValues(t, 3, everything.Notices)
	require.NotEmpty(t, everything.LastError)
	own := w.alerts(alerts.Filter{Account: w.account.ID})[0]
	require.EqualValues(t, 2, own.Notices, "to its own webhook, and by e-mail")
	require.Empty(t, own.LastError)
}
