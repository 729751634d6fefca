package hit

import (
	"bytes"
	"strings"
)

// Claim says what kind of statement about its conversion a parameter makes. The
// contract has no events and verdicts yet, so a claim is never used; but what it
// says may forbid that the hit converts. The rules decide that, which is why a
// claim is never dropped, cut into another word, or hidden by a repeat.
type Claim uint8

// The claims.
const (
	NoClaim Claim = iota
	// EventClaim names what happened: event, event_name, goal_id.
	EventClaim
	// StatusClaim names how the conversion stands: status, sale_status,
	// transaction_type.
	StatusClaim
	// ReversalClaim says, unless it is empty or a no, that the conversion is taken
	// back: refund, chargeback, third_party_rejected_reason.
	ReversalClaim
)

// claims are the names of the family, folded. They are what the networks and
// shop systems whose postbacks reach us use for an event, a status or a reversal.
// Names that mean something else as often (action, type, state, result, code)
// are none: a bystander never sinks a hit.
var claims = map[string]Claim{
	"event": EventClaim, "eventid": EventClaim, "eventname": EventClaim, "eventtype": EventClaim, "eventcode": EventClaim,
	"eventtoken": EventClaim, "eventkey": EventClaim, "eventaction": EventClaim,
	"goal": EventClaim, "goalid": EventClaim, "goalname": EventClaim, "goaltype": EventClaim, "goalcode": EventClaim,
	"conversiontype": EventClaim, "leadtype": EventClaim, "saletype": EventClaim,

	"status": StatusClaim, "statusid": StatusClaim, "approvalstatus": StatusClaim,
	"eventstatus": StatusClaim, "goalstatus": StatusClaim, "transactiontype": StatusClaim,

	"refund": ReversalClaim, "refunded": ReversalClaim, "refundid": ReversalClaim, "refundreason": ReversalClaim,
	"refundamount": ReversalClaim, "isrefund": ReversalClaim, "isrefunded": ReversalClaim,
	"chargeback": ReversalClaim, "chargedback": ReversalClaim, "chargebackid": ReversalClaim, "chargebackreason": ReversalClaim,
	"ischargeback": ReversalClaim, "reversal": ReversalClaim, "reversed": ReversalClaim, "reversalid": ReversalClaim,
	"reversalreason": ReversalClaim, "isreversal": ReversalClaim, "isreversed": ReversalClaim,
	"cancelled": ReversalClaim, "canceled": ReversalClaim, "iscancelled": ReversalClaim, "iscanceled": ReversalClaim,
	"cancellation": ReversalClaim, "cancelreason": ReversalClaim, "cancellationreason": ReversalClaim,
	"rejected": ReversalClaim, "isrejected": ReversalClaim, "rejectreason": ReversalClaim, "rejectionreason": ReversalClaim,
	"declined": ReversalClaim, "isdeclined": ReversalClaim, "declinereason": ReversalClaim, "declinedreason": ReversalClaim,
	"voided": ReversalClaim, "isvoided": ReversalClaim,
}

// claimNouns are the words for the conversion itself that may stand before a
// name of the family: order_status, conversion.event, data[refund].
var claimNouns = [...]string{"conversion", "transaction", "postback", "purchase", "payment", "payload", "params", "order", "sale", "lead", "txn", "data"}

// rejectedReason ends the names of a family of its own, such as
// new_rejected_reason.
const rejectedReason = "rejectedreason"

// maxClaimName bounds the folded names that are looked up: the longest of the
// family behind two nouns is shorter.
const maxClaimName = 48

// ClaimOf says whether a parameter of that name belongs to the family. Names are
// compared by their letters and digits in lower case, so that eventName,
// Event-Name, event[name], event_name[] and &amp;event_name are one. It costs
// nothing for the parameters of the contract.
func ClaimOf(name string) Claim {
	if KnownParam(name) {
		return NoClaim
	}
	var buffer [maxClaimName]byte
	folded, whole := foldName(buffer[:0], name)
	if !whole {
		if endsInRejectedReason(name) {
			return ReversalClaim
		}
		return NoClaim
	}
	if bytes.HasSuffix(folded, []byte(rejectedReason)) {
		return ReversalClaim
	}
	for {
		if claim := claims[string(folded)]; claim != NoClaim {
			return claim
		}
		rest := withoutNoun(folded)
		if len(rest) == len(folded) {
			return NoClaim
		}
		folded = rest
	}
}

func withoutNoun(folded []byte) []byte {
	for _, noun := range claimNouns {
		if bytes.HasPrefix(folded, []byte(noun)) {
			return folded[len(noun):]
		}
	}
	return folded
}

// foldName appends the letters and digits of a name in lower case, without a
// leading amp; that a link kept from HTML and without the numbers of a list. It
// reports false when they do not fit.
func foldName(folded []byte, name string) ([]byte, bool) {
	for {
		rest, escaped := strings.CutPrefix(name, "amp;")
		if name = rest; !escaped {
			break
		}
	}
	for i := 0; i < len(name); i++ {
		letter := name[i]
		switch {
		case letter == '[':
			if end := strings.IndexByte(name[i:], ']'); end > 1 && isDigits(name[i+1:i+end]) {
				i += end
			}
			continue
		case 'A' <= letter && letter <= 'Z':
			letter += 'a' - 'A'
		case 'a' <= letter && letter <= 'z', '0' <= letter && letter <= '9':
		default:
			continue
		}
		if len(folded) == cap(folded) {
			return folded, false
		}
		folded = append(folded, letter)
	}
	return folded, true
}

// endsInRejectedReason is for names that are too long to be folded whole.
func endsInRejectedReason(name string) bool {
	want := len(rejectedReason)
	for i := len(name) - 1; i >= 0 && want > 0; i-- {
		letter := name[i] | 0x20
		if letter < 'a' || letter > 'z' {
			continue
		}
		if want--; letter != rejectedReason[want] {
			return false
		}
	}
	return want == 0
}

// The bounds of claims, so that all that one hit makes fit into its short form:
// how many there may be, and what the name and the value of one may take, encoded.
const (
	MaxClaims          = 12
	maxClaimNameBytes  = 64
	maxClaimValueBytes = 96
)

// canonicalClaim stands for the name of a claim that cannot be kept as it is.
var canonicalClaim = map[Claim]string{EventClaim: "event", StatusClaim: "status", ReversalClaim: "rejected_reason"}

// claim is ClaimOf for a parameter of this hit. A tracking link makes no claims:
// there the same names are labels.
func (h *Hit) claim(name string) Claim {
	if h.Kind == Click {
		return NoClaim
	}
	return ClaimOf(name)
}

// claimName returns the name under which a claim is kept. A name of the family
// is no secret; one that only ends like one goes through clean.
func claimName(name string, claim Claim, clean func(string) string) string {
	if claims[FoldClaim(name)] == NoClaim {
		name = clean(name)
	}
	if escapedBytes(name) > maxClaimNameBytes || ClaimOf(name) != claim {
		return canonicalClaim[claim]
	}
	return name
}

// JoinClaims returns the value of a claim that was sent twice: both, unless they
// are the same, so that neither hides the other.
func JoinClaims(first, second string) string {
	if first == second {
		return first
	}
	return first + "," + second
}

// FoldClaim returns the form in which the names of claims are compared; empty for
// a name that is none.
func FoldClaim(name string) string {
	if ClaimOf(name) == NoClaim {
		return ""
	}
	folded, _ := foldName(make([]byte, 0, len(name)), name)
	return string(folded)
}
