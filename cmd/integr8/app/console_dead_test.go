package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/ports"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/search"
	"integr8/handlers/operate/users"
	"integr8/pipeline/outcome"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// apart is a system whose doors and workers are one process, and whose web is another, which
// can be started anew at the same address.
type apart struct {
	*served
	startWeb func() (stop func())
}

func serveApart(t *testing.T) *apart {
	t.Helper()
	options := newOptions(t)
	db, err := store.Open(options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	s := &served{t: t, store: db, keys: options.Keys, options: options, client: &http.Client{
		Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true},
	}}
	s.north = s.tenant(storetest.NewAccount(t, db, options.Keys, "north"), "north")
	at, err := ports.Address()
	require.NoError(t, err)
	s.base = "http://" + at + "/api/v1"

	handling, web := options, options
	handling.Web, web.Receiver, web.Worker = nil, nil, nil
	own := *options.Web
	own.Addr, own.Rate, own.WrongKeys = at, 0, 0
	web.Web = &own
	system := start(t, handling)
	s.hits, err = system.HitsAddr(t.Context())
	require.NoError(t, err)
	return &apart{s, func() func() {
		started, stop := startToStop(t, web)
		_, err := started.WebAddr(t.Context())
		require.NoError(t, err)
		return stop
	}}
}

// die stores n letters like one that a door and a worker made, each with another external id
// from first on.
func (a *apart) die(like uuid.UUID, first, n int) {
	a.t.Helper()
	found, err := a.store.DeadLetters(a.t.Context(), dead.Filter{IDs: []uuid.UUID{like}}, dead.OldestFirst, nil, 1)
	require.NoError(a.t, err)
	require.Len(a.t, found, 1)
	var records []*attribution.Record
	for i := range n {
		h, err := found[0].Hit()
		require.NoError(a.t, err)
		h.ID, h.ReceivedAt, h.Incarnation, h.Number = uuid.Must(uuid.NewV7()), time.Now().UTC(), 0, 0
		h.Params["external_transaction_id"] = fmt.Sprint("sale-", first+i)
		request, err := h.Encode()
		require.NoError(a.t, err)
		records = append(records, &attribution.Record{Hit: h, Request: request, Decision: attribution.Decision{
			Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: found[0].AccountID, OfferID: *found[0].OfferID}})
	}
	for page := range slices.Chunk(records, 500) {
		require.NoError(a.t, a.store.Write(a.t.Context(), page))
	}
}

// refused sends a hit for an offer that is paused.
func (a *apart) refused(offer int64) uuid.UUID {
	a.t.Helper()
	answer := a.fire("/clickless", "secure", a.north.Global, "offer", number(offer), "publisher", number(a.north.Publisher), "external_transaction_id", "sale-0")
	receipt := uuid.MustParse(answer.Header.Get("X-Receipt"))
	a.await(receipt, outcome.Rejected)
	return receipt
}

func (a *apart) activate(offer int64) {
	a.t.Helper()
	active := attribution.Active
	_, err := a.store.EditOffer(a.t.Context(), a.north.ID, offer, reference.OfferChange{Status: &active})
	require.NoError(a.t, err)
	require.Eventually(a.t, func() bool { // until the worker knows
		answer := a.fire("/clickless", "secure", a.north.Global, "offer", number(offer), "publisher", number(a.north.Publisher), "external_transaction_id", "canary")
		var found []search.Hit
		receipt := uuid.MustParse(answer.Header.Get("X-Receipt"))
		require.Eventually(a.t, func() bool {
			var err error
			found, err = a.store.Hits(a.t.Context(), search.Filter{IDs: []uuid.UUID{receipt}}, search.Span{End: uuid.Max}, 1)
			return err == nil && len(found) == 1
		}, patience, 10*time.Millisecond)
		return found[0].Outcome != outcome.Rejected
	}, patience, 10*time.Millisecond)
}

// job returns the newest job.
func (a *apart) newest() jobs.Job {
	a.t.Helper()
	found, err := a.store.Jobs(a.t.Context(), jobs.Filter{}, 0, 1)
	require.NoError(a.t, err)
	require.Len(a.t, found, 1)
	return found[0]
}

func (a *apart) letters(filter dead.Filter) int64 {
	a.t.Helper()
	_, total, err := dead.Letters{Store: a.store}.Summary(a.t.Context(), filter)
	require.NoError(a.t, err)
	return total
}

// TestPeopleReplayThousandsOfLettersAsAJobThroughARestartOfTheWebProcess: whoever has ordered
// it watches the counts go on, and sees at the end what became of the hits. A discard of
// many is brought back by another job.
func TestPeopleReplayThousandsOfLettersAsAJobThroughARestartOfTheWebProcess(t *testing.T) {
	const converted, duplicates, again = 4800, 100, 100
	s := serveApart(t)
	s.user("olga", users.Operator, s.north.ID)
	s.user("vic", users.Viewer, s.north.ID)
	still := s.north.NewOffer(func(o *attribution.Offer) { o.Status, o.Name = attribution.Paused, "north-still-paused" })
	s.die(s.refused(still), 1, again-1)
	first := s.refused(s.north.paused)
	s.die(first, 1, converted-1)
	s.die(first, 0, duplicates)
	s.activate(s.north.paused)
	require.EqualValues(t, converted+duplicates+again, s.letters(dead.Filter{Reason: outcome.OfferPaused, State: dead.StateOpen})-s.letters(dead.Filter{Text: "canary"}))

	stop := s.startWeb()
	b := newBrowser(t, s.console())
	b.logIn("olga", userPassword)
	b.open("/dead?reason=offer_paused&text=sale-")
	b.await("5\u202f000 dead letters")
	b.await("100 hits will die again, because offer " + number(still) + " is still paused")
	b.look("dead-many")
	b.click(`//a[contains(text(),"Replay all")]`)
	b.await("Replay 5\u202f000 dead letters?")
	require.Contains(t, b.text(), "100 hits will die again, because offer "+number(still)+" is still paused")
	require.Contains(t, b.text(), "it takes about 25 s")
	b.look("bulk")
	b.run(chromedp.SetValue("input[name=rate]", "400"), chromedp.SendKeys("form.card input[name=note]", "it runs again"),
		chromedp.Click("input[name=sure]"), chromedp.Click("form.card .acts button"), chromedp.WaitVisible("#job"))
	b.await("about 1") // of seconds that are left
	require.Eventually(t, func() bool { return s.newest().Swept > 500 }, patience, 10*time.Millisecond)
	b.look("job-running")
	stop()
	halted := s.newest()
	require.Equal(t, jobs.Running, halted.State)
	require.Less(t, halted.Swept, halted.Result.Chosen)
	stop = s.startWeb()

	b.await("All are decided.")
	b.forgive("net::ERR_")
	ended := s.ended(halted.ID)
	require.Equal(t, []any{jobs.Done, "olga@console", "it runs again"}, []any{ended.State, ended.By, ended.Note})
	ended, err := s.store.Job(t.Context(), s.north.ID, halted.ID)
	require.NoError(t, err)
	require.Equal(t, []dead.Became{
		{Outcome: outcome.Converted, Hits: converted},
		{Outcome: outcome.Duplicate, Reason: ended.Result.Became[1].Reason, Hits: duplicates, Hint: ended.Result.Became[1].Hint},
		{Outcome: outcome.Rejected, Reason: outcome.OfferPaused, DiedAgain: true, Hits: again, Hint: outcome.OfferPaused.Hint()},
	}, ended.Result.Became)
	require.Contains(t, b.text(), "5\u202f000 letters replayed")
	require.Contains(t, b.text(), "4\u202f800")
	asking, err := ask(b, chromedp.Evaluate[bool](`document.getElementById("job").hasAttribute("hx-get")`))
	require.NoError(t, err)
	require.False(t, asking, "an ended job is not asked for again")
	b.look("job-done")
	b.click(`//td/a[text()="100" and contains(@href,"reason=offer_paused")]`)
	b.await("100 dead letters: offer paused")

	b.open("/dead?reason=offer_paused&offer=" + number(still))
	b.await("100 hits will die again")
	b.click(`//a[contains(text(),"Discard all")]`)
	b.await("Discard 100 dead letters?")
	s.orderedFromThePage(b)
	require.EqualValues(t, again, s.letters(dead.Filter{State: dead.StateDiscarded}))
	b.await("Bring back what it discarded")
	b.click(`//a[contains(text(),"Bring back what it discarded")]`)
	b.await("Bring back 100 dead letters?")
	s.orderedFromThePage(b)
	require.Zero(t, s.letters(dead.Filter{State: dead.StateDiscarded}))
	require.EqualValues(t, again, s.letters(dead.Filter{OfferID: still, State: dead.StateOpen}))

	b.open("/dead?offer=" + number(still))
	b.await("100 hits will die again")
	b.click(`//a[contains(text(),"Note on all")]`)
	b.await("Note on 100 dead letters?")
	b.run(chromedp.SendKeys("form.card input[name=note]", "the buyer is asked"))
	s.orderedFromThePage(b)
	b.open("/dead?offer=" + number(still))
	b.await("100 hits will die again")
	b.run(chromedp.Click("#letters tbody tr:first-child input[name=receipt]"), chromedp.SendKeys("#letters input[name=note]", "gone"))
	b.click(`//div[@class="acts"]/button[text()="Discard"]`)
	b.click(`//a[text()="Bring back what was discarded"]`)
	b.await("Bring back 1 dead letter?")

	b.open("/jobs")
	b.await("4 jobs on this page")
	b.look("jobs")
	b.open("/jobs?state=unended")
	b.await("None.")

	viewer := newBrowser(t, s.console())
	viewer.logIn("vic", userPassword)
	viewer.open("/jobs/" + number(ended.ID))
	viewer.await("5\u202f000 letters replayed")
	viewer.open("/dead")
	viewer.await("dead letters")
	require.NotContains(t, viewer.text(), "Replay all")
	viewer.open("/dead/all/replay")
	viewer.await("This needs the role operator")
	viewer.expect("403")
	stop()
}

// orderedFromThePage agrees to what the page asks, and waits for the end of the job.
func (a *apart) orderedFromThePage(b *browser) {
	b.t.Helper()
	b.run(chromedp.Click("input[name=sure]"), chromedp.Click("form.card .acts button"), chromedp.WaitVisible("#job"))
	a.ended(a.newest().ID)
	b.await("done")
}
