package handlers_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// slow is a database whose transactions last until they are let go.
type slow struct {
	handlers.Records
	began chan []*attribution.Record
	goOn  chan struct{}
}

func (s slow) Clicks(context.Context, []token.TransactionID) (map[token.TransactionID]attribution.Click, error) {
	return nil, nil
}

func (s slow) Write(_ context.Context, records []*attribution.Record) error {
	s.began <- records
	<-s.goOn
	return nil
}

// TestTheManyHitsOfOneAccountDoNotDelayTheFewOfOthers: when more wait than a transaction
// holds, the accounts take turns.
func TestTheManyHitsOfOneAccountDoNotDelayTheFewOfOthers(t *testing.T) {
	t.Parallel()
	const loud, most = 1, 512
	digest := func(account int64) token.Digest { return token.DigestOf(itoa(account)) }
	known := new(attribution.Batch)
	for account := int64(loud); account < 5; account++ {
		known.AddToken(digest(account), &attribution.Token{ID: account, AccountID: account}, false)
	}
	snapshot := &snapshots{current: new(attribution.Snapshot).With(known)}
	for _, kind := range []hit.Kind{hit.Click, hit.Postback} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				database := slow{began: make(chan []*attribution.Record), goOn: make(chan struct{})}
				options := handlers.Options{Directory: handlers.NewDirectory(snapshot, new(store.Store)), Records: database}
				postbacks := handlers.NewPostbacks(options)
				handle := postbacks.Handle
				if kind == hit.Click {
					handle = handlers.NewClicks(options, postbacks).Handle
				}
				var handled sync.WaitGroup
				send := func(account int64, n int) {
					for range n {
						h := &hit.Hit{ID: uuid.New(), Kind: kind, AccountID: account, TokenDigest: digest(account), Refusal: outcome.MissingTransactionID}
						handled.Go(func() { require.NoError(t, handle(t.Context(), h, nil)) })
					}
					synctest.Wait()
				}
				send(loud, 1)
				<-database.began
				send(loud, 5*most)
				<-database.began // as many as may be under way at once
				send(2, 1)
				send(3, 2)
				database.goOn <- struct{}{}
				of := map[int64]int{}
				for _, record := range <-database.began {
					of[record.Decision.AccountID]++
				}
				close(database.goOn)
				go func() {
					for range database.began {
					}
				}()
				handled.Wait()
				close(database.began)
				require.Equal(t, map[int64]int{loud: most - 3, 2: 1, 3: 2}, of)
			})
		})
	}
}
