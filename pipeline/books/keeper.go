package books

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"
)

// Standing is what a receiver knows of one of its topics.
type Standing struct {
	Identity
	Topic string
	// PromisedTo is the number up to which every hit is promised or withdrawn.
	PromisedTo int64
	// Spooled counts the records of the topic in the receiver's spool.
	Spooled int64
	// SentAt is when the newest statement was sent. Lag is the age of the oldest statement
	// that has not passed the queue; 0 when all have.
	SentAt time.Time
	Lag    time.Duration
	// Withdrawn are the withdrawn numbers up to PromisedTo that no statement has said, as
	// far as the receiver knows, that has passed the queue.
	Withdrawn []Span
	// Ended is set when the receiver has stopped and will promise no more.
	Ended bool
}

// Options set up a Keeper. All are needed.
type Options struct {
	Ledger *Ledger
	Topics []string
	// State makes the Ledger's statement about a topic durable, and returns it.
	State func(ctx context.Context, topic string) (Statement, error)
	// Spooled counts the records of a topic in the spool.
	Spooled func(topic string) int64
	// Report records the standings for operators. It returns, by topic, when the newest
	// statement was sent that has passed the queue.
	Report func(ctx context.Context, standings []Standing) (passed map[string]time.Time, err error)
	Logger *slog.Logger
}

const (
	// stateEvery is how often a receiver that accepts hits states what it promised. When
	// it dies, the promises since then are unknown.
	stateEvery = time.Second
	// idleEvery is the same for one that accepts none: the lag is measured all the same.
	idleEvery = 10 * time.Second
	// stateTimeout bounds one statement, and reportTimeout one report.
	stateTimeout  = 5 * time.Second
	reportTimeout = 2 * time.Second
)

// Keeper states what a receiver promises, and follows how its statements pass the
// queues.
type Keeper struct {
	options Options

	mu     sync.Mutex
	topics map[string]*underWay
	logged map[string]bool // the problems that last
	// reported are the latest standings in the database, and reportedAt their time.
	reported   []Standing
	reportedAt time.Time
}

// underWay holds the statements of a topic.
type underWay struct {
	sentAt  time.Time
	spooled int64
	// waiting are the statements that have not passed, as far as is known.
	waiting []Statement
}

// maxWaiting bounds the statements that are kept of one topic. Beyond it the newest
// replaces the one before.
const maxWaiting = 4096

// maxReported bounds the spans of withdrawn numbers in a Standing, which then says less.
const maxReported = 4 * maxWithdrawn

// NewKeeper returns a Keeper. The caller calls Run.
func NewKeeper(options Options) *Keeper {
	k := &Keeper{options: options, topics: map[string]*underWay{}, logged: map[string]bool{}}
	for _, topic := range options.Topics {
		k.topics[topic] = &underWay{}
	}
	return k
}

// Run states and reports until ctx ends. Then it states once more what was promised
// until then, so that the caller ends ctx after the doors have closed.
func (k *Keeper) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { every(ctx, stateEvery, func() { k.stateAll(ctx) }) })
	running.Go(func() { every(ctx, stateEvery, func() { k.report(ctx, false) }) })
	running.Wait()
	last := context.WithoutCancel(ctx)
	for _, topic := range k.options.Topics {
		k.state(last, topic)
	}
	k.report(last, true)
	return nil
}

func every(ctx context.Context, period time.Duration, do func()) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		do()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// stateAll states what is new, and that nothing is where that has not been said for a
// while.
func (k *Keeper) stateAll(ctx context.Context) {
	for _, topic := range k.options.Topics {
		if ctx.Err() == nil && k.due(topic) {
			k.state(ctx, topic)
		}
	}
}

func (k *Keeper) due(topic string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.topics[topic]
	cleared := u.spooled > 0 && k.options.Spooled(topic) == 0
	return cleared || time.Since(u.sentAt) >= idleEvery || k.options.Ledger.hasNews(topic)
}

func (k *Keeper) state(ctx context.Context, topic string) {
	ctx, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	statement, err := k.options.State(ctx, topic)
	k.log("statements cannot be sent, and wait", err)
	if err != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.topics[topic]
	u.sentAt, u.spooled = statement.SentAt, statement.Spooled
	if len(u.waiting) == maxWaiting {
		u.waiting = u.waiting[:maxWaiting-1]
	}
	u.waiting = append(u.waiting, statement)
}

// report records the standings. Where nothing has changed, it does so as rarely as
// statements are sent.
func (k *Keeper) report(ctx context.Context, ended bool) {
	standings := k.standings(ended)
	if slices.EqualFunc(standings, k.reported, equal) && time.Since(k.reportedAt) < idleEvery {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	passed, err := k.options.Report(ctx, standings)
	k.log("the database does not take what this receiver promised; the queues do", err)
	if err != nil {
		return
	}
	k.reported, k.reportedAt = standings, time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for topic, u := range k.topics {
		u.waiting = slices.DeleteFunc(u.waiting, func(sent Statement) bool { return !sent.SentAt.After(passed[topic]) })
	}
}

func (k *Keeper) standings(ended bool) (standings []Standing) {
	for _, topic := range k.options.Topics {
		standing := k.standing(topic)
		standing.Ended = ended
		standings = append(standings, standing)
	}
	return standings
}

func (k *Keeper) standing(topic string) Standing {
	unsaid := k.options.Ledger.Statement(topic)
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.topics[topic]
	promisedTo := unsaid.UpTo
	var withdrawn []Span
	for _, statement := range append(slices.Clip(u.waiting), unsaid) {
		if len(withdrawn)+len(statement.Withdrawn) > maxReported {
			promisedTo = statement.After
			break
		}
		withdrawn = append(withdrawn, statement.Withdrawn...)
	}
	return Standing{
		Identity: k.options.Ledger.Identity(), Topic: topic, PromisedTo: promisedTo, Withdrawn: withdrawn,
		Spooled: k.options.Spooled(topic), SentAt: u.sentAt, Lag: u.lag(),
	}
}

func equal(a, b Standing) bool {
	same := slices.Equal(a.Withdrawn, b.Withdrawn)
	a.Withdrawn, b.Withdrawn = nil, nil
	return same && reflect.DeepEqual(a, b)
}

// Lags returns for each topic the age of this receiver's oldest statement that has not
// passed the topic's queue; 0 when all have.
func (k *Keeper) Lags() map[string]time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	lags := map[string]time.Duration{}
	for topic, u := range k.topics {
		lags[topic] = u.lag()
	}
	return lags
}

func (u *underWay) lag() time.Duration {
	if len(u.waiting) == 0 {
		return 0
	}
	return max(0, time.Since(u.waiting[0].SentAt))
}

// log logs a problem when it begins and when it ends.
func (k *Keeper) log(problem string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err != nil && !k.logged[problem]:
		k.logged[problem] = true
		k.options.Logger.Warn(problem, "error", err)
	case err == nil:
		k.logged[problem] = false
	}
}
