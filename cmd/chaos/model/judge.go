package model

import (
	"time"

	"github.com/shopspring/decimal"

	"integr8/cmd/chaos/ledger"
)

// Fact is what only the database knows about a recorded request: the transaction_id of
// a click whose answer was lost, and the time of receipt by the receiver's clock.
type Fact struct {
	TransactionID string
	ReceivedAt    time.Time
	// DecidedAt is the time of the last decision, and Decisions counts all.
	DecidedAt time.Time
	Decisions int
}

// Expectation is what the database must hold for one recorded request.
type Expectation struct {
	ledger.Entry
	Kind    string
	Account int64
	// Outcome is the outcome that the hit must have, and Reason its reason. With a Claim
	// the outcome is converted for one of the hits with the same key or the same order,
	// and duplicate for the others; only the database knows which came first.
	Outcome string
	Reason  string
	// Undecided means that the wait for the click may not have ended yet, so the outcome
	// may also still be waiting.
	Undecided bool
	// Early means that an unmatched hit would have been unmatched too early: at its
	// first decision, or before the late-click window was over.
	Early bool
	Route string
	// TransactionID is the transaction_id that the hit names or was given; empty when it
	// has none.
	TransactionID string
	Claim         *Claim
	// Leak is set for a recorded click that carried an existing token.
	Leak bool
}

// Claim is a conversion that a hit makes unless another conversion has its key or its
// order.
type Claim struct {
	Key string
	// Order is the order that may convert once; empty when the hit names none, or when
	// the orders of its offer may repeat.
	Order     string
	Offer     int64
	Publisher int64
	Method    string
	Revenue   decimal.Decimal
	Payout    decimal.Decimal
	Currency  string
}

// The outcomes of the model.
const (
	Recorded  = "recorded"
	Rejected  = "rejected"
	Waiting   = "waiting"
	Unmatched = "unmatched"
	Failed    = "failed"
	Claims    = "converted or duplicate"
)

// ChaosParam makes a worker that was built for drills fail on purpose.
const ChaosParam = "chaos"

// The faults that a hit can request, each with the way in which the hit must end.
const (
	Panics      = "panic"
	CommitPanic = "panic-in-commit"
	Exits       = "exit"
)

// sweepGrace is how long after the end of its wait a postback may still be waiting, in
// addition to the two graces for which workers must have kept up with the clicks:
// sweeps come every 10 s.
const sweepGrace = 30 * time.Second

// Judge returns what the database must hold at the given time for every recorded
// request. facts holds the recorded ones: all with a receipt, and of those whose answer
// was lost the ones with a row. Judge leaves nothing else about them open.
func (w *World) Judge(entries []ledger.Entry, facts map[int64]Fact, now time.Time) map[int64]*Expectation {
	judged := make(map[int64]*Expectation, len(facts))
	clicks := map[string]*Expectation{}
	var conversions []*Expectation
	for _, entry := range entries {
		fact, recorded := facts[entry.Seq]
		if !recorded {
			continue
		}
		door := w.At(entry.Request)
		e := &Expectation{Entry: entry, Kind: door.Kind}
		judged[entry.Seq] = e
		if door.Kind != click {
			conversions = append(conversions, e)
			continue
		}
		w.judgeClick(e, door, fact)
		if e.Outcome == Recorded {
			clicks[e.TransactionID] = e
		}
	}
	for _, e := range conversions {
		w.judgeConversion(e, clicks, facts[e.Seq], now)
	}
	return judged
}

func (w *World) judgeClick(e *Expectation, door Door, fact Fact) {
	offer := w.Offers[number(e.Get("offer"))]
	publisher := w.Publishers[number(e.Get("publisher"))]
	e.TransactionID = fact.TransactionID
	if offer == nil {
		return // the door answers 404, so any row for it is wrong
	}
	e.Account = offer.Account
	switch {
	case e.Get(ChaosParam) != "":
		e.fail()
	case door.Refusal != "":
		e.Outcome, e.Reason = Rejected, door.Refusal
	case publisher == nil || publisher.Account != offer.Account:
		e.Outcome, e.Reason = Rejected, "unknown_publisher"
	default:
		e.Outcome = Recorded
		_, e.Leak = w.Tokens[e.Get("secure")]
	}
}

// fail sets the end of a hit that makes its worker fail.
func (e *Expectation) fail() {
	e.Outcome, e.Reason = Failed, "handler_failed"
	if e.Get(ChaosParam) == Exits {
		e.Reason = "delivery_limit"
	}
}

func (w *World) judgeConversion(e *Expectation, clicks map[string]*Expectation, fact Fact, now time.Time) {
	token, known := w.Tokens[e.Get("secure")]
	if known {
		e.Account, e.Route = token.Account, token.Route()
	}
	door := w.At(e.Request)
	if door.Refusal == "" && door.Kind != clickless {
		e.TransactionID, _ = canonical(e.Get("transaction_id"))
	}
	// Of a request that is refused or names an unknown token, a door stores only the
	// parameters of the contract.
	if e.Get(ChaosParam) != "" && door.Refusal == "" && known {
		e.fail()
		return
	}
	e.Outcome = Rejected
	switch {
	case door.Refusal != "":
		e.Reason = door.Refusal
	case !known:
		e.Reason = "unknown_token"
	case door.Kind == pixel && w.Domains[e.Host] != token.Account:
		e.Reason = "wrong_domain"
	case token.Purpose != "" && token.Purpose != door.Kind:
		e.Reason = "wrong_purpose"
	case door.Kind == clickless:
		w.judgeClickless(e, token)
	default:
		w.judgeMatch(e, token, clicks[e.TransactionID], fact, now)
	}
	if e.Reason == "" && e.Claim != nil {
		e.Outcome = Claims
	}
}

// judgeMatch matches a postback or a pixel with its click.
func (w *World) judgeMatch(e *Expectation, token Token, clicked *Expectation, fact Fact, now time.Time) {
	if clicked == nil {
		e.Outcome, e.Reason = Waiting, "click_not_yet"
		if over := fact.ReceivedAt.Add(w.LateClicks); now.After(over) {
			e.Outcome, e.Reason = Unmatched, "click_never_came"
			if atLeast := fact.DecidedAt.Add(w.LateGrace); atLeast.After(over) {
				over = atLeast
			}
			e.Undecided = now.Before(over.Add(sweepGrace + 2*w.LateGrace))
			e.Early = fact.Decisions < 2 || fact.DecidedAt.Before(fact.ReceivedAt.Add(w.LateClicks))
		}
		return
	}
	offerID, publisherID := number(clicked.Get("offer")), number(clicked.Get("publisher"))
	switch {
	case clicked.Account != token.Account:
		e.Reason = "wrong_account"
		return
	case token.Offer != 0 && token.Offer != offerID:
		e.Reason = "wrong_offer"
		return
	}
	// A click counts only while its offer and publisher are active, and nothing changes
	// during a drill.
	if reason := unsupported(e.Request); reason != "" {
		e.Reason = reason
		return
	}
	offer := w.Offers[offerID]
	order := e.Get("order_id")
	if offer.Many && order == "" {
		e.Reason = "missing_order_id"
		return
	}
	key := "click " + e.TransactionID
	if offer.Many {
		key += " order " + order
	}
	w.price(e, token, key, offerID, publisherID)
}

func (w *World) judgeClickless(e *Expectation, token Token) {
	named, publisherID := number(e.Get("offer")), number(e.Get("publisher"))
	offerID := named
	if token.Offer != 0 {
		offerID = token.Offer
	}
	offer, publisher := w.Offers[offerID], w.Publishers[publisherID]
	switch {
	case offerID == 0:
		e.Reason = "missing_offer"
	case token.Offer != 0 && named != 0 && named != token.Offer:
		e.Reason = "wrong_offer"
	case offer == nil || offer.Account != token.Account:
		e.Reason = "unknown_offer"
	case publisher == nil || publisher.Account != token.Account:
		e.Reason = "unknown_publisher"
	case unsupported(e.Request) != "":
		e.Reason = unsupported(e.Request)
	case offer.Paused:
		e.Reason = "offer_paused"
	case publisher.Paused:
		e.Reason = "publisher_paused"
	default:
		w.price(e, token, clicklessKey(e, offerID, publisherID), offerID, publisherID)
	}
}
