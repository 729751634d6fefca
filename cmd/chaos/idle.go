package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"integr8/cmd/chaos/check"
	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/poll"
)

const (
	// fewFiles is the limit on open files that many systems set for a process.
	fewFiles = 1024
	// crowd is how many connections are held at each receiver, if the drill may open
	// that many.
	crowd = 3000
	// crowdAddresses is how many client addresses they come from, so that the bound for
	// one address does not refuse them.
	crowdAddresses = 8
	// crowdMemory is how much memory a receiver may use: 64 MiB for requests under way,
	// and what it needs otherwise.
	crowdMemory = 160 << 20
)

// limitFiles makes the receivers start with few descriptors.
func limitFiles(_ context.Context, r *round) error {
	for _, p := range r.system.Receivers {
		p.LimitFiles(fewFiles)
	}
	return nil
}

// crowdDoors holds many more connections at the receivers than they may open, half of
// them idle and half with a body that never ends. It opens each again when it is
// closed, and meanwhile checks that the admin address responds.
func crowdDoors(ctx context.Context, r *round) error {
	each, err := affordable(len(r.system.Receivers))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-r.over:
			cancel()
		case <-ctx.Done():
		}
	}()
	r.pause(ctx, time.Second, 2*time.Second)
	var guests sync.WaitGroup
	defer guests.Wait()
	opened := &atomic.Int64{}
	for _, p := range r.system.Receivers {
		r.fault("%d connections at %s, idle and with unfinished bodies", each, p.Name)
		for i := range each {
			guests.Go(func() { loiter(ctx, p.Addr, i, opened) })
		}
	}
	probed := 0
	for ; ctx.Err() == nil; probed++ {
		for _, p := range r.system.Receivers {
			r.probe(ctx, p)
		}
		r.pause(ctx, 50*time.Millisecond, 100*time.Millisecond)
	}
	return r.crowdIsOver(context.WithoutCancel(ctx), opened.Load(), probed)
}

// affordable returns how many connections at each receiver the drill's own limit of
// descriptors permits, with half of it left for the load.
func affordable(receivers int) (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("read the limit of file descriptors: %w", err)
	}
	each := min(crowd, int(min(limit.Cur, 1<<20))/2/receivers)
	if each < 2*fewFiles {
		return 0, fmt.Errorf("the drill may open %d files and needs %d: raise ulimit -n", limit.Cur, 4*fewFiles*receivers)
	}
	return each, nil
}

// loiter holds a connection, and opens it again when the receiver closes it.
func loiter(ctx context.Context, address string, n int, opened *atomic.Int64) {
	dialer := net.Dialer{Timeout: 5 * time.Second, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+n%crowdAddresses))}}
	said := "GET /robots.txt HTTP/1.1\r\nHost: idle.example\r\n\r\n"
	if n/crowdAddresses%2 == 1 {
		said = "POST /postback HTTP/1.1\r\nHost: slow.example\r\nContent-Type: application/json\r\nContent-Length: 65536\r\n\r\n{"
	}
	for ctx.Err() == nil {
		if conn, err := dialer.DialContext(ctx, "tcp", address); err == nil {
			opened.Add(1)
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			_, err := io.WriteString(conn, said)
			if err == nil {
				_, _ = io.Copy(io.Discard, conn) // until either side closes it
			}
			stop()
			_ = conn.Close() // nothing depends on it
		}
		_ = poll.Sleep(ctx, 5*time.Second+rand.N(5*time.Second)) // the loop checks ctx
	}
}

// probe checks whether a receiver's admin address responds.
func (r *round) probe(ctx context.Context, p *system.Process) {
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		status, err := p.Probe(context.WithoutCancel(ctx), path)
		if err != nil || status != http.StatusOK {
			r.note(check.Violation{Rule: check.NotAnswered, Expected: "200 for " + path + " of " + p.Name, Found: fmt.Sprintf("%d, %v", status, err)})
		}
	}
}

// crowdIsOver checks that there were too many connections, and what they cost.
func (r *round) crowdIsOver(ctx context.Context, opened int64, probed int) error {
	var errs []error
	for _, p := range r.system.Receivers {
		memory, memoryErr := p.PeakMemory()
		evicted, evictedErr := p.Evicted(ctx)
		errs = append(errs, memoryErr, evictedErr)
		r.say("%s took %d MB at most and closed %d connections to make room", p.Name, memory>>20, evicted)
		if memory > crowdMemory && !r.binaries.Raced {
			r.note(check.Violation{Rule: check.OverBound, Expected: fmt.Sprintf("at most %d MB in %s", crowdMemory>>20, p.Name), Found: fmt.Sprintf("%d MB", memory>>20)})
		}
		if evicted == 0 && evictedErr == nil {
			errs = append(errs, fmt.Errorf("%s never had too many connections: the drill shows nothing", p.Name))
		}
	}
	r.say("%d connections were opened, and the admin addresses asked %d times", opened, probed)
	return errors.Join(errs...)
}
