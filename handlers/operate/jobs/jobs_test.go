package jobs_test

import (
	"encoding/json"
	"math"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/sql/store/storetest"
)

func TestAnEstimateSaysWhatAJobWouldDoAndWritesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	letters := o.die(12)
	estimate, err := o.Estimate(t.Context(), jobs.Order{Act: history.Replay, Filter: dead.Filter{AccountID: o.ID}, By: ann})
	require.NoError(t, err)
	require.True(t, estimate.Result.DryRun)
	require.EqualValues(t, 12, estimate.Result.Chosen)
	require.EqualValues(t, 12, estimate.Result.Reasons[0].Letters)
	require.Equal(t, outcome.OfferPaused, estimate.Result.Reasons[0].Reason)
	require.Len(t, estimate.Sample, 10)
	require.Equal(t, letters[0], estimate.Sample[0].ID)
	require.Zero(t, o.count("jobs"))
	require.Zero(t, o.count("history WHERE noun IN ('job', 'dead')"))
	require.Equal(t, 12, o.count("dead_letters WHERE status = 'open'"))
}

func TestAJobThatCannotBeCarriedOutIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for name, order := range map[string]jobs.Order{
		"no act":    {Act: history.Edit},
		"slow":      {Act: history.Replay, PerSecond: 0.01},
		"fast":      {Act: history.Replay, PerSecond: 1e6},
		"no number": {Act: history.Replay, PerSecond: math.NaN()},
		"e-mail":    {Act: history.Discard, Filter: dead.Filter{Text: "ann@example.com"}},
	} {
		_, err := o.Create(t.Context(), order)
		require.ErrorIs(t, err, reference.ErrInvalid, name)
		require.NotContains(t, err.Error(), "ann@example.com")
	}
	_, err := o.Create(t.Context(), jobs.Order{Act: history.Replay, Filter: dead.Filter{IDs: []uuid.UUID{uuid.New()}}})
	require.ErrorIs(t, err, reference.ErrNotFound)
	require.Zero(t, o.count("jobs"))
	for range jobs.MostUnended {
		o.order(history.Discard, 0)
	}
	_, err = o.Create(t.Context(), jobs.Order{Act: history.Replay, Filter: dead.Filter{AccountID: o.ID}})
	require.ErrorIs(t, err, reference.ErrConflict)
}

// TestAJobOfAnotherAccountIsNotThere: neither shown, nor listed, nor cancelled.
func TestAJobOfAnotherAccountIsNotThere(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	other := storetest.NewBareAccount(t, o.store, o.keys, "other")
	own := o.order(history.Discard, 0)
	everybodys, err := o.Create(t.Context(), jobs.Order{Act: history.Discard, By: ann})
	require.NoError(t, err)
	for _, account := range []int64{other.ID, o.ID} {
		_, err = o.Show(t.Context(), account, everybodys.ID)
		require.ErrorIs(t, err, reference.ErrNotFound)
	}
	_, err = o.Show(t.Context(), other.ID, own.ID)
	require.ErrorIs(t, err, reference.ErrNotFound)
	_, err = o.Cancel(t.Context(), other.ID, own.ID)
	require.ErrorIs(t, err, reference.ErrNotFound)
	page, err := o.Page(t.Context(), jobs.Filter{Account: other.ID}, "", 10)
	require.NoError(t, err)
	require.Empty(t, page.Items)
	_, err = o.Page(t.Context(), jobs.Filter{Account: 99}, "", 10)
	require.ErrorIs(t, err, reference.ErrNotFound)
	require.Equal(t, 2, o.count("jobs WHERE state = 'waiting'"))
}

func TestPagesOfJobsNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 5 {
		o.order(history.Discard, 0)
	}
	var ids []int64
	cursor := ""
	for {
		page, err := o.Page(t.Context(), jobs.Filter{Account: o.ID, States: jobs.Unended()}, cursor, 2)
		require.NoError(t, err)
		for _, job := range page.Items {
			ids = append(ids, job.ID)
		}
		if page.Next == nil {
			break
		}
		cursor = *page.Next
	}
	require.Equal(t, []int64{5, 4, 3, 2, 1}, ids)
	for _, text := range []string{"x", "-1", "0", "01"} {
		_, err := o.Page(t.Context(), jobs.Filter{}, text, 2)
		require.ErrorIs(t, err, operate.ErrCursor)
	}
}

var testTime = time.Date(2026, 3, 14, 15, 9, 26, 535897000, time.UTC)

// TestAFilterComesBackWhole: as the job keeps it, it chooses what it chose.
func TestAFilterComesBackWhole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	network := netip.MustParsePrefix("192.0.2.0/24")
	form := jobs.Form{Act: history.Replay, Note: "why", Filter: jobs.FilterForm{
		Silent: true, Reason: outcome.OfferPaused, Kind: hit.Pixel, Offer: 1, Advertiser: 1, Publisher: 1, Token: 1,
		TokenDigest: "0123456789ABCDEF", Network: network.String(), Text: `a "quoted" text`, ActID: uuid.New(), Since: testTime.Add(-time.Hour), Until: testTime,
	}}
	order, err := form.Order(o.ID, ann)
	require.NoError(t, err)
	want := order.Filter
	for _, field := range reflect.VisibleFields(reflect.TypeFor[dead.Filter]()) {
		if field.Name != "IDs" { // which a form has alone
			require.False(t, reflect.ValueOf(want).FieldByIndex(field.Index).IsZero(), "a form has no %s", field.Name)
		}
	}
	require.Equal(t, dead.DigestPrefix("0123456789abcdef"), want.TokenDigest)
	require.Equal(t, network, want.Network)
	o.db.MustExec(`UPDATE tokens SET id = 1 WHERE id = (SELECT min(id) FROM tokens)`)
	job, err := o.Create(t.Context(), order)
	require.NoError(t, err)
	want.State = dead.StateSilent
	require.Equal(t, want, job.Filter)
	text, err := json.Marshal(job.Filter)
	require.NoError(t, err)
	require.NotContains(t, string(text), "receipts")
}

func TestAFormNamesLettersInOneWay(t *testing.T) {
	t.Parallel()
	id := []uuid.UUID{uuid.New()}
	for _, form := range []jobs.FilterForm{
		{}, {All: true, Offer: 1}, {All: true, Receipts: id}, {Receipts: id, Silent: true}, {Receipts: id, Text: "x"},
		{Network: "192.0.2.0/8"}, {Network: "x"}, {TokenDigest: "xyz"},
	} {
		_, err := jobs.Form{Act: history.Replay, Filter: form}.Order(1, ann)
		require.ErrorIs(t, err, reference.ErrInvalid, "%+v", form)
	}
	for _, form := range []jobs.FilterForm{{All: true}, {Receipts: id}, {Silent: true}, {Offer: 1}, {Until: testTime}} {
		_, err := jobs.Form{Act: history.Replay, Filter: form}.Order(1, ann)
		require.NoError(t, err, "%+v", form)
	}
}
