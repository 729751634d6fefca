package receiver

import (
	"errors"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/redact"
	"integr8/pipeline/token"
)

// newHit returns the hit of a request, without its parameters.
func (rc *Receiver) newHit(v *visit, kind hit.Kind, from origin) *hit.Hit {
	// Postgres stores microseconds, so the hit must not have a higher precision.
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

// carry adds the request's parameters to the hit, removes every secret from it,
// and bounds its size. Before that the hit must not leave the door. The notes that it
// returns may be sent to the sender.
func (rc *Receiver) carry(h *hit.Hit, in *request, limit int) (found redact.Found, notes string) {
	h.Params, h.Notes = in.values, in.notes()
	in.mark(h)
	redact.NoteEmail(h)
	h.NoteUnreadable()
	h.Prune()
	notes = strings.Join(h.Notes, "; ")
	if limit == hit.MaxShortBytes {
		h.Shorten()
	}
	found = rc.redactor.Hit(h)
	h.Host = strings.ToLower(h.Host) // after redaction, because tokens are case-sensitive
	h.Fit(limit)
	return found, notes
}

// record makes the hit durable, and returns the nil id and why when it could not. A
// client that hangs up does not stop it.
func (rc *Receiver) record(h *hit.Hit) (receipt uuid.UUID, err error) {
	if err := rc.options.Queue.Put(rc.putDeadline.Context(), h); err != nil {
		rc.failures.raise("the queue did not accept a hit", h.Kind, err)
		return uuid.Nil, err
	}
	return h.ID, nil
}

// finish records a hit of a door that needs a token, and returns the response.
//
// A stranger can send any text as a token, and no response may reveal whether it is a
// valid one. So every hit that the door accepts is recorded, whatever
// its token. A bound on hits with unknown tokens that get 200 would either bound those
// of customers as well, or reveal which tokens are valid. A hit may have a token that
// this door does not know because it does not exist, was created a second ago, or is
// still to be imported. Such a hit keeps all parameters of the contract, so that it
// converts, or can be replayed, completely; it keeps no other
// parameters. Above the quota of such hits it is marked Surplus:
// it reaches its outcome like any other hit, and is deleted a day later if its
// token is still unknown. A flood of them then costs no more than a flood of clicks,
// which anybody can make too, and leaves less behind.
func (rc *Receiver) finish(h *hit.Hit, in *request, wrong problem) answer {
	if in.token != "" {
		h.TokenDigest = token.DigestOf(in.token)
	}
	if wrong.refusal == outcome.UnverifiedTransactionID && rc.options.LacksKey() {
		h.Refusal = wrong.refusal // the handler checks it again
	} else if wrong.refusal != "" {
		return rc.refuse(h, in, rc.refusalOf(wrong))
	}
	limit := hit.MaxBytes
	if !rc.options.Directory.KnowsToken(h.TokenDigest) {
		limit = hit.MaxShortBytes
		if h.Surplus = !rc.unknown.permits(h.Client(), h.ReceivedAt); h.Surplus {
			rc.options.ObserveJunk(Surplus, "")
		}
	}
	_, notes := rc.carry(h, in, limit)
	receipt, err := rc.record(h)
	switch {
	case errors.Is(err, hit.ErrUnencodable): // another try would fail too
		return refused(outcome.InvalidText, theRequest)
	case err != nil:
		return unavailable()
	}
	return answer{status: fasthttp.StatusOK, result: Accepted, receipt: receipt, note: notes, test: h.TestAccount != 0}
}

// refusalOf returns the response to a request with that problem.
func (rc *Receiver) refusalOf(wrong problem) answer {
	if wrong.refusal == outcome.TooLarge {
		return tooLarge(fasthttp.StatusRequestEntityTooLarge, "the body is too large", rc.options.MaxBodyBytes)
	}
	return wrong.answer()
}

// turnAway returns the response to a request that no door accepts, and records the
// request as one of that kind when it contains a token. It does not record a request
// whose method is HEAD, OPTIONS, TRACE or CONNECT, or that no door of the kind would
// record.
func (rc *Receiver) turnAway(v *visit, kind hit.Kind, a answer) answer {
	switch v.method {
	case methodHead, fasthttp.MethodOptions, fasthttp.MethodTrace, fasthttp.MethodConnect:
		return a
	}
	if kind == hit.Click || kind == "" || v.query == "" && len(v.body) == 0 || v.isPrefetch() || bot.Is(v.userAgent()) {
		return a
	}
	in := rc.readRequest(v, kind)
	h := rc.newHit(v, kind, originOf(v, rc.options.TrustedProxies))
	if in.token != "" {
		h.TokenDigest = token.DigestOf(in.token)
	}
	return rc.refuse(h, in, a)
}

// refuse completes the response to a refused request. It records the hit
// in short form when it contains a token: without one the hit belongs to no account. The
// response is the same when that fails.
//
// The quota of refusals is for all senders, whatever their token, because the receipt
// reveals whether the quota was used up. Above it a hit whose token
// exists is still recorded, within a quota that no stranger can use up, but the response
// does not reveal it: it has no receipt, and does not wait for the queue. Any other hit
// is only counted, and is not even redacted.
func (rc *Receiver) refuse(h *hit.Hit, in *request, a answer) answer {
	h.Refusal = a.refusal
	if in.token == "" && in.elsewhere != "" {
		h.TokenDigest = token.DigestOf(in.elsewhere)
	}
	switch {
	case h.TokenDigest.IsZero():
	case rc.refusals.permits(h.Client(), h.ReceivedAt):
		a.receipt = rc.recordRefused(h, in)
	case rc.options.Directory.KnowsToken(h.TokenDigest) && rc.ownRefusals.permits(netip.Addr{}, h.ReceivedAt):
		go rc.recordUntold(h, in)
	default:
		rc.options.ObserveJunk(OverQuota, h.Refusal)
	}
	return a
}

// recordRefused records a refused hit, and returns its receipt, or the nil id when that
// failed.
func (rc *Receiver) recordRefused(h *hit.Hit, in *request) uuid.UUID {
	rc.carry(h, in, hit.MaxShortBytes)
	receipt, err := rc.record(h)
	if err != nil {
		rc.options.ObserveJunk(NotTaken, h.Refusal)
	}
	return receipt
}

// recordUntold records a refused hit without a receipt in the response.
func (rc *Receiver) recordUntold(h *hit.Hit, in *request) {
	defer func() {
		if value := recover(); value != nil {
			rc.options.Logger.Error("a door panicked", "kind", h.Kind, "panic", describePanic(value), "stack", string(debug.Stack()))
		}
	}()
	rc.recordRefused(h, in)
}
