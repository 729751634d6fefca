package queues

import (
	"errors"
	"math"
	"strings"
	"time"

	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
)

// state is what is known of one queue.
type state struct {
	rabbit.Depth
	topic string
	// takers counts the processes that report that they take its messages. asked is set
	// when processes could be asked.
	takers int
	asked  bool
	// blocked is set when the broker takes no messages.
	blocked bool
	hits    int
	oldest  time.Duration
	still   time.Duration // of the one that has settled nothing for the longest
	mean    float64       // hits a message; 0 for unknown
	held    *monitor.Held
	// pause is set while the topic is paused; paused also where only a worker says so.
	pause  *Pause
	paused bool
	// failed is the error of the newest failed attempt, failedAgo.
	failed      string
	failedAgo   time.Duration
	redelivered uint64
}

// pausedBy takes over the pause of the topic whose hits the queue holds. With known, what
// workers say of pauses may be old.
func (q *state) pausedBy(pauses []Pause, known bool) {
	topic := q.topic
	if work, quarantined := rabbit.QuarantinedTopic(q.topic); quarantined {
		topic = work
	}
	if known {
		q.paused = false
	}
	for _, pause := range pauses {
		if pause.Topic == topic {
			q.pause, q.paused = &pause, true
		}
	}
}

// silent counts the consumers that do not report their status.
func (q state) silent() int {
	if !q.asked {
		return 0
	}
	return max(0, q.Consumers-q.takers)
}

func silentQueues(states []state) (silent []state) {
	for _, state := range states {
		if state.silent() > 0 {
			silent = append(silent, state)
		}
	}
	return silent
}

// statusesOf leaves out a status that it cannot read, which a process of another version
// sent.
func statusesOf(survey rabbit.Survey) (statuses []monitor.Status) {
	for _, text := range survey.Statuses {
		if status, err := monitor.DecodeStatus(text); err == nil {
			statuses = append(statuses, status)
		}
	}
	return statuses
}

// readSurvey combines the reports of the broker and of the processes on each queue.
func readSurvey(prefix string, survey rabbit.Survey) []state {
	statuses := statusesOf(survey)
	states := make([]state, len(survey.Depths))
	for i, depth := range survey.Depths {
		states[i] = state{Depth: depth, topic: strings.TrimPrefix(depth.Queue, prefix),
			asked: survey.Unasked == nil, blocked: errors.Is(survey.Unasked, rabbit.ErrBlocked)}
		states[i].add(statuses)
	}
	return states
}

func (q *state) add(statuses []monitor.Status) {
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
		q.paused = q.paused || work.Paused
		q.redelivered += work.Redelivered
		if work.Error != "" && (q.failed == "" || work.ErrorAge < q.failedAgo) {
			q.failed, q.failedAgo = work.Error, work.ErrorAge
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

// ready returns about how many hits wait.
func (q state) ready() *int64 {
	if q.Messages > 0 && q.mean == 0 {
		return nil
	}
	hits := int64(math.Round(float64(q.Messages) * q.mean))
	return &hits
}
