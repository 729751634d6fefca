package report

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
)

// Zone returns the time zone of a report's days and hours: the one with an IANA name, or
// without a name that of the account which the report is of, because the filter names it, its
// offer or its publisher. A report of all accounts has UTC. The error of a name is
// operate.ErrZone.
func (r Reports) Zone(ctx context.Context, filter Filter, name string) (*time.Location, error) {
	if name != "" {
		return operate.Zone(name)
	}
	id, err := filter.named().Owner(ctx, r.Store)
	if err != nil || id == 0 {
		return time.UTC, err
	}
	account, err := r.Store.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	zone, err := operate.Zone(account.TimeZone)
	if err != nil {
		return nil, failure.WithHint(reference.Refuse(reference.ErrConflict, "account %d has the time zone %q, which this integr8 does not know", id, account.TimeZone),
			fmt.Sprintf("name a zone for the report, or give the account another one: `integr8 account edit %d --time-zone ZONE`", id))
	}
	return zone, nil
}
