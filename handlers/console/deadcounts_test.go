package console

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/users"
	"integr8/pipeline/outcome"
)

// counting is a store of dead letters whose counts by reason and sender are fake. A nil one
// takes until the caller gives up.
type counting struct {
	dead.Store
	reasons func() ([]dead.ReasonCount, error)
	senders func() ([]dead.SenderRow, error)
}

func (s counting) DeadReasons(ctx context.Context, _ dead.Filter) ([]dead.ReasonCount, error) {
	if s.reasons == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.reasons()
}

func (s counting) NthNewestDeath(ctx context.Context, _ dead.Filter, _ int) (time.Time, error) {
	if s.senders == nil {
		<-ctx.Done()
	}
	return time.Time{}, ctx.Err()
}

func (s counting) DeadSenders(context.Context, dead.Filter, int) ([]dead.SenderRow, error) {
	return s.senders()
}

func (counting) DeadLetters(context.Context, dead.Filter, dead.Order, *dead.Letter, int) ([]dead.Letter, error) {
	return []dead.Letter{{Reason: outcome.OfferPaused, Error: "the first row", Status: dead.Open}}, nil
}

const ofPaused = "?reason=offer_paused&state=open"

// counts returns the part, as the page asks for it.
func (d *desk) counts() (int, string) {
	request := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/dead/counts"+ofPaused+"&cursor=x&done=replay", nil)
	request.Header.Set("HX-Request", "true")
	return d.answers(request)
}

func TestThePageOfDeadLettersDoesNotWaitForTheirCounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Operator)
	d.Letters.Store = counting{Store: d.Letters.Store}
	status, text := d.get("/dead" + ofPaused)
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "the first row")
	require.Contains(t, text, "counting")
	require.Contains(t, text, `hx-get="/dead/counts?reason=offer_paused&amp;state=open"`)
	require.Contains(t, text, `<a href="/dead/counts?reason=offer_paused&amp;state=open">`, "a browser without scripts gets there too")
	require.Contains(t, text, `href="/dead/all/replay?reason=offer_paused&amp;state=open"`)
}

func TestThePartWithTheCountsLeadsToTheLettersOfAReasonAndASender(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Operator)
	publisher := d.north.Publisher
	d.Letters.Store = counting{d.Letters.Store,
		func() ([]dead.ReasonCount, error) {
			return []dead.ReasonCount{{Reason: outcome.OfferPaused, Letters: 95_000}}, nil
		},
		func() ([]dead.SenderRow, error) {
			return []dead.SenderRow{{Reason: outcome.OfferPaused, Kind: 13, OfGroups: 1, OfLetters: 95_000,
				SenderCount: dead.SenderCount{ID: &publisher, Name: "who sent them", Letters: 95_000}}}, nil
		},
	}
	status, text := d.counts()
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "95\u202f000 dead letters: offer paused")
	require.Contains(t, text, `href="/dead?reason=offer_paused&amp;state=open"`)
	require.Contains(t, text, `href="/dead?publisher=`+id(publisher)+`&amp;reason=offer_paused&amp;state=open">who sent them</a>`)
	require.Contains(t, text, `<a href="/dead?state=open">all reasons</a>`)
	require.Contains(t, text, `hx-get="/dead/cause?`)
	require.NotContains(t, text, "<html", "it is a part")

	status, text = d.get("/dead/counts" + ofPaused)
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "<html", "a browser without scripts gets a page")
	require.Contains(t, text, "who sent them")
}

func TestThePartWithTheCountsSaysThatTheyFailed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Viewer)
	inside := func() ([]dead.ReasonCount, error) { return nil, errors.New("a server that nobody may know") }
	d.Letters.Store = counting{Store: d.Letters.Store, reasons: inside}
	status, text := d.counts()
	require.Equal(t, http.StatusOK, status, "htmx shows nothing else")
	require.Contains(t, text, "are not to be seen now")
	require.Contains(t, text, `href="/dead?reason=offer_paused&amp;state=open"`)
	require.NotContains(t, text, "nobody may know")
	require.Contains(t, d.log.String(), "nobody may know")

	status, _ = d.get("/dead/counts" + ofPaused)
	require.Equal(t, http.StatusInternalServerError, status)
}

func TestWithoutLettersNothingIsCounted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Operator)
	status, text := d.get("/dead")
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "None matches.")
	require.NotContains(t, text, "/dead/counts")
}
