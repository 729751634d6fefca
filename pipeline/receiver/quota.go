package receiver

import (
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"integr8/pipeline/hit"
)

// quota bounds how much of one sort is recorded: in all, and of one network,
// so that a stranger uses up his own share before that of others. The zero
// value allows all.
type quota struct {
	networks allowance
	all      *rate.Limiter
}

// quotaSeconds is the burst of a quota, in seconds of its rate: a template that
// a batch job has got wrong shows in full, a flood does not.
const quotaSeconds = 20

// newQuota makes a quota of two rates a second; 0 sets no bound.
func newQuota(perSecond, perNetwork int) (quota, error) {
	networks, err := newAllowance(perNetwork, quotaSeconds*perNetwork, hit.NetworkOf)
	if err != nil {
		return quota{}, err
	}
	q := quota{networks: networks}
	if perSecond > 0 {
		q.all = rate.NewLimiter(rate.Limit(perSecond), quotaSeconds*perSecond)
	}
	return q, nil
}

// permits takes one from the quota, if there is one left.
func (q quota) permits(client netip.Addr, now time.Time) bool {
	return q.networks.permits(client, now) && (q.all == nil || q.all.AllowN(now, 1))
}

// ownJunk is how many times the rate of all refusals those may have that name
// a token that exists: strangers cannot use it up, and whoever owns the token
// needs them, to mend what is wrong or to replay what was refused by mistake.
const ownJunk = 10

// Junk says in one word why a hit was not recorded as others are.
type Junk string

// Why.
const (
	// OverQuota refusals were counted only.
	OverQuota Junk = "over_quota"
	// NotTaken refusals were not taken by the queue, and dropped.
	NotTaken Junk = "not_taken"
	// Surplus hits were accepted with an unknown token, past the quota: they
	// are kept for a short time.
	Surplus Junk = "surplus"
)
