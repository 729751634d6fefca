package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"integr8/pipeline/hit"
	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
)

// queueView is a queue as it is printed.
type queueView struct {
	Queue string `json:"queue"`
	// Messages counts the AMQP messages that wait to be delivered.
	Messages int `json:"messages"`
	// Hits is about how many hits are in them, by the mean of the latest messages;
	// null where messages wait and no process knows the mean.
	Hits *int64 `json:"hits"`
	// InFlight counts the hits in the messages that workers have.
	InFlight int `json:"in_flight"`
	// OldestSeconds is the age of the oldest of these; what waits is younger, unless
	// it came back. null where none is known.
	OldestSeconds *float64 `json:"oldest_seconds"`
	Consumers     int      `json:"consumers"`
	// Silent counts the consumers whose process does not say what it does.
	Silent  int    `json:"silent"`
	Purpose string `json:"purpose"`
	Hint    string `json:"hint"`
}

// ready is the figure for people, in hits.
func (v queueView) ready() string {
	switch {
	case v.Hits == nil:
		return fmt.Sprintf("%d messages", v.Messages)
	case int64(v.Messages) == *v.Hits:
		return fmt.Sprint(*v.Hits)
	default:
		return fmt.Sprintf("about %d", *v.Hits)
	}
}

// holds is ready with its unit.
func (v queueView) holds() string {
	if v.Hits == nil {
		return v.ready()
	}
	return v.ready() + " hits"
}

func (v queueView) oldest() string {
	if v.OldestSeconds == nil {
		return "-"
	}
	return (time.Duration(*v.OldestSeconds) * time.Second).String()
}

// lookAtQueues asks the broker, and through it the processes, once. before holds the
// messages of the look before and is brought up to date.
func lookAtQueues(ctx context.Context, app *app, topology rabbit.Topology, address string, before map[string]int) ([]queueView, error) {
	ctx, cancel := app.limited(ctx)
	defer cancel()
	survey, err := topology.Survey(ctx, address, func(survey rabbit.Survey) bool {
		return len(silentQueues(readSurvey(topology.Prefix, survey))) == 0
	})
	if err != nil {
		return nil, err
	}
	if survey.Unasked != nil && !errors.Is(survey.Unasked, rabbit.ErrBlocked) {
		app.warn("the workers could not be asked what they do: %s", app.hideSecrets(oneLine(survey.Unasked)))
	}
	return viewQueues(readSurvey(topology.Prefix, survey), before), nil
}

// queueState is what is known of one queue.
type queueState struct {
	rabbit.Depth
	topic string
	// takers counts the processes that say that they take its messages, and asked is
	// set where processes could be asked.
	takers int
	asked  bool
	// blocked is set where the broker takes no messages.
	blocked bool
	hits    int
	oldest  time.Duration
	still   time.Duration // of the one that has settled nothing for the longest
	mean    float64       // hits a message; 0 for unknown
	held    *monitor.Held
}

// silent counts the consumers that do not say what they do.
func (q queueState) silent() int {
	if !q.asked {
		return 0
	}
	return max(0, q.Consumers-q.takers)
}

func silentQueues(states []queueState) (silent []queueState) {
	for _, state := range states {
		if state.silent() > 0 {
			silent = append(silent, state)
		}
	}
	return silent
}

// readSurvey puts together what the broker and the processes say of each queue. What
// a process of another version says and cannot be read is left out.
func readSurvey(prefix string, survey rabbit.Survey) []queueState {
	var statuses []monitor.Status
	for _, text := range survey.Statuses {
		if status, err := monitor.DecodeStatus(text); err == nil {
			statuses = append(statuses, status)
		}
	}
	states := make([]queueState, len(survey.Depths))
	for i, depth := range survey.Depths {
		states[i] = queueState{Depth: depth, topic: strings.TrimPrefix(depth.Queue, prefix),
			asked: survey.Unasked == nil, blocked: errors.Is(survey.Unasked, rabbit.ErrBlocked)}
		states[i].add(statuses)
	}
	return states
}

func (q *queueState) add(statuses []monitor.Status) {
	var arrived, published []float64
	for _, status := range statuses {
		for topic, mean := range status.HitsPerMessage {
			if queue, _, _ := strings.Cut(topic, "/"); queue == q.topic {
				published = append(published, mean)
			}
		}
		work, ok := status.Topics[q.topic]
		if !ok {
			continue
		}
		if work.HitsPerMessage > 0 {
			arrived = append(arrived, work.HitsPerMessage)
		}
		q.hits += work.Hits
		q.oldest, q.still = max(q.oldest, work.Oldest), max(q.still, work.Still)
		if work.Consuming {
			q.takers++
		}
		if status.Held != nil && (q.held == nil || q.held.For < status.Held.For) {
			q.held = status.Held
		}
	}
	q.mean = average(arrived)
	if q.mean == 0 {
		q.mean = average(published)
	}
}

func average(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, value := range values {
		sum += value
	}
	return sum / float64(len(values))
}

// viewQueues explains queues; before holds the messages of the look before and is
// brought up to date.
func viewQueues(states []queueState, before map[string]int) []queueView {
	views := make([]queueView, len(states))
	for i, state := range states {
		earlier, seen := before[state.Queue]
		growing := seen && state.Messages > earlier
		before[state.Queue] = state.Messages
		views[i] = queueView{
			Queue:     state.Queue,
			Messages:  state.Messages,
			Hits:      state.ready(),
			InFlight:  state.hits,
			Consumers: state.Consumers,
			Silent:    state.silent(),
			Purpose:   queuePurpose(state.topic),
			Hint:      queueHint(state, growing),
		}
		if state.hits > 0 {
			seconds := state.oldest.Seconds()
			views[i].OldestSeconds = &seconds
		}
	}
	return views
}

// ready is about how many hits wait.
func (q queueState) ready() *int64 {
	if q.Messages > 0 && q.mean == 0 {
		return nil
	}
	hits := int64(math.Round(float64(q.Messages) * q.mean))
	return &hits
}

func queuePurpose(topic string) string {
	delay, isRetry := strings.CutPrefix(topic, "retry.")
	switch {
	case isRetry:
		return "hits whose handling failed, until they are tried again after " + delay
	case topic == hit.TopicClicks:
		return "clicks to be recorded"
	case topic == hit.TopicPostbacks:
		return "postbacks, pixels and clickless postbacks to be decided"
	case topic == rabbit.TopicDeliveries:
		return "postbacks to be sent to publishers"
	case topic == hit.TopicDead:
		return "failed hits, until they are among the dead letters"
	case strings.HasSuffix(topic, ".suspects"):
		return "hits that came back from a worker that ended: each is handled by itself"
	default:
		return ""
	}
}
