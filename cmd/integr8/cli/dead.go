package cli

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

type deadCommand struct {
	List    deadListCommand    `cmd:"" help:"List dead letters, the newest first; without a filter, count them by reason before."`
	Show    deadShowCommand    `cmd:"" help:"Show one dead letter: the hit as received, why it died, and what has been done."`
	Replay  deadReplayCommand  `cmd:"" time:"long" help:"Publish hits again, under their own ids, so that nothing is ever paid twice."`
	Discard deadDiscardCommand `cmd:"" time:"long" help:"Give dead letters up, after asking."`
	Undo    deadUndoCommand    `cmd:"" time:"long" help:"Bring back what was discarded."`
	Note    deadNoteCommand    `cmd:"" time:"long" help:"Note something on dead letters, and change nothing else."`
}

// deadLetters returns the use cases of dead letters.
func (inv *invocation) deadLetters() (dead.Letters, error) {
	db, err := inv.store()
	if err != nil {
		return dead.Letters{}, err
	}
	// Without keys a transaction_id cannot be checked here, which a replay warns of only.
	keys, _ := inv.settings.keys()
	return dead.Letters{Store: db, Broker: deadBroker{inv}, Keys: keys}, nil
}

// deadFilter is what list, replay, discard, undo and note choose by.
type deadFilter struct {
	Account int64      `placeholder:"ID" help:"Only this account's."`
	Reason  deadReason `placeholder:"REASON" help:"Only those that died for this reason, such as unknown_publisher."`
	Offer   int64      `placeholder:"ID" help:"Only this offer's."`
	Kind    hit.Kind   `default:"" enum:",click,postback,pixel,clickless" help:"Only click, postback, pixel or clickless hits."`
	Since   moment     `placeholder:"TIME" help:"Only those that died since: how long ago (24h, 7d), a day, or a time (RFC 3339)."`
	Until   moment     `placeholder:"TIME" help:"Only those that died until then."`

	Advertiser  int64             `placeholder:"ID" help:"Only those of this advertiser's offers."`
	Publisher   int64             `placeholder:"ID" help:"Only those of this publisher: the click's, or the one that the request named."`
	Network     network           `placeholder:"NETWORK" help:"Only those from this network: the /24 of an IPv4 address, the /48 of an IPv6 address, or an address in it."`
	TokenID     int64             `name:"token-id" xor:"token" placeholder:"ID" help:"Only those with this token, by its number."`
	TokenDigest dead.DigestPrefix `xor:"token" placeholder:"HEX" help:"Only those with a token, known or not, whose SHA-256 begins so, as dead list prints it."`
	Token       fromStdin         `xor:"token" help:"Only those with the secure token that is read from standard input."`
	Text        exactText         `placeholder:"TEXT" help:"Only those with this text in the recorded request or in the error; a to z match in either case."`
}

// chosen reports whether the filter excludes anything.
func (f deadFilter) chosen() bool { return f != deadFilter{} }

// filter is the same for the use cases. It reads the token where one is asked for.
func (f deadFilter) filter(ctx context.Context, inv *invocation) (dead.Filter, error) {
	filter := dead.Filter{
		AccountID: f.Account,
		Reason:    outcome.Reason(f.Reason),
		OfferID:   f.Offer,
		Kind:      f.Kind,
		Since:     f.Since.Time,
		Until:     f.Until.Time,

		AdvertiserID: f.Advertiser,
		PublisherID:  f.Publisher,
		Network:      f.Network.Prefix,
		TokenID:      f.TokenID,
		TokenDigest:  f.TokenDigest,
		Text:         string(f.Text),
	}
	if f.Until.day {
		filter.Until = f.Until.end().Add(-time.Microsecond) // Until is inclusive, to Postgres's precision
	}
	if f.Token {
		secure, err := inv.readToken(ctx)
		if err != nil {
			return dead.Filter{}, err
		}
		filter.TokenDigest = dead.DigestOf(token.DigestOf(secure))
	}
	return filter, nil
}

// network is a network of senders as hit.NetworkPrefix makes it.
type network struct{ netip.Prefix }

// UnmarshalText reads a network, or the address of a client in one.
func (n *network) UnmarshalText(text []byte) error {
	written := strings.TrimSpace(string(text))
	if address, err := netip.ParseAddr(written); err == nil {
		n.Prefix = hit.NetworkPrefix(address)
		return nil
	}
	prefix, err := netip.ParsePrefix(written)
	if err != nil || prefix != hit.NetworkPrefix(prefix.Addr()) {
		return fmt.Errorf("%q is neither an address nor a network as dead letters keep it, such as 192.0.2.0/24 or 2001:db8:7::/48", written)
	}
	n.Prefix = prefix
	return nil
}

// deadReason is a reason that exists.
type deadReason outcome.Reason

// UnmarshalText refuses what is no reason, which else would choose nothing
// and look like good news.
func (r *deadReason) UnmarshalText(text []byte) error {
	*r = deadReason(text)
	if outcome.Reason(*r).Exists() {
		return nil
	}
	near := nearReasons(string(text))
	if len(near) == 0 {
		return fmt.Errorf("%q is not a reason: integr8 dead list --status all --summary lists those that hits died for", text)
	}
	return fmt.Errorf("%q is not a reason; is %s meant?", text, strings.Join(near, " or "))
}

// choices are the reasons, for completion.
func (r deadReason) choices() []string {
	var names []string
	for _, reason := range outcome.Reasons() {
		names = append(names, string(reason))
	}
	slices.Sort(names)
	return names
}

func deadReasonTable(t *table, reasons []dead.ReasonCount) {
	t.row("REASON", "DEAD LETTERS", "OLDEST", "NEWEST")
	for _, reason := range reasons {
		t.row(reason.Reason, reason.Letters, operate.Clock(reason.Oldest), operate.Clock(reason.Newest))
	}
	for _, reason := range reasons {
		t.row(fmt.Sprintf("%s: %s", reason.Reason, reason.Hint))
	}
}

// deadStateText names a state for people.
func deadStateText(state dead.State) string {
	switch state {
	case dead.StateOnTheWay:
		return "replayed, on its way"
	case dead.StateSilent:
		return "replayed, silent"
	default:
		return string(state)
	}
}
