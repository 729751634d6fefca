package load

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/model"
)

// Options describe a load.
type Options struct {
	World  *model.World
	Ledger *ledger.Ledger
	// Receivers are the addresses among which requests are distributed.
	Receivers []string
	// Rate is in requests a second; Requests is how many are sent.
	Rate     int
	Requests int
	// Seed makes the mixture the same again, but not the answers.
	Seed uint64
	// Timeout is how long the client waits for an answer. Default 8 s: longer than a
	// receiver takes to answer 503.
	Timeout time.Duration
	// Retries makes senders repeat requests that were not accepted, first at the other
	// receiver.
	Retries bool
	// Poison, if set, is called for each new story and returns the value of the chaos
	// parameter for its first hit; usually empty.
	Poison func(story int) string
}

// mostTries is how often a sender repeats a request.
const mostTries = 5

// atOnce bounds the requests under way. The load is open: it does not wait for answers
// until that many are missing.
const atOnce = 6000

// Load is a paced mixture of requests.
type Load struct {
	options Options
	client  *client
	mix     *mixture

	mu      sync.Mutex
	pending pending
	stories int
	sent    atomic.Int64
	busy    sync.WaitGroup

	// hold guards held, which stops the clock by which requests are due.
	hold     sync.Mutex
	held     bool
	underWay atomic.Int64
}

// New makes a load that Run sends.
func New(options Options) *Load {
	if options.Timeout <= 0 {
		options.Timeout = 8 * time.Second
	}
	if options.Poison == nil {
		options.Poison = func(int) string { return "" }
	}
	random := rand.New(rand.NewPCG(options.Seed, 1))
	return &Load{options: options, client: newClient(options.Timeout), mix: newMixture(options.World, random)}
}

// Sent returns how many requests have been sent so far.
func (l *Load) Sent() int { return int(l.sent.Load()) }

// Run sends the load at its rate and returns after the last answer, or when ctx has
// ended and the requests under way are over.
func (l *Load) Run(ctx context.Context) {
	defer l.client.close()
	places := make(chan struct{}, atOnce)
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	var spent time.Duration // by the load, without the time for which it was held
	last := time.Now()
	for l.Sent() < l.options.Requests {
		if ctx.Err() != nil {
			l.busy.Wait()
			return
		}
		now := time.Now()
		if !l.isHeld() {
			spent += now.Sub(last)
		}
		last = now
		due := int(spent.Seconds() * float64(l.options.Rate))
		for l.Sent() < min(due, l.options.Requests) && ctx.Err() == nil {
			if !l.begin() {
				break
			}
			places <- struct{}{}
			l.depart(ctx, l.next(), func() { <-places })
		}
		<-ticker.C
	}
	l.busy.Wait()
	l.finish(ctx)
}

// depart sends a step in the background.
func (l *Load) depart(ctx context.Context, s *step, done func()) {
	l.sent.Add(1)
	l.busy.Go(func() {
		defer done()
		defer l.underWay.Add(-1)
		l.send(ctx, s)
	})
}

// finish sends the repeats that are still due, but nothing new.
func (l *Load) finish(ctx context.Context) {
	for ctx.Err() == nil {
		l.mu.Lock()
		var again *step
		for len(l.pending) > 0 && again == nil {
			if s := heap.Pop(&l.pending).(*step); s.tries > 0 {
				again = s
			}
		}
		l.mu.Unlock()
		if again == nil {
			return
		}
		select {
		case <-time.After(time.Until(again.due)):
		case <-ctx.Done():
			return
		}
		l.underWay.Add(1)
		l.depart(ctx, again, func() {})
		l.busy.Wait()
	}
}

// Hold stops the load and returns after the last answer. The load must not be over
// before Release.
func (l *Load) Hold(ctx context.Context) error {
	l.hold.Lock()
	l.held = true
	l.hold.Unlock()
	for l.underWay.Load() > 0 {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// Release lets the load continue at its rate.
func (l *Load) Release() {
	l.hold.Lock()
	defer l.hold.Unlock()
	l.held = false
}

func (l *Load) isHeld() bool {
	l.hold.Lock()
	defer l.hold.Unlock()
	return l.held
}

// begin counts a request that is about to be sent. It returns false while the load is
// held.
func (l *Load) begin() bool {
	l.hold.Lock()
	defer l.hold.Unlock()
	if !l.held {
		l.underWay.Add(1)
	}
	return !l.held
}

// next returns the planned step that has been due for longest, or begins a new story.
func (l *Load) next() *step {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) > 0 && !l.pending[0].due.After(time.Now()) {
		return heap.Pop(&l.pending).(*step)
	}
	l.stories++
	first := l.mix.story()
	if poison := l.options.Poison(l.stories); poison != "" {
		first.request.Params = append(first.request.Params, ledger.Pair{Name: model.ChaosParam, Value: poison})
	}
	return first
}

// plan adds the steps that follow from an answer.
func (l *Load) plan(steps []*step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range steps {
		heap.Push(&l.pending, s)
	}
}

// send carries out one step and plans the next ones.
func (l *Load) send(ctx context.Context, s *step) {
	request := s.request
	request.Seq = l.options.Ledger.Next()
	request.Params = append(request.Params[:len(request.Params):len(request.Params)], seqPair(request.Seq))
	request.Receiver = l.options.Receivers[(int(request.Seq)+s.tries)%len(l.options.Receivers)]
	if s.receiver != "" {
		request.Receiver = s.receiver
	}
	request.SentAt = time.Now()
	answer := l.client.do(context.WithoutCancel(ctx), request)
	l.options.Ledger.Add(ledger.Entry{Request: request, Answer: answer})

	l.mu.Lock()
	follow := s.then(answer)
	if l.options.Retries && failed(answer) && s.tries < mostTries {
		again := *s
		again.tries++
		again.request.Again = request.Seq
		again.due = time.Now().Add(time.Duration(s.tries) * 300 * time.Millisecond)
		again.receiver = l.other(request.Receiver)
		follow = append(follow, &again)
	}
	l.mu.Unlock()
	l.plan(follow)
}

// other returns a receiver other than the one that failed.
func (l *Load) other(failed string) string {
	for _, receiver := range l.options.Receivers {
		if receiver != failed {
			return receiver
		}
	}
	return failed
}

// failed reports whether a sender repeats the request after this answer.
func failed(a ledger.Answer) bool {
	return a.Fate != ledger.Answered || a.Status >= http.StatusInternalServerError
}

// step is a request to be sent, with the steps that follow from its answer.
type step struct {
	due      time.Time
	request  ledger.Request
	tries    int
	receiver string
	follow   func(ledger.Answer) []*step
}

func (s *step) then(answer ledger.Answer) []*step {
	if s.follow == nil {
		return nil
	}
	return s.follow(answer)
}

// pending is a heap of steps, with the one that is due first on top.
type pending []*step

func (p pending) Len() int           { return len(p) }
func (p pending) Less(i, j int) bool { return p[i].due.Before(p[j].due) }
func (p pending) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }

// Push adds a step; see container/heap.
func (p *pending) Push(x any) { *p = append(*p, x.(*step)) }

// Pop removes the last step; see container/heap.
func (p *pending) Pop() any {
	last := len(*p) - 1
	s := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	return s
}
