package hit

import (
	"bytes"
	"strings"
)

// Qualifier is what a parameter says of its hit's conversion: which event it is, how
// it stands, or that it is taken back. The contract has no events and verdicts yet, so
// a qualifier is never used; but its value may forbid that the hit converts. The rules
// decide that, which is why a qualifier is never dropped, cut into another word, or
// hidden by a repeat.
type Qualifier uint8

// The qualifiers.
const (
	NoQualifier Qualifier = iota
	// EventQualifier names what happened: event, event_name, goal_id.
	EventQualifier
	// StatusQualifier names how the conversion stands: status, sale_status,
	// transaction_type.
	StatusQualifier
	// ReversalQualifier says, unless it is empty or a no, that the conversion is taken
	// back: refund, chargeback, third_party_rejected_reason.
	ReversalQualifier
	// ApprovalQualifier says, where it is a no, that the conversion does not stand:
	// approved, is_valid, success.
	ApprovalQualifier
)

// qualifiers are the names of the family, folded. They are what the networks and
// shop systems whose postbacks reach us use for an event, a status or a reversal.
// Names that mean something else as often (action, type, state, result, code)
// are none: a bystander never sinks a hit.
var qualifiers = map[string]Qualifier{
	"event": EventQualifier, "eventid": EventQualifier, "eventname": EventQualifier, "eventtype": EventQualifier, "eventcode": EventQualifier,
	"eventtoken": EventQualifier, "eventkey": EventQualifier, "eventaction": EventQualifier,
	"goal": EventQualifier, "goalid": EventQualifier, "goalname": EventQualifier, "goaltype": EventQualifier, "goalcode": EventQualifier,
	"conversiontype": EventQualifier, "leadtype": EventQualifier, "saletype": EventQualifier,

	"status": StatusQualifier, "statusid": StatusQualifier, "approvalstatus": StatusQualifier,
	"eventstatus": StatusQualifier, "goalstatus": StatusQualifier, "transactiontype": StatusQualifier, "txntype": StatusQualifier,
	"trxtype": StatusQualifier, "postbacktype": StatusQualifier,

	"refund": ReversalQualifier, "refunded": ReversalQualifier, "refundid": ReversalQualifier, "refundreason": ReversalQualifier,
	"refundamount": ReversalQualifier, "isrefund": ReversalQualifier, "isrefunded": ReversalQualifier,
	"chargeback": ReversalQualifier, "chargedback": ReversalQualifier, "chargebackid": ReversalQualifier, "chargebackreason": ReversalQualifier,
	"ischargeback": ReversalQualifier, "reversal": ReversalQualifier, "reversed": ReversalQualifier, "reversalid": ReversalQualifier,
	"reversalreason": ReversalQualifier, "isreversal": ReversalQualifier, "isreversed": ReversalQualifier,
	"cancelled": ReversalQualifier, "canceled": ReversalQualifier, "iscancelled": ReversalQualifier, "iscanceled": ReversalQualifier,
	"cancellation": ReversalQualifier, "cancelreason": ReversalQualifier, "cancellationreason": ReversalQualifier,
	"rejected": ReversalQualifier, "isrejected": ReversalQualifier, "rejectreason": ReversalQualifier, "rejectionreason": ReversalQualifier,
	"declined": ReversalQualifier, "isdeclined": ReversalQualifier, "declinereason": ReversalQualifier, "declinedreason": ReversalQualifier,
	"voided": ReversalQualifier, "isvoided": ReversalQualifier, "void": ReversalQualifier, "isvoid": ReversalQualifier,
	"reject": ReversalQualifier, "isreject": ReversalQualifier,

	"approved": ApprovalQualifier, "isapproved": ApprovalQualifier, "confirmed": ApprovalQualifier, "isconfirmed": ApprovalQualifier,
	"accepted": ApprovalQualifier, "isaccepted": ApprovalQualifier, "valid": ApprovalQualifier, "isvalid": ApprovalQualifier,
	"paid": ApprovalQualifier, "ispaid": ApprovalQualifier, "success": ApprovalQualifier, "issuccess": ApprovalQualifier,
	"successful": ApprovalQualifier, "issuccessful": ApprovalQualifier,
}

// qualifierNouns are the words for the conversion itself that may stand before a
// name of the family: order_status, conversion.event, data[refund].
var qualifierNouns = [...]string{"conversion", "transaction", "commission", "fulfillment", "fulfilment", "financial", "postback", "purchase", "payment",
	"payload", "action", "payout", "params", "order", "sale", "lead", "conv", "txn", "trx", "data"}

// rejectedReason ends the names of a family of its own, such as
// new_rejected_reason.
const rejectedReason = "rejectedreason"

// maxQualifierName bounds the folded names that are looked up: the longest of the
// family behind two nouns is shorter.
const maxQualifierName = 48

// QualifierOf says whether a parameter of that name belongs to the family. Names are
// compared by their letters and digits in lower case, so that eventName,
// Event-Name, event[name], event_name[] and &amp;event_name are one. It costs
// nothing for the parameters of the contract.
func QualifierOf(name string) Qualifier {
	if KnownParam(name) {
		return NoQualifier
	}
	var buffer [maxQualifierName]byte
	folded, whole := foldName(buffer[:0], name)
	if !whole {
		if endsInRejectedReason(name) {
			return ReversalQualifier
		}
		return NoQualifier
	}
	if bytes.HasSuffix(folded, []byte(rejectedReason)) {
		return ReversalQualifier
	}
	for {
		if qualifier := qualifiers[string(folded)]; qualifier != NoQualifier {
			return qualifier
		}
		rest := withoutNoun(folded)
		if len(rest) == len(folded) {
			return NoQualifier
		}
		folded = rest
	}
}

func withoutNoun(folded []byte) []byte {
	for _, noun := range qualifierNouns {
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

// The bounds of qualifiers, so that all those of one hit fit into its short form:
// how many there may be, and what the name and the value of one may take, encoded.
const (
	MaxQualifiers          = 12
	maxQualifierNameBytes  = 64
	maxQualifierValueBytes = 96
)

// canonicalQualifier stands for the name of a qualifier that cannot be kept as it is.
var canonicalQualifier = map[Qualifier]string{EventQualifier: "event", StatusQualifier: "status", ReversalQualifier: "rejected_reason", ApprovalQualifier: "approved"}

// qualifier is QualifierOf for a parameter of this hit. A tracking link has none: there
// the same names are labels.
func (h *Hit) qualifier(name string) Qualifier {
	if h.Kind == Click {
		return NoQualifier
	}
	return QualifierOf(name)
}

// qualifierName returns the name under which a qualifier is kept. A name of the family
// is no secret; one that only ends like one goes through clean.
func qualifierName(name string, qualifier Qualifier, clean func(string) string) string {
	if qualifiers[FoldQualifier(name)] == NoQualifier {
		name = clean(name)
	}
	if escapedBytes(name) > maxQualifierNameBytes || QualifierOf(name) != qualifier {
		return canonicalQualifier[qualifier]
	}
	return name
}

// JoinQualifiers returns the value of a qualifier that was sent twice: both, unless they
// are the same in any letter case, so that neither hides the other.
func JoinQualifiers(first, second string) string {
	if strings.EqualFold(first, second) {
		return first
	}
	return first + "," + second
}

// FoldQualifier returns the form in which the names of qualifiers are compared; empty for
// a name that is none.
func FoldQualifier(name string) string {
	if QualifierOf(name) == NoQualifier {
		return ""
	}
	folded, _ := foldName(make([]byte, 0, len(name)), name)
	return string(folded)
}
