package app

import (
	"context"
	"time"
)

// mendingInterval is how often a worker looks for damaged indexes of integr8 find: nobody
// but a search that takes long notices one.
const mendingInterval = time.Hour

// mendIndexes looks at the indexes of all days when the worker starts, and then at those of
// the days that fill.
func (p *process) mendIndexes(ctx context.Context) error {
	all := true
	r := &rounds{logger: p.logger, what: "mending of indexes", interval: mendingInterval}
	r.run(ctx, func(ctx context.Context) error {
		err := p.store.MendFindIndexes(ctx, all, func(index string) {
			p.logger.Info("mended an index whose summarising was interrupted", "index", index)
		})
		all = all && err != nil
		return err
	})
	return nil
}
