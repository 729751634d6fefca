package app

import (
	"context"
	"errors"
	"time"

	"integr8/handlers/operate/history"
)

// switchesInterval is how soon a switch of unique orders goes on whose process has ended.
const switchesInterval = 10 * time.Second

// completeSwitches completes the switches of unique orders that a command or the API has
// begun and left: it was interrupted, or its process died.
func (p *process) completeSwitches(ctx context.Context) error {
	r := rounds{logger: p.logger, what: "the switch of unique orders", interval: switchesInterval}
	r.run(history.By(ctx, "a worker"), func(ctx context.Context) error {
		offers, err := p.store.FillingOffers(ctx)
		if err != nil {
			return err
		}
		for _, offer := range offers {
			completed, failed := p.store.GoOnFilling(ctx, offer)
			if completed {
				p.logger.Info("completed the switch of unique orders that another process had begun", "account", offer.AccountID, "offer", offer.ID)
			}
			err = errors.Join(err, failed)
		}
		return err
	})
	return nil
}
