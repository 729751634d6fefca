package queues

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
)

func TestQueueHintsNameWhatToDoByTheCause(t *testing.T) {
	t.Parallel()
	held := &monitor.Held{Server: "the database", For: 90 * time.Second}
	pause := &Pause{Topic: "clicks", By: "ann@desk", Reason: "the offers are wrong", Since: time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)}
	depth := func(messages, consumers int) rabbit.Depth {
		return rabbit.Depth{Messages: messages, Consumers: consumers}
	}
	for name, test := range map[string]struct {
		state   state
		growing bool
		want    string
	}{
		"idle":                      {state{Depth: depth(0, 1), topic: "clicks", asked: true, takers: 1}, false, ""},
		"busy":                      {state{Depth: depth(9, 1), topic: "clicks", asked: true, takers: 1, hits: 9, oldest: time.Second}, false, ""},
		"no worker":                 {state{Depth: depth(0, 0), topic: "postbacks", asked: true}, false, "start `integr8 work`"},
		"no worker for deaths":      {state{Depth: depth(1, 0), topic: "dead", asked: true}, false, "start `integr8 work`"},
		"nothing to send":           {state{Depth: depth(0, 0), topic: "deliveries", asked: true}, false, ""},
		"held":                      {state{Depth: depth(9, 1), topic: "clicks", asked: true, takers: 1, held: held}, true, "held for 1m30s by an outage: the database"},
		"held, other frozen":        {state{Depth: depth(9, 2), topic: "clicks", asked: true, takers: 1, held: held}, true, "held for 1m30s"},
		"held, deaths":              {state{Depth: depth(9, 1), topic: "dead", asked: true, takers: 1, held: held}, true, "held for 1m30s"},
		"frozen":                    {state{Depth: depth(0, 3), topic: "clicks", asked: true, takers: 1}, true, "2 of 3 workers do not respond"},
		"not asked":                 {state{Depth: depth(0, 3), topic: "clicks"}, false, ""},
		"one is frozen":             {state{Depth: depth(0, 1), topic: "clicks", asked: true}, true, "1 worker does not respond"},
		"stands still, one hit":     {state{Depth: depth(0, 1), topic: "clicks", asked: true, takers: 1, hits: 1, still: time.Minute}, true, "have 1 hit and have finished none"},
		"stands still":              {state{Depth: depth(0, 1), topic: "clicks", asked: true, takers: 1, hits: 7, still: time.Minute}, true, "have 7 hits and have finished none for 1m0s"},
		"growing":                   {state{Depth: depth(9, 1), topic: "clicks", asked: true, takers: 1}, true, "start more workers"},
		"behind":                    {state{Depth: depth(9, 1), topic: "clicks", asked: true, takers: 1, oldest: 2 * time.Minute}, false, "behind, by 2m0s"},
		"one old hit":               {state{Depth: depth(0, 1), topic: "clicks", asked: true, takers: 1, hits: 1, oldest: time.Hour}, false, ""},
		"suspects":                  {state{Depth: depth(1, 0), topic: "clicks.suspects", asked: true, takers: 1}, false, "workers end while they handle hits"},
		"suspects without worker":   {state{Depth: depth(1, 0), topic: "clicks.suspects", asked: true}, false, "start `integr8 work`"},
		"retry":                     {state{Depth: depth(1, 0), topic: "retry.5s", asked: true}, false, "log"},
		"empty retry":               {state{Depth: depth(0, 0), topic: "retry.5s", asked: true}, false, ""},
		"deaths":                    {state{Depth: depth(1, 1), topic: "dead", asked: true, takers: 1}, false, "dead list"},
		"paused":                    {state{Depth: depth(9, 0), topic: "clicks", asked: true, paused: true, pause: pause}, true, "is paused by ann@desk since 2026-03-14 15:09:26: the offers are wrong"},
		"paused, one has not heard": {state{Depth: depth(9, 1), topic: "clicks", asked: true, takers: 1, paused: true, pause: pause}, true, "1 worker takes from it still"},
		"paused, held":              {state{Depth: depth(9, 0), topic: "clicks", asked: true, paused: true, pause: pause, held: held}, true, "`integr8 queues resume clicks`"},
		"paused, by whom?":          {state{Depth: depth(9, 0), topic: "clicks", asked: true, paused: true}, true, "the database cannot say by whom"},
		"blocked":                   {state{Depth: depth(9, 1), topic: "clicks", blocked: true}, true, "short of memory or disk"},
	} {
		cause, hint := hintOf(test.state, test.growing)
		require.Equal(t, hint == "", cause == NoTrouble, name)
		if test.want == "" {
			require.Empty(t, hint, name)
			continue
		}
		require.Contains(t, hint, test.want, name)
	}
}
