package queues

import (
	"context"
	"errors"
	"iter"
	"strings"
	"sync"
	"time"

	"integr8/pipeline/rabbit"
)

// Broker reports the state of the queues and, through its messages, of the processes.
type Broker interface {
	// Survey reads the state of every queue and asks every process for its status.
	// complete reports whether all expected processes have answered in the survey so
	// far.
	Survey(ctx context.Context, complete func(rabbit.Survey) bool) (rabbit.Survey, error)
}

// Watcher reads the state of the queues, once or repeatedly. It remembers the previous
// state to find queues that grow. It is safe for concurrent use; callers that share one
// compare with each other's states.
type Watcher struct {
	Topology rabbit.Topology
	Broker   Broker
	// Pauses lists the queues that are paused; nil where only workers can say that.
	Pauses func(context.Context) ([]Pause, error)

	mu sync.Mutex
	// before holds the number of messages in each queue at the previous look.
	before map[string]int
}

// View is the state of the queues at one look.
type View struct {
	// Queues are all queues of the topology, in its order.
	Queues []Queue
	// Unpaused is the error with which it could not be read who has paused queues.
	Unpaused error
	// Processes are those that responded. One without a queue may respond too late.
	Processes []Process
	// Unasked is the error with which the processes could not be asked; then what only
	// they know is missing. It is nil when they could be asked, and when the broker
	// takes no messages.
	Unasked error
}

// Look reads the state of the queues once.
func (w *Watcher) Look(ctx context.Context) (View, error) {
	survey, err := w.Broker.Survey(ctx, func(survey rabbit.Survey) bool {
		return len(silentQueues(readSurvey(w.Topology.Prefix, survey))) == 0
	})
	if err != nil {
		return View{}, err
	}
	pauses, unread := w.paused(ctx)
	states := readSurvey(w.Topology.Prefix, survey)
	for i := range states {
		states[i].pausedBy(pauses, unread == nil)
	}
	view := View{Queues: w.explain(states), Unpaused: unread, Processes: processesOf(statusesOf(survey))}
	if !errors.Is(survey.Unasked, rabbit.ErrBlocked) {
		view.Unasked = survey.Unasked
	}
	return view, nil
}

// pausesLook bounds the look at the pauses: the broker is what a look is about.
const pausesLook = 2 * time.Second

func (w *Watcher) paused(ctx context.Context) ([]Pause, error) {
	if w.Pauses == nil {
		return nil, errors.New("only the workers can say what is paused")
	}
	ctx, cancel := context.WithTimeout(ctx, pausesLook)
	defer cancel()
	return w.Pauses(ctx)
}

// Watch yields a look at once and after each interval, until ctx ends, which is not an
// error. It ends with the first error.
func (w *Watcher) Watch(ctx context.Context, interval time.Duration) iter.Seq2[View, error] {
	return func(yield func(View, error) bool) {
		for {
			view, err := w.Look(ctx)
			if ctx.Err() != nil {
				return // it ended in the middle of a look
			}
			if !yield(view, err) || err != nil {
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(interval):
			}
		}
	}
}

// explain describes each queue, and says why something piles up in it.
func (w *Watcher) explain(states []state) []Queue {
	w.mu.Lock()
	defer w.mu.Unlock()
	earlier := w.before
	w.before = make(map[string]int, len(states))
	queues := make([]Queue, len(states))
	for i, state := range states {
		messages, seen := earlier[state.Queue]
		growing := seen && state.Messages > messages
		w.before[state.Queue] = state.Messages
		queues[i] = Queue{
			Queue:     state.Queue,
			Topic:     state.topic,
			Messages:  state.Messages,
			Hits:      state.ready(),
			InFlight:  state.hits,
			Consumers: state.Consumers,
			Silent:    state.silent(),
			Paused:    state.pause,

			Redelivered:  state.redelivered,
			LastError:    state.failed,
			ErrorSeconds: state.failedAgo.Seconds(),
			Purpose:      w.purposeOf(state.topic),
		}
		queues[i].Cause, queues[i].Hint = hintOf(state, growing)
		if queues[i].Cause == HeldByOutage {
			queues[i].Server = strings.TrimPrefix(state.held.Server, "the ")
		}
		if state.hits > 0 {
			seconds := state.oldest.Seconds()
			queues[i].OldestSeconds = &seconds
		}
	}
	return queues
}

// purposeOf describes in one line what a queue holds.
func (w *Watcher) purposeOf(queue string) string {
	delay, isRetry := strings.CutPrefix(queue, "retry.")
	switch {
	case isRetry:
		return "failed hits, tried again after " + delay
	case queue == rabbit.TopicDead:
		return "failed hits, soon dead letters"
	case rabbit.IsQuarantine(queue):
		return "hits that a worker left when it ended"
	}
	for _, topic := range w.Topology.Topics {
		if topic.Name == queue {
			return topic.Purpose
		}
	}
	return ""
}
