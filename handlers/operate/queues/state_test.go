package queues

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
)

// TestWhatADatabaseSaysOfAPauseCountsMoreThanWhatWorkersSay, who hear of it later.
func TestWhatADatabaseSaysOfAPauseCountsMoreThanWhatWorkersSay(t *testing.T) {
	t.Parallel()
	pauses := []Pause{{Topic: "clicks"}}
	for _, topic := range []string{"clicks", "clicks.suspects"} {
		q := state{topic: topic}
		q.pausedBy(pauses, true)
		require.True(t, q.paused, topic)
		require.Equal(t, "clicks", q.pause.Topic)
	}
	q := state{topic: "postbacks", paused: true} // as a worker says
	q.pausedBy(pauses, true)
	require.False(t, q.paused)
	q.paused = true
	q.pausedBy(nil, false)
	require.True(t, q.paused, "the database is away")
}

func TestHitsThatWaitAreCountedByWhatAMessageHolds(t *testing.T) {
	t.Parallel()
	survey := func(statuses ...monitor.Status) rabbit.Survey {
		found := rabbit.Survey{Depths: []rabbit.Depth{{Queue: "p.clicks", Messages: 10}, {Queue: "p.retry.5s", Messages: 3}, {Queue: "p.dead"}}}
		for _, status := range statuses {
			text, err := status.Encode()
			require.NoError(t, err)
			found.Statuses = append(found.Statuses, text)
		}
		return found
	}
	hits := func(survey rabbit.Survey) (figures []any) {
		for _, view := range new(Watcher).explain(readSurvey("p.", survey)) {
			if view.Hits == nil {
				figures = append(figures, nil)
			} else {
				figures = append(figures, int(*view.Hits))
			}
		}
		return figures
	}
	receiver := monitor.Status{HitsPerMessage: map[string]float64{"clicks": 4, "retry.5s/clicks": 2}}
	worker := monitor.Status{Topics: map[string]monitor.Work{"clicks": {HitsPerMessage: 6}}}
	require.Equal(t, []any{nil, nil, 0}, hits(survey()))
	require.Equal(t, []any{40, 6, 0}, hits(survey(receiver)), "what was published")
	require.Equal(t, []any{60, 6, 0}, hits(survey(receiver, worker)), "what arrives counts before what was published")
	broken := survey(receiver)
	broken.Statuses = append(broken.Statuses, []byte("{"), nil)
	require.Equal(t, []any{40, 6, 0}, hits(broken), "what cannot be read is left out")
	broken.Unasked = errors.New("no permission")
	require.Equal(t, []any{40, 6, 0}, hits(broken))
}
