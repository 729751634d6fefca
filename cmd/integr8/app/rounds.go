package app

import (
	"context"
	"log/slog"
	"time"

	"integr8/pipeline/failure"
)

// rounds does something now and at each interval. A problem that lasts is logged once.
type rounds struct {
	logger *slog.Logger
	// what names it in a log line: "housekeeping".
	what     string
	interval time.Duration
	// told is the last problem that was logged.
	told string
}

// run goes on until ctx ends.
func (r *rounds) run(ctx context.Context, round func(context.Context) error) {
	ticker := time.NewTicker(r.interval)
	defer ticker.Stop()
	for {
		err := round(ctx)
		if ctx.Err() != nil {
			return
		}
		r.tell(err)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (r *rounds) tell(err error) {
	switch {
	case err == nil && r.told != "":
		r.logger.Info(r.what + " goes on")
		r.told = ""
	case err != nil && err.Error() != r.told:
		r.told = err.Error()
		r.logger.Warn(r.what+" is not done, trying again each "+r.interval.String(), "error", failure.OneLine(err))
	}
}
