package queues_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/queues"
	"integr8/handlers/operate/reference"
	"integr8/sql/store/storetest"
)

// TestAPauseSaysWhoAndWhyAndIsInTheHistory with its end.
func TestAPauseSaysWhoAndWhyAndIsInTheHistory(t *testing.T) {
	t.Parallel()
	database := storetest.NewDatabase(t)
	intake, ctx := queues.Intake{Store: database.Store, Topics: []string{"clicks", "postbacks"}}, history.By(t.Context(), "ann@desk")
	for _, wrong := range []struct {
		queue, reason string
		is            error
	}{{"postbacks", " ", reference.ErrInvalid}, {"postbacks", strings.Repeat("é", 501), reference.ErrInvalid}, {"dead", "why", reference.ErrNotFound}} {
		_, err := intake.Pause(ctx, wrong.queue, wrong.reason)
		require.ErrorIs(t, err, wrong.is)
	}
	_, err := intake.Resume(ctx, "postbacks", "")
	require.ErrorIs(t, err, reference.ErrConflict)

	made, err := intake.Pause(ctx, "postbacks", "joe@example.com asked")
	require.NoError(t, err)
	require.Equal(t, "ann@desk", made.By)
	require.NotContains(t, made.Reason, "joe")
	require.Contains(t, made.Sentence(), "the intake of the queue postbacks is paused by ann@desk since ")
	_, err = intake.Pause(ctx, "postbacks", "again")
	require.ErrorIs(t, err, reference.ErrConflict)
	all, err := database.PausedQueues(ctx)
	require.NoError(t, err)
	require.Equal(t, []queues.Pause{made}, all)
	ended, err := intake.Resume(history.By(ctx, "bob@desk"), "postbacks", "mended")
	require.NoError(t, err)
	require.Equal(t, made, ended)

	page, err := database.History(ctx, history.Filter{Noun: history.Queue, ObjectID: "postbacks"}, 0, 10)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.Equal(t, []any{history.Resume, "bob@desk"}, []any{page[0].Act, page[0].By})
	require.JSONEq(t, `{"paused": true}`, string(page[0].Old))
	require.JSONEq(t, `{"paused": false, "reason": "mended"}`, string(page[0].New))
	require.Equal(t, []any{history.Pause, "ann@desk"}, []any{page[1].Act, page[1].By})
}
