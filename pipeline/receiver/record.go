package receiver

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"integr8/pipeline/hit"
)

// newHit makes the hit of a request, without its parameters.
func (rc *Receiver) newHit(v *visit, kind hit.Kind, from origin) *hit.Hit {
	// Postgres keeps microseconds: what is stored equals what travelled.
	at := rc.options.Clock().UTC().Truncate(time.Microsecond)
	h := &hit.Hit{
		ID:         NewReceipt(at),
		Kind:       kind,
		ReceivedAt: at,
		Method:     v.method,
		Host:       from.host,
		Path:       v.path,
		UserAgent:  v.userAgent(),
		Referer:    v.referer(),
	}
	if from.clientIP.IsValid() {
		h.ClientIP = from.clientIP.String()
	}
	return h
}

// carry gives the hit the request's parameters and takes every secret out of
// it. Until then the hit must go nowhere.
func (rc *Receiver) carry(h *hit.Hit, in *request) hit.Found {
	h.Params = in.values
	if in.token != "" {
		h.TokenDigest = hit.DigestOf(in.token)
	}
	found := rc.redactor.Hit(h)
	h.Host = strings.ToLower(h.Host) // not before: a token is known by its letters
	if in.token != "" {
		found |= hit.FoundToken
	}
	return found
}

// record makes the hit durable and answers its receipt, or the nil id when it
// could not. A client that hangs up does not stop it.
func (rc *Receiver) record(h *hit.Hit) uuid.UUID {
	if err := rc.options.Queue.Put(rc.patience.Context(), h); err != nil {
		rc.failures.raise("the queue took no hit", h.Kind, err)
		return uuid.Nil
	}
	return h.ID
}

// finish records a hit of a door that takes tokens, accepted or refused, and
// answers. A refused one is recorded only when it names a token, because
// otherwise nobody can be told; it is refused even when that fails.
func (rc *Receiver) finish(h *hit.Hit, in *request, wrong problem) answer {
	h.Refusal = wrong.refusal
	rc.carry(h, in)
	if wrong.refusal != "" {
		a := refused(wrong.refusal, wrong.subject)
		if in.token != "" {
			a.receipt = rc.record(h)
		}
		return a
	}
	receipt := rc.record(h)
	if receipt == uuid.Nil {
		return unavailable()
	}
	return answer{status: fasthttp.StatusOK, result: Accepted, receipt: receipt}
}
