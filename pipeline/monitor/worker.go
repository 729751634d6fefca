package monitor

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// OutcomeLabels are the labels of a decision. Kind is empty when the message was
// not a hit.
type OutcomeLabels struct{ Kind, Outcome, Reason string }

// WorkerLabels are the label values whose series start at 0.
type WorkerLabels struct {
	Outcomes []OutcomeLabels
	// Queues are the queues that the worker consumes, Committed those whose hits it
	// commits in batches, Classes the classes of package failure.
	Queues, Committed, Classes []string
	// Kinds are the kinds of hits, Results the outcomes of a replay.
	Kinds, Results []string
	// Tables are the tables whose days retention drops, DeadLetters the kinds of dead
	// letters that it deletes.
	Tables, DeadLetters []string
}

// worker are the metrics of a process that handles hits.
type worker struct {
	attempts       *prometheus.CounterVec
	attemptSeconds *prometheus.HistogramVec
	outcomes       *prometheus.CounterVec
	commitHits     *prometheus.HistogramVec
	commitSeconds  *prometheus.HistogramVec
	lastCommit     *prometheus.GaugeVec
	committed      *prometheus.HistogramVec
	// committedOf has the series of committed by kind: FirstCommit is called with every
	// hit, and a look-up by label takes as long as all else in it.
	committedOf map[string]prometheus.Observer
	replayed    *prometheus.CounterVec
	forgotten   *prometheus.CounterVec
	droppedDays *prometheus.CounterVec
}

func newWorker() worker {
	return worker{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_attempts_total",
			Help: "Attempts to handle a hit, by queue and by class of their error: none, shutdown, outage, transient, permanent.",
		}, []string{"queue", "class"}),
		attemptSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "integr8_attempt_seconds",
			Help:    "Time of one attempt to handle a hit, the commit included.",
			Buckets: seconds,
		}, []string{"queue"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_outcomes_total",
			Help: "Decisions committed, by kind of hit, outcome and reason; a hit that is decided anew counts again.",
		}, []string{"kind", "outcome", "reason"}),
		commitHits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "integr8_commit_hits",
			Help:    "Hits of one transaction in Postgres that was committed.",
			Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512},
		}, []string{"queue"}),
		commitSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "integr8_commit_seconds",
			Help:    "Time to look up, decide and commit the hits of one transaction in Postgres.",
			Buckets: seconds,
		}, []string{"queue"}),
		lastCommit: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "integr8_last_commit_timestamp_seconds",
			Help: "When this process last committed hits of a queue; 0 when it has not.",
		}, []string{"queue"}),
		committed: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "integr8_received_to_committed_seconds",
			Help: "Time from when a receiver took a hit to when its row was first committed. The clocks are the receiver's and this worker's; a negative difference counts as 0.",
			// The longest waits are for retries, for an outage and in a spool.
			Buckets: append(slices.Clone(seconds), 60, 300, 1800, 7200),
		}, []string{"kind"}),
		committedOf: map[string]prometheus.Observer{},
		replayed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_replayed_total",
			Help: "Replayed dead letters that this process decided again, by their outcome; rejected, unmatched and failed ones are dead letters again.",
		}, []string{"outcome"}),
		forgotten: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_dead_letters_deleted_total",
			Help: "Dead letters that this process deleted at the end of their retention: closed, unknown_token, surplus.",
		}, []string{"what"}),
		droppedDays: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_dropped_partitions_total",
			Help: "Daily partitions of clicks and of hits that this process dropped by retention.",
		}, []string{"table"}),
	}
}

// AddWorker exports the metrics of a worker. The series with these labels start at 0.
func (m *Metrics) AddWorker(labels WorkerLabels) {
	for _, outcome := range labels.Outcomes {
		m.outcomes.WithLabelValues(outcome.Kind, outcome.Outcome, outcome.Reason)
	}
	for _, queue := range labels.Queues {
		m.attemptSeconds.WithLabelValues(queue)
		for _, class := range labels.Classes {
			m.attempts.WithLabelValues(queue, class)
		}
	}
	for _, queue := range labels.Committed {
		m.commitHits.WithLabelValues(queue)
		m.commitSeconds.WithLabelValues(queue)
		m.lastCommit.WithLabelValues(queue)
	}
	for _, kind := range labels.Kinds {
		m.committedOf[kind] = m.committed.WithLabelValues(kind)
	}
	for _, result := range labels.Results {
		m.replayed.WithLabelValues(result)
	}
	for _, table := range labels.Tables {
		m.droppedDays.WithLabelValues(table)
	}
	for _, what := range labels.DeadLetters {
		m.forgotten.WithLabelValues(what)
	}
	m.Register(m.attempts, m.attemptSeconds, m.outcomes, m.commitHits, m.commitSeconds, m.lastCommit, m.committed, m.replayed, m.forgotten, m.droppedDays)
}

// Attempt counts one attempt to handle a hit of a queue.
func (m *Metrics) Attempt(queue, class string, took time.Duration) {
	m.attempts.WithLabelValues(queue, class).Inc()
	m.attemptSeconds.WithLabelValues(queue).Observe(took.Seconds())
}

// Outcome counts one committed decision.
func (m *Metrics) Outcome(labels OutcomeLabels) {
	m.outcomes.WithLabelValues(labels.Kind, labels.Outcome, labels.Reason).Inc()
}

// Commit observes a transaction that committed hits of a queue.
func (m *Metrics) Commit(queue string, hits int, took time.Duration) {
	m.commitHits.WithLabelValues(queue).Observe(float64(hits))
	m.commitSeconds.WithLabelValues(queue).Observe(took.Seconds())
	m.lastCommit.WithLabelValues(queue).SetToCurrentTime()
}

// FirstCommit observes the commit of a hit that was not committed before, and how long
// ago it was received. A negative age, of a receiver whose clock is ahead, counts as 0.
// The kind is one of WorkerLabels.Kinds; another one is not observed.
func (m *Metrics) FirstCommit(kind string, age time.Duration) {
	if series := m.committedOf[kind]; series != nil {
		series.Observe(max(0, age).Seconds())
	}
}

// Replayed counts a replayed dead letter that was decided.
func (m *Metrics) Replayed(outcome string) { m.replayed.WithLabelValues(outcome).Inc() }

// DeadLettersDeleted counts dead letters whose retention is over.
func (m *Metrics) DeadLettersDeleted(what string, n int64) {
	m.forgotten.WithLabelValues(what).Add(float64(n))
}

// DroppedDay counts a day of a table that retention has dropped.
func (m *Metrics) DroppedDay(table string) { m.droppedDays.WithLabelValues(table).Inc() }
