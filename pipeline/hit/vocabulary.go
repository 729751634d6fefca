package hit

import (
	"cmp"
	"slices"
)

// The rule by which the names of parameters are read. It has three steps.
//
//  1. A name of the family consists of words for the conversion itself (order, sale,
//     data, object, is, new), of platforms' prefixes (af, adv, cnv, cb) and of a word
//     that says which event it is, how it stands, or that it is taken back or approved
//     (event, status, refund, approved), with a detail at most (id, name, code). So
//     status_code, data[conversion][state], afstatus, isFraud and chargebacks are of
//     the family, with or without marks between the words. So is a nested name whose
//     last segment alone takes something back, such as any.thing.refunded and
//     x[is_fraud], but not behind a label (step 3), and not by a word for what is not
//     decided, as in points.pending. Any value of the family that is not plainly
//     consent refuses the conversion: see attribution.Consent.
//  2. A name that consists of such words but is none of the family means something
//     else as often: state, type, action, reason, order_state, event_value, message. It
//     refuses the conversion where its value says that it does not stand: Denies, with
//     the words for what is not decided yet, such as pending. Under type, topic, action
//     and their like, one refusing part of a dotted value is enough, whatever the others
//     are: payment_intent.payment_failed.
//  3. Any other name (items.status, customer_status, x), and name alone, refuses the
//     conversion where its whole value is a refusal, such as refunded or
//     order_cancelled; unless it is a label, which is named for what a visitor clicked,
//     bought or chose: utm_campaign, product, coupon, cookies, s1. The parameters of the
//     contract are never read so, but for a negative revenue or payout.
//
// So a word that nobody understands holds the money in step 1, where the sender
// speaks of the conversion, and nowhere else, because a good sale with an ordinary
// parameter must convert: event_time, refund_policy, http_status, state=CA.

// role is what a word does in a name; a name has a set of them.
type role uint32

// The roles.
const (
	roleAbout       role = 1 << iota // is about the conversion, and says nothing of it
	roleConversion                   // conversion_type is an event, conversion_state a status
	roleTransaction                  // transaction_type and transaction_state are statuses
	roleSale                         // sale_type is an event, sale_state a region as often
	roleSettlement                   // payment_state is a status, payment_type is none
	roleDeed                         // action: a settlement, and a detail of an event
	roleThing                        // what else is sold: never of the family
	roleMood                         // is, new
	roleTopic                        // topic, alert: an event's name as often as something else
	roleEvent
	roleStatus
	roleReversal
	roleDoubt // a reversal that is ordinary of other things: pending
	roleApproval
	roleWeak    // a reversal behind is or before reason: is_return, but not return
	roleState   // a status behind some nouns
	roleKind    // type
	roleDetail  // of an event or a status
	roleText    // of a status, too
	roleStamp   // of a reversal: when, by whom, how much, why
	roleDate    // a stamp of a reversal, but not of a weak one: return_date
	roleSubject // of none of the family
	roleMoney   // an amount, beside another role
)

// The roles that may stand beside each head in a name of the family.
const (
	nouns           = roleAbout | roleConversion | roleTransaction | roleSale | roleSettlement | roleDeed | roleMood
	besideEvents    = nouns | roleEvent | roleKind | roleDetail
	besideStatuses  = nouns | roleEvent | roleStatus | roleApproval | roleState | roleKind | roleDetail | roleText
	besideReversals = nouns | roleThing | roleEvent | roleStatus | roleReversal | roleDoubt | roleApproval | roleWeak | roleState | roleKind | roleDetail | roleText | roleStamp | roleDate
	besideApprovals = nouns | roleEvent | roleStatus | roleApproval
)

// vocabulary holds the words by their role.
var vocabulary = map[role][]string{
	roleAbout: {"order", "orders", "purchase", "data", "payload", "params", "body", "attributes", "properties", "details", "object", "resource",
		"webhook", "notification", "af", "adv", "cnv", "cb", "mc"},
	roleConversion:             {"conversion", "conversions", "conv"},
	roleTransaction:            {"transaction", "transactions", "txn", "trx", "postback"},
	roleSale:                   {"sales", "lead", "leads"},
	roleSale | roleMoney:       {"sale"},
	roleSettlement:             {"payment", "payments", "financial"},
	roleDeed:                   {"action", "actions"},
	roleSettlement | roleMoney: {"commission", "payout"},
	roleThing: {"booking", "reservation", "deal", "application", "invoice", "deposit", "contract", "loan", "charge", "checkout", "cart", "basket",
		"usd", "eur", "gbp", "cents", "net", "grand"},
	roleMood:   {"is", "was", "has", "new", "current", "final"},
	roleTopic:  {"topic", "alert", "kind", "operation", "op", "command", "cmd", "remark"},
	roleEvent:  {"event", "events", "goal", "goals", "activitykind"},
	roleStatus: {"status", "statuses"},
	roleReversal: {"refund", "refunds", "refunded", "chargeback", "chargebacks", "chargedback", "reversal", "reversals", "reversed", "clawback",
		"cancelled", "canceled", "cancellation", "cancellations", "cancelation", "rejected", "rejection", "rejections", "reject", "declined",
		"void", "voided", "disputed", "dispute", "disputes", "fraud", "fraudulent", "returned", "revoked", "refused", "invalidated", "unapproved",
		"disapproved", "blacklisted", "refundlineitems"},
	roleReversal | roleDoubt: {"cancel", "decline", "denied", "invalid", "unpaid", "failed", "pending", "onhold", "blocked"},
	roleApproval:             {"approved", "approval", "confirmed", "accepted", "valid", "paid", "success", "successful", "result", "decision", "verdict", "outcome"},
	roleWeak:                 {"return", "returns", "bot", "spam", "duplicate"},
	roleState:                {"state"},
	roleKind:                 {"type"},
	roleDetail:               {"id", "name", "code", "token", "key"},
	roleText:                 {"text", "label", "title", "slug"},
	roleText | roleMoney:     {"value"},
	roleStamp:                {"reason", "reasons", "at", "on", "by", "count", "quantity", "qty", "flag"},
	roleDate:                 {"date"},
	roleStamp | roleMoney:    {"amount", "amounts", "amt", "total", "totals"},
	roleThing | roleMoney:    {"price", "sum", "revenue", "subtotal", "gross", "cost"},
	roleSubject:              {"message", "msg", "comment", "note", "info", "description", "mode", "response", "answer", "time"},
}

type vocabularyWord struct {
	text string
	role role
}

// byLetter holds the words of the vocabulary by their first letter.
var byLetter = func() (words ['z' - 'a' + 1][]vocabularyWord) {
	for role, texts := range vocabulary {
		for _, text := range texts {
			words[text[0]-'a'] = append(words[text[0]-'a'], vocabularyWord{text, role})
		}
	}
	for _, same := range words {
		slices.SortFunc(same, func(a, b vocabularyWord) int { return cmp.Or(len(b.text)-len(a.text), cmp.Compare(a.text, b.text)) })
	}
	return words
}()

// nameRead is a name that consists of words of the vocabulary.
type nameRead struct {
	roles role
	// head is the role of the last word that may make a name one of the family, and
	// behind holds the roles of the words behind it.
	head, behind role
}

const heads = roleEvent | roleStatus | roleApproval | roleState

// readWords reads a folded name as words, and reports false where a part of it is no
// word of the vocabulary. A name of no words is none.
func readWords(folded []byte) (read nameRead, ok bool) {
	if len(folded) == 0 || !read.read(folded) {
		return nameRead{}, false
	}
	return read, true
}

// read takes in the words of a rest, the last one first. It tries each word that the
// rest begins with: "events" may be followed by "ale", and "event" by "sale".
func (n *nameRead) read(rest []byte) bool {
	if len(rest) == 0 {
		return true
	}
	if rest[0] < 'a' || rest[0] > 'z' {
		return false
	}
	for _, word := range byLetter[rest[0]-'a'] {
		if len(word.text) <= len(rest) && string(rest[:len(word.text)]) == word.text && n.read(rest[len(word.text):]) {
			if n.head == 0 {
				n.head, n.behind = word.role&heads, n.roles
			}
			n.roles |= word.role
			return true
		}
	}
	return false
}

// qualifier returns what a name of the vocabulary says: step 1 of the rule.
func (n nameRead) qualifier() QualifierKind {
	has := func(roles role) bool { return n.roles&roles != 0 }
	of := func(beside, behind role) bool {
		return n.roles&^(beside|roleMoney) == 0 && n.behind&^(behind|roleMoney) == 0
	}
	const anywhere = besideReversals
	switch {
	case has(roleReversal), has(roleWeak) && has(roleMood|roleStamp):
		if of(besideReversals, anywhere) {
			return ReversalQualifier
		}
	case n.head == roleStatus, n.head == roleState && has(roleConversion|roleTransaction|roleSettlement|roleDeed|roleEvent):
		if of(besideStatuses, roleKind|roleDetail|roleText) {
			return StatusQualifier
		}
	case n.head == roleApproval:
		if of(besideApprovals, 0) {
			return ApprovalQualifier
		}
	case n.head == roleEvent:
		if of(besideEvents, roleKind|roleDetail|roleDeed) {
			return EventQualifier
		}
	case n.head == 0 && has(roleKind) && has(roleConversion|roleSale):
		if of(nouns|roleKind, anywhere) {
			return EventQualifier
		}
	case n.head == 0 && has(roleKind) && has(roleTransaction):
		if of(nouns|roleKind, anywhere) {
			return StatusQualifier
		}
	}
	return NoQualifier
}

// isMadeOfWords reports whether a name consists of words of the vocabulary.
func isMadeOfWords(name string) bool {
	_, ok := readName(name)
	return ok
}

func readName(name string) (read nameRead, ok bool) {
	var buffer [maxQualifierName]byte
	folded, whole := foldName(buffer[:0], name)
	if !whole {
		return nameRead{}, false
	}
	return readWords(folded)
}
