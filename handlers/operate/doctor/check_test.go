package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
)

// TestAServerThatGoesInTheMiddleIsOneFinding: without the server every further check
// would report the same.
func TestAServerThatGoesInTheMiddleIsOneFinding(t *testing.T) {
	t.Parallel()
	e := &examination{system: &System{}, now: time.Now()}
	gone := fmt.Errorf("read the offers: %w", failure.Unavailable(errors.New("connection reset")))
	fails := func(name string) check {
		return check{name, func(_ context.Context, e *examination) { e.failed(name, gone) }}
	}
	sound := check{"sound", func(context.Context, *examination) {}}
	found := e.examine(t.Context(), server{name: "database", title: "Postgres", away: "is Postgres running?", reach: sound,
		checks: []check{sound, fails("offers"), fails("secrets"), fails("leaks")}}).findings
	require.Len(t, found, 1)
	require.Equal(t, "database", found[0].Check)
	require.Equal(t, "read the offers: connection reset; not looked at: secrets, leaks", found[0].What)
	require.Equal(t, "is Postgres running?", found[0].Hint)
}

// TestFindingsAreTheWorstFirstAndMoneyBeforeTheRest also checks that no secret is in a
// finding.
func TestFindingsAreTheWorstFirstAndMoneyBeforeTheRest(t *testing.T) {
	t.Parallel()
	system := System{
		Given: []Finding{
			{Level: Note, Check: "spool", What: "not looked at"}, {Level: Warning, Check: "offers", What: "w1"},
			{Level: Warning, Check: "payouts", What: "w2"}, Failed("settings", errors.New("the password is hunter2"), nil),
		},
		Hide: func(text string) string {
			if text == "the password is hunter2" {
				return "the password is ***"
			}
			return text
		},
	}
	report, err := system.Examine(t.Context())
	require.NoError(t, err)
	var said []string
	for _, found := range report.Findings {
		said = append(said, found.What)
	}
	require.Equal(t, []string{"the password is ***", "w2", "w1", "not looked at"}, said)
	require.Equal(t, 2, report.Count(Warning))
	require.NotEmpty(t, report.Findings[0].Hint)

	ended, end := context.WithCancel(t.Context())
	end()
	_, err = system.Examine(ended)
	require.ErrorIs(t, err, context.Canceled, "the error is that of the context, never that of a check")
}

// TestTheJSONOfAFindingStays in the form that scripts read.
func TestTheJSONOfAFindingStays(t *testing.T) {
	t.Parallel()
	e := &examination{system: &System{}}
	e.broken("clock", "it is late", "wait")
	e.several(Warning, "offers", "offers are <odd>", "look", []Example{
		{"offer 1", Party{AccountID: 1, Offer: 1}}, {"offer 2", Party{AccountID: 1, Offer: 2, Publisher: 3, Token: 4}},
	}, 5)
	written, err := json.Marshal(e.findings)
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"level":"broken","check":"clock","what":"it is late","hint":"wait","count":1,"examples":[],"omitted":0},
		{"level":"warning","check":"offers","what":"7 offers are <odd>","hint":"look","count":7,"examples":[
			{"what":"offer 1","account_id":1,"offer":1},{"what":"offer 2","account_id":1,"offer":2,"publisher":3,"token":4}
		],"omitted":5,"account_id":1}]`, string(written))
}
