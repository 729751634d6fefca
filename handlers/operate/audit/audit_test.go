package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/books"
	"integr8/pipeline/hit"
)

var now = time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC)

// ago is a time before now.
func ago(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }

// kept are books and queues as a test wants them.
type kept struct {
	streams []*books.Stream
	waiting int64
	view    queues.View
	away    error
}

func (k *kept) Books(context.Context, time.Duration) ([]*books.Stream, time.Time, error) {
	return k.streams, now, nil
}
func (k *kept) CountWaiting(context.Context) (int64, error) { return k.waiting, nil }
func (k *kept) Look(context.Context) (queues.View, error)   { return k.view, k.away }
func (k *kept) balance(t *testing.T, since time.Time) audit.Balance {
	t.Helper()
	balance, err := audit.Audits{Store: k, Queues: k}.Balance(t.Context(), since)
	require.NoError(t, err)
	require.Equal(t, balance.Promised, balance.Settled+balance.OnTheWay+balance.Unaccounted, "%+v", balance)
	require.Equal(t, balance.OnTheWay, balance.Places.Sum())
	return balance
}

// stream is that of clicks: 100 are promised, a statement each second until a minute
// ago, and those in lost are not settled.
func stream(lost ...int64) *books.Stream {
	s := &books.Stream{
		Identity: books.Identity{Incarnation: 7, BeganAt: ago(160), Home: uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057")},
		Topic:    hit.TopicClicks, Receiver: "host:1", ReportedTo: 100, PassedTo: 100, ClearedTo: 100,
		SentAt: ago(0), PassedSentAt: ago(0), ReportedAt: ago(0),
	}
	for number := int64(10); number <= 100; number += 10 {
		s.Statements = append(s.Statements, books.Passed{UpTo: number, SentAt: ago(160 - int(number))})
	}
	numbers := new(books.Bits)
	for number := 1; number <= 100; number++ {
		numbers.Add(number - 1)
	}
	for _, number := range lost {
		numbers[(number-1)/8] &^= 0x80 >> ((number - 1) % 8)
	}
	s.Settled.AddOpen(0, numbers)
	return s
}

func TestAPromisedHitThatNothingHoldsIsUnaccounted(t *testing.T) {
	t.Parallel()
	k := &kept{streams: []*books.Stream{stream(), stream(33, 34, 78)}}
	balance := k.balance(t, time.Time{})
	require.EqualValues(t, 200, balance.Promised)
	require.EqualValues(t, 3, balance.Unaccounted)
	require.Len(t, balance.Missing, 2)
	require.EqualValues(t, []int64{33, 34, 2}, []int64{balance.Missing[0].First, balance.Missing[0].Last, balance.Missing[0].Hits})
	require.Equal(t, ago(130), *balance.Missing[0].PromisedAfter)
	require.Equal(t, ago(120), *balance.Missing[0].PromisedBefore)
	require.Equal(t, ago(130), *balance.ProvedUntil, "up to the statement before")
	require.ErrorIs(t, balance.Err(), audit.ErrUnaccounted)
	require.EqualError(t, balance.Err(), "3 promised hits are unaccounted")
}

func TestABalanceWithoutADifferenceIsProvedUntilTheLastStatement(t *testing.T) {
	t.Parallel()
	balance := (&kept{streams: []*books.Stream{stream()}}).balance(t, time.Time{})
	require.EqualValues(t, 100, balance.Settled)
	require.Equal(t, now, *balance.ProvedUntil)
	require.NoError(t, balance.Err())
	empty := (&kept{}).balance(t, time.Time{})
	require.Zero(t, empty.Promised)
	require.NoError(t, empty.Err())
}

func TestWhatMayBeElsewhereIsOnItsWay(t *testing.T) {
	t.Parallel()
	old, young := 40.0, 2.0
	for name, row := range map[string]struct {
		harm func(*kept)
		want audit.Places
		lost int64
	}{
		"a retry queue": {harm: func(k *kept) {
			k.view.Queues = []queues.Queue{{Queue: "main.retry.1s", Topic: "retry.1s", Messages: 1}}
		}, want: audit.Places{Retry: 2}},
		"the dead letter queue": {harm: func(k *kept) { k.view.Queues = []queues.Queue{{Queue: "main.dead", Topic: "dead", Messages: 1}} }, want: audit.Places{Retry: 2}},
		"the quarantine": {harm: func(k *kept) {
			k.view.Queues = []queues.Queue{{Queue: "main.clicks.suspects", Topic: "clicks.suspects", InFlight: 1}}
		}, want: audit.Places{Retry: 1}, lost: 1},
		"another's quarantine": {harm: func(k *kept) {
			k.view.Queues = []queues.Queue{{Queue: "main.postbacks.suspects", Topic: "postbacks.suspects", InFlight: 1}}
		}, lost: 2},
		"a slow worker": {harm: func(k *kept) {
			k.view.Queues = []queues.Queue{{Queue: "main.clicks", Topic: "clicks", InFlight: 9, OldestSeconds: &old}}
		}, want: audit.Places{Retry: 2}},
		"a busy worker": {harm: func(k *kept) {
			k.view.Queues = []queues.Queue{{Queue: "main.clicks", Topic: "clicks", InFlight: 9, OldestSeconds: &young}}
		}, lost: 2},
		"a full queue":    {harm: func(k *kept) { k.view.Queues = []queues.Queue{{Queue: "main.clicks", Topic: "clicks", Messages: 9}} }, lost: 2},
		"unknown":         {harm: func(k *kept) { k.away = errors.New("the broker is away") }, want: audit.Places{Retry: 2}},
		"unasked workers": {harm: func(k *kept) { k.view.Unasked = errors.New("blocked") }, want: audit.Places{Retry: 2}},
		"the queue":       {harm: func(k *kept) { k.streams[0].ClearedTo = 40 }, want: audit.Places{Queue: 1}, lost: 1},
		"the spool":       {harm: func(k *kept) { k.streams[0].ClearedTo, k.streams[0].Spooled = 0, 5 }, want: audit.Places{Spool: 2}},
		"a silent receiver": {harm: func(k *kept) {
			k.streams[0].ClearedTo, k.streams[0].ReportedAt, k.streams[0].PassedSentAt = 0, ago(61), ago(62)
		}, want: audit.Places{Spool: 2}},
		"the spool of the run before": {harm: func(k *kept) {
			next := stream()
			next.Incarnation, next.BeganAt, next.Spooled = 8, ago(1), 5
			k.streams[0].ClearedTo = 0
			k.streams = append(k.streams, next)
		}, want: audit.Places{Spool: 2}},
		"nowhere, for the run after has drained the spool": {harm: func(k *kept) { k.streams[0].ClearedTo, k.streams[0].Overtaken = 0, true }, lost: 2},
		"waiting":   {harm: func(k *kept) { k.waiting = 7 }, want: audit.Places{Waiting: 7}, lost: 2},
		"withdrawn": {harm: func(k *kept) { k.streams[0].Statements[0].Withdrawn = []books.Span{{First: 30, Last: 60}} }},
	} {
		k := &kept{streams: []*books.Stream{stream(33, 55)}}
		row.harm(k)
		balance := k.balance(t, time.Time{})
		require.Equal(t, row.want, balance.Places, name)
		require.Equal(t, row.lost, balance.Unaccounted, name)
	}
}

// TestWhatADeadReceiverNeverStatedIsNamedAsSuch: of what it gave out after its last
// statement, what is settled counts as promised, and the rest as unproved.
func TestWhatADeadReceiverNeverStatedIsNamedAsSuch(t *testing.T) {
	t.Parallel()
	live, dead := stream(93), stream(93)
	for _, s := range []*books.Stream{live, dead} {
		s.ReportedTo, s.PassedTo, s.ClearedTo, s.Statements = 90, 90, 90, s.Statements[:9]
	}
	dead.Overtaken = true
	balance := (&kept{streams: []*books.Stream{live, dead}}).balance(t, time.Time{})
	require.EqualValues(t, 2*(90+9), balance.Promised)
	require.EqualValues(t, balance.Promised, balance.Settled)
	require.EqualValues(t, 1, balance.Unproved, "a live one states its last numbers within a second")
	require.Equal(t, []int64{0, 1}, []int64{balance.Receivers[0].Unproved, balance.Receivers[1].Unproved})
	require.NoError(t, balance.Err())
}

func TestSinceLeavesOutWhatWasPromisedBefore(t *testing.T) {
	t.Parallel()
	gone := stream(1)
	gone.ReportedAt, gone.PassedSentAt = ago(150), ago(150)
	k := &kept{streams: []*books.Stream{stream(33, 78), gone}}
	balance := k.balance(t, ago(110))
	require.EqualValues(t, 50, balance.Promised)
	require.EqualValues(t, 1, balance.Unaccounted)
	require.Len(t, balance.Receivers, 1)
}

func TestAQueueIsAsFarBehindAsItsOldestStatement(t *testing.T) {
	t.Parallel()
	idle, behind := stream(), stream()
	behind.SentAt, behind.PassedSentAt, behind.ReportedAt, behind.Lag = ago(3), ago(30), ago(2), 25*time.Second
	behind.Topic = hit.TopicPostbacks
	balance := (&kept{streams: []*books.Stream{idle, behind, stream()}}).balance(t, time.Time{})
	require.Equal(t, []audit.Lag{{Queue: "clicks", LagSeconds: 0}, {Queue: "postbacks", LagSeconds: 27}}, balance.Queues)
}

func TestABalanceIsWrittenAsJSON(t *testing.T) {
	t.Parallel()
	k := &kept{streams: []*books.Stream{stream(33)}, waiting: 2}
	text, err := json.MarshalIndent(k.balance(t, ago(3600)), "", "  ")
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/balance.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(text)+"\n")
}
