package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/model"
)

// FloodFrom is the network from which floods come; the load comes from another.
const FloodFrom = "127.66.0."

// Flood is the traffic of a stranger without a token: a paced stream of requests that
// doors refuse, and of some that they accept, because the unknown token shows only
// later. A few have bodies of 60 KB that are made to grow: of short addresses, each of
// which becomes a hash, and of control characters.
type Flood struct {
	World     *model.World
	Ledger    *ledger.Ledger
	Receivers []string
	// Large and Small are how many requests of each size are sent a second.
	Large, Small int
	Seed         uint64

	sent atomic.Int64
}

// Sent returns how many requests have been sent so far.
func (f *Flood) Sent() int { return int(f.sent.Load()) }

// Run sends the flood until ctx ends, and returns after the last answer.
func (f *Flood) Run(ctx context.Context) {
	client := newClient(8 * time.Second)
	defer client.close()
	random := rand.New(rand.NewPCG(f.Seed, 2))
	var busy sync.WaitGroup
	defer busy.Wait()
	pace := time.NewTicker(time.Second / time.Duration(f.Large+f.Small))
	defer pace.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
		request := f.request(random, i)
		f.sent.Add(1)
		busy.Go(func() {
			request.SentAt = time.Now()
			f.Ledger.Add(ledger.Entry{Request: request, Answer: client.do(context.WithoutCancel(ctx), request)})
		})
	}
}

func (f *Flood) request(random *rand.Rand, i int) ledger.Request {
	id := f.World.Mint(time.Now())
	switch i % 4 {
	case 0:
		id = "REPLACE"
	case 1:
		id = strings.Repeat("0", len(id))
	case 2:
		id = id[:31]
	}
	request := ledger.Request{
		Seq: f.Ledger.Next(), Receiver: f.Receivers[i%len(f.Receivers)], Method: http.MethodPost, Path: "/", Form: ledger.Body,
		From:   fmt.Sprint(FloodFrom, 1+random.IntN(200)),
		Params: pairs("secure", fmt.Sprint("stranger ", random.Uint64()), "transaction_id", id),
	}
	request.Params = append(request.Params, seqPair(request.Seq))
	if random.IntN(f.Large+f.Small) < f.Large {
		request.Junk = junk()
	}
	return request
}

// junk returns 60 KB of parameters in encoded form, below every bound of the doors.
func junk() []ledger.Pair {
	var made []ledger.Pair
	for i := range 140 {
		made = append(made, ledger.Pair{Name: fmt.Sprint("j", i), Value: strings.Repeat("a@b.cc,", 32) + strings.Repeat("\x01", 20)})
	}
	return made
}
