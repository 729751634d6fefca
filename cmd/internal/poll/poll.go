// Package poll waits for states that can only be queried repeatedly.
package poll

import (
	"context"
	"time"
)

// Until calls ask at once and then at every interval, until ask returns true or an
// error, or ctx ends. It returns the error of ask, or the cause of ctx.
func Until(ctx context.Context, every time.Duration, ask func() (bool, error)) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if done, err := ask(); done || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Sleep waits for a time and returns nil, or the cause of ctx if ctx ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
