package worker_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/worker"
)

func TestAReplayIsOneWhenItIsTriedAgainAndWhenItDiesAgain(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	replays := make(chan bool, 10)
	s.archive = func(ctx context.Context, h *hit.Hit, dead worker.DeadLetter) error {
		replays <- worker.IsReplay(ctx)
		return s.keep(ctx, h, dead)
	}
	broken := errors.New("broken")
	handle, _ := handled(broken, nil, broken, broken, nil, broken)
	s.run(func(ctx context.Context, h *hit.Hit, payload []byte) error {
		replays <- worker.IsReplay(ctx)
		return handle(ctx, h, payload)
	})
	marked := message.NewMessage("", nil)
	worker.MarkReplay(marked)
	for _, replay := range []bool{true, false} {
		for _, attempts := range []string{"0", "5"} { // tried again, and a dead letter
			metadata := map[string]string{"integr8-attempts": attempts}
			if replay {
				maps.Copy(metadata, marked.Metadata)
			}
			s.publish(metadata)
			for range 2 {
				require.Equal(t, replay, receive(t, replays))
			}
		}
	}
}
