package receiver

import (
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"integr8/pipeline/hit"
)

// quota bounds the rate of one kind of hit: in all, and of one network,
// so that a stranger uses up the share of its own network first. The zero
// value allows everything.
type quota struct {
	networks allowance
	all      *rate.Limiter
}

// quotaSeconds is the burst of a quota, in seconds of its rate: all refusals of a batch
// job with a wrong template are recorded, those of a flood are not.
const quotaSeconds = 20

// newQuota returns a quota of two rates a second; 0 means no bound.
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

// permits reports whether the quota allows one more, and counts it if so.
func (q quota) permits(client netip.Addr, now time.Time) bool {
	return q.networks.permits(client, now) && (q.all == nil || q.all.AllowN(now, 1))
}

// ownJunk is the rate of refusals with a token that exists, as a multiple of the rate of
// all refusals. Strangers cannot use it up, and the owner of the token needs these
// records, to correct the postback or to replay what was refused by mistake.
const ownJunk = 10

// Junk says why a hit was dropped, or is kept only for a short time.
type Junk string

// The values of Junk.
const (
	// OverQuota: a refusal above the quota; it was only counted.
	OverQuota Junk = "over_quota"
	// NotTaken: a refusal that the queue did not accept; it was dropped.
	NotTaken Junk = "not_taken"
	// Surplus: a hit that was accepted with an unknown token, above the quota; it is kept
	// for a short time.
	Surplus Junk = "surplus"
)
