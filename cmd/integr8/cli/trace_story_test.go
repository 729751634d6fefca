package cli

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/trace"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// A publisher asks where the clicks on a paused offer come from.
func TestTheStoryOfARefusedClickShowsWhereItCameFrom(t *testing.T) {
	t.Parallel()
	click := &hit.Hit{
		ID: uuid.Must(uuid.NewV7()), Kind: hit.Click, ReceivedAt: time.UnixMilli(1).UTC(), Refusal: outcome.OfferPaused,
		ClientIP: "198.51.100.7", UserAgent: "Mozilla/5.0", Referer: "https://page.example/",
	}
	request, err := click.Encode()
	require.NoError(t, err)
	told := hitEvent(trace.Hit{Record: trace.Record{ID: click.ID, Kind: hit.Click, ReceivedAt: click.ReceivedAt, Outcome: outcome.Rejected, Request: request}})
	for _, detail := range [][2]string{{"from", click.ClientIP}, {"user agent", click.UserAgent}, {"referer", click.Referer}} {
		require.Contains(t, told.details, detail)
	}
}
