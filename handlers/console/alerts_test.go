package console

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/users"
)

// watched is a store of alerts that notes what it was asked for.
type watched struct {
	alerts.RuleStore
	alerts.WebhookStore
	alerts  []alerts.Alert
	asked   []int64 // the accounts
	created []alerts.NewRule
	changes []alerts.RuleChange
}

func (w *watched) Alerts(_ context.Context, filter alerts.Filter, _ int64, _ int) ([]alerts.Alert, error) {
	w.asked = append(w.asked, filter.Account)
	var found []alerts.Alert
	for _, alert := range w.alerts {
		if !filter.On || alert.EndedAt == nil {
			found = append(found, alert)
		}
	}
	return found, nil
}

func (w *watched) AlertRules(_ context.Context, account int64) ([]alerts.Rule, error) {
	w.asked = append(w.asked, account)
	offer := int64(3)
	return []alerts.Rule{{ID: 4, AccountID: 1, Name: "quiet", Condition: alerts.NoConversions, OfferID: &offer, WindowMinutes: 360, Least: 200, Status: alerts.Active}}, nil
}

func (w *watched) AlertWebhooks(_ context.Context, account int64) ([]alerts.Webhook, error) {
	w.asked = append(w.asked, account)
	return []alerts.Webhook{{ID: 8, URL: "https://north.example/hook"}}, nil
}

func (w *watched) CreateAlertRule(_ context.Context, rule alerts.NewRule) (alerts.Rule, error) {
	w.created = append(w.created, rule)
	return alerts.Rule{ID: 5}, nil
}

func (w *watched) EditAlertRule(_ context.Context, account, _ int64, change alerts.RuleChange) (alerts.Rule, error) {
	w.asked, w.changes = append(w.asked, account), append(w.changes, change)
	return alerts.Rule{ID: 4}, nil
}

// watching returns a console for a user of the account 1, over a store of alerts.
func watching(t *testing.T, store *watched, role users.Role) *Console {
	t.Helper()
	c := newConsole(t, users.User{})
	account := int64(1)
	c.Users = users.Users{Store: people{user: users.User{ID: 1, Name: "ann", Role: role, AccountID: &account}}}
	c.Alerts = Alerts{Log: alerts.Log{Store: store}, Rules: alerts.Rules{Store: store}, Webhooks: alerts.Webhooks{Store: store}}
	c.Logger = slog.New(slog.DiscardHandler)
	return c
}

func (c *Console) asUser(t *testing.T, request *http.Request) (int, string) {
	t.Helper()
	request.AddCookie(&http.Cookie{Name: loopbackCookie, Value: session})
	got := c.answer(request)
	text, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return got.StatusCode, string(text) + got.Header.Get("Location")
}

func TestAlertsAreThoseOfTheUsersAccountWithWhatBecameOfTheirNotices(t *testing.T) {
	t.Parallel()
	ended := time.Now()
	store := &watched{alerts: []alerts.Alert{
		{ID: 3, RuleID: 4, Name: "quiet", Text: "nothing converts", Notices: 2, Sent: 1, Failed: 1, LastError: "no route to host"},
		{ID: 2, RuleID: 4, Name: "quiet", Text: "it was quiet", EndText: "it sells again", EndedAt: &ended, Silenced: true},
	}}
	c := watching(t, store, users.Viewer)
	status, text := c.asUser(t, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/alerts?account=2", nil))
	require.Equal(t, http.StatusOK, status, text)
	for _, want := range []string{"1 alert is on", "nothing converts", "1 of 2 arrived", "1 given up", "no route to host", "it sells again", "none: silenced", "https://north.example<"} {
		require.Contains(t, text, want)
	}
	require.Equal(t, 1, strings.Count(text, "nothing converts"), "it has not ended")
	require.NotContains(t, text, "north.example/hook", "the path of an address may be a secret")
	require.NotContains(t, text, "New rule", "a viewer makes none")
	require.Equal(t, []int64{1, 1, 1, 1}, store.asked, "the parameter chooses no other account")
}

func TestAnOperatorMakesAndSilencesRulesOfHisAccountAlone(t *testing.T) {
	t.Parallel()
	store := &watched{}
	c := watching(t, store, users.Operator)
	status, to := c.asUser(t, posted("http://127.0.0.1/alerts/rules", url.Values{"account": {"2"}, "name": {"few sales"}, "when": {"conversion_drop"}, "percent": {"30"}, "window": {"120"}}))
	require.Equal(t, http.StatusSeeOther, status, to)
	require.Len(t, store.created, 1)
	require.EqualValues(t, 1, store.created[0].Account, "a form names no other account")
	require.Equal(t, 2*time.Hour, store.created[0].Window)
	require.EqualValues(t, 30, store.created[0].Percent)

	for act, want := range map[string]alerts.Status{"pause": alerts.Paused, "resume": alerts.Active, "remove": alerts.Removed} {
		status, _ = c.asUser(t, posted("http://127.0.0.1/alerts/rules/4/"+act, nil))
		require.Equal(t, http.StatusSeeOther, status)
		require.Equal(t, want, *store.changes[len(store.changes)-1].Status, act)
	}
	status, _ = c.asUser(t, posted("http://127.0.0.1/alerts/rules/4/silence", url.Values{"hours": {"8"}}))
	require.Equal(t, http.StatusSeeOther, status)
	require.WithinDuration(t, time.Now().Add(8*time.Hour), *store.changes[len(store.changes)-1].SilencedUntil, time.Minute)
	require.Equal(t, []int64{1, 1, 1, 1}, store.asked)

	for path, form := range map[string]url.Values{
		"/alerts/rules/4/silence": {"hours": {"0"}}, "/alerts/rules": {"name": {"x"}, "when": {"moon"}},
	} {
		status, text := c.asUser(t, posted("http://127.0.0.1"+path, form))
		require.Equal(t, http.StatusBadRequest, status, text)
	}
	status, _ = c.asUser(t, posted("http://127.0.0.1/alerts/rules/4/sell", nil))
	require.Equal(t, http.StatusNotFound, status)
	status, _ = c.asUser(t, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/alerts/webhooks/8", nil))
	require.Equal(t, http.StatusForbidden, status, "secrets are for admins")
}

func (w *watched) CreateAlertWebhook(_ context.Context, account int64, _ string) (alerts.Webhook, error) {
	w.asked = append(w.asked, account)
	return alerts.Webhook{}, nil // without an id it has no secret
}

func TestAWebhookHasTheNoticesOfAllAccountsOnlyWhenThatIsChosen(t *testing.T) {
	t.Parallel()
	store := &watched{}
	c := watching(t, store, users.Admin)
	create := func(form url.Values) int {
		form.Set("url", "https://north.example/hook")
		status, _ := c.asUser(t, posted("http://127.0.0.1/alerts/webhooks", form))
		return status
	}
	require.Equal(t, http.StatusSeeOther, create(url.Values{"all": {"on"}, "account": {"2"}}))
	require.Equal(t, []int64{1}, store.asked, "an admin of an account makes none for others")

	c.Users = users.Users{Store: people{user: users.User{ID: 1, Name: "ann", Role: users.Admin}}}
	require.Equal(t, http.StatusBadRequest, create(url.Values{}))
	require.Equal(t, http.StatusBadRequest, create(url.Values{"all": {"on"}, "account": {"2"}}))
	require.Equal(t, http.StatusSeeOther, create(url.Values{"all": {"on"}}))
	require.Equal(t, http.StatusSeeOther, create(url.Values{"account": {"2"}}))
	require.Equal(t, []int64{1, 0, 2}, store.asked)
}

// ofRules is a desk with alerts, and a rule of each account.
func ofRules(t *testing.T, role users.Role) (d *desk, own, others alerts.Rule) {
	t.Helper()
	d = newDesk(t, role)
	rule := func(account int64, of alerts.Condition) alerts.Rule {
		made, err := d.Alerts.Rules.Create(t.Context(), alerts.NewRule{Account: account, Name: "of " + id(account), Condition: of})
		require.NoError(t, err)
		return made
	}
	return d, rule(d.north.ID, alerts.ConversionDrop), rule(d.south.ID, alerts.NoConversions)
}

// TestAnOperatorChangesWhatARuleLooksForAndTheHistoryHasBothValues on the page of the rule.
func TestAnOperatorChangesWhatARuleLooksForAndTheHistoryHasBothValues(t *testing.T) {
	t.Parallel()
	d, rule, others := ofRules(t, users.Operator)
	page := "/alerts/rules/" + id(rule.ID)
	_, text := d.get(page)
	for _, want := range []string{"fewer conversions than a week earlier", `name="window_minutes" type="text" inputmode="numeric" value="60"`, `name="percent" type="text" inputmode="numeric" value="50"`, `value="20"`} {
		require.Contains(t, text, want)
	}
	form := url.Values{"version": {stamp(t, text)}, "name": {"few sales"}, "window_minutes": {"120"}, "percent": {"30"}, "least": {"5"}}
	status, to := d.post(page, form)
	require.Equal(t, http.StatusSeeOther, status, to)
	is, err := d.Alerts.Rules.Show(t.Context(), 0, rule.ID)
	require.NoError(t, err)
	require.Equal(t, []any{"few sales", int64(120), int64(30), int64(5), alerts.Active}, []any{is.Name, is.WindowMinutes, is.Percent, is.Least, is.Status})
	_, text = d.get("/history?noun=alert&id=" + id(rule.ID))
	text = strings.Join(strings.Fields(regexp.MustCompile("<[^>]*>").ReplaceAllString(text, " ")), " ")
	require.Regexp(t, `ann@console edit .*least 20 5 name of \d+ few sales percent 50 30 window minutes 60 120`, text)

	status, text = d.post(page, form)
	require.Equal(t, http.StatusConflict, status, "what he read is not what is there")
	require.Contains(t, text, "Somebody else has changed it")
	form.Set("version", stamp(t, text))
	for name, wrong := range map[string]string{"window_minutes": "100", "percent": "100", "least": "many", "name": " "} {
		typed := url.Values{}
		for key := range form {
			typed.Set(key, form.Get(key))
		}
		typed.Set(name, wrong)
		status, text = d.post(page, typed)
		require.Equal(t, http.StatusBadRequest, status, name)
		require.Contains(t, text, `id="d-`+name+`"`)
		require.Contains(t, text, `aria-invalid="true"`)
	}
	for _, path := range []string{"/alerts/rules/" + id(others.ID), "/alerts/rules/" + id(others.ID) + "?account=" + id(d.south.ID)} {
		status, _ = d.get(path)
		require.Equal(t, http.StatusNotFound, status)
		status, _ = d.post(path, form)
		require.Equal(t, http.StatusNotFound, status)
	}
	d.now(users.Viewer, d.north.ID)
	_, text = d.get(page)
	require.NotContains(t, text, `method="post" action="/alerts`)
	require.Contains(t, text, "few sales")
	status, _ = d.post(page, form)
	require.Equal(t, http.StatusForbidden, status)
}

// TestARuleWithoutAPercentageHasNoFieldForIt: nothing is taken that means nothing.
func TestARuleWithoutAPercentageHasNoFieldForIt(t *testing.T) {
	t.Parallel()
	d, _, quiet := ofRules(t, users.Operator)
	d.now(users.Operator, d.south.ID)
	_, text := d.get("/alerts/rules/" + id(quiet.ID))
	require.NotContains(t, text, `name="percent"`)
	require.Contains(t, text, "Clicks in the window.")
}
