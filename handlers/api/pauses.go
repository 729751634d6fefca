package api

import (
	"context"
	"net/http"

	"integr8/handlers/operate/queues"
)

// addPauses registers what pauses and resumes the intake of queues.
func (a *api) addPauses() {
	act := func(id, path, summary, description string) operation {
		o := operation{id: id, method: http.MethodPost, path: path, tag: tagSystem, summary: summary, description: description + " " + forOperators, access: operating}
		o.whole = true
		return o
	}
	add(a, act("pause-queue", "/queues/{queue}/pause", "Pause the intake of a queue",
		"Within seconds no worker takes hits from it; what they have they finish. Receivers go on."), paused(a.Intake.Pause))
	add(a, act("resume-queue", "/queues/{queue}/resume", "Resume the intake of a queue",
		"Returns the pause that has ended."), paused(a.Intake.Resume))
}

type pauseAsked struct {
	Queue string `path:"queue" maxLength:"100" doc:"The name of the queue without a prefix, such as postbacks."`
	Body  queues.ReasonForm
}

func paused(act func(ctx context.Context, topic, reason string) (queues.Pause, error)) func(context.Context, *pauseAsked) (queues.Pause, error) {
	return func(ctx context.Context, in *pauseAsked) (queues.Pause, error) {
		return act(ctx, in.Queue, in.Body.Reason)
	}
}
