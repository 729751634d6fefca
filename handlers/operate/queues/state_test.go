package queues

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
)

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
