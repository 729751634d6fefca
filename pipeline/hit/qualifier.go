package hit

import (
	"bytes"
	"strings"

	"integr8/pipeline/ascii"
)

// QualifierKind is what a parameter says of its hit's conversion: which event it is, how
// it stands, or that it is taken back. The contract has no events and verdicts yet, so
// a qualifier is never used; but its value may forbid that the hit converts. The rules
// decide that, which is why a qualifier is never dropped, cut into another word, or
// hidden by a repeat.
type QualifierKind uint8

// The qualifiers.
const (
	NoQualifier QualifierKind = iota
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
	// DenialQualifier is any other parameter whose value plainly denies the conversion,
	// such as type=charge.refunded or amount=-5: see Denies.
	DenialQualifier
)

// rejectedReason ends the names of a family of its own, such as
// third_party_rejected_reason.
const rejectedReason = "rejectedreason"

// maxQualifierName bounds the folded names that are read as words: the longest of the
// family behind six nouns is shorter.
const maxQualifierName = 96

// QualifierOf says whether a parameter of that name belongs to the family, whatever
// its value is: see the rule in vocabulary.go. Names are compared by their letters and
// digits in lower case, so that eventName, Event-Name, event[name], event_name[] and
// &amp;event_name are one. It costs nothing for the parameters of the contract.
func QualifierOf(name string) QualifierKind {
	if KnownParam(name) {
		return NoQualifier
	}
	var buffer [maxQualifierName]byte
	folded, whole := foldName(buffer[:0], name)
	switch {
	case !whole && endsInRejectedReason(name), bytes.HasSuffix(folded, []byte(rejectedReason)):
		return ReversalQualifier
	case whole:
		if read, ok := readWords(folded); ok && read.qualifier() != NoQualifier {
			return read.qualifier()
		}
	}
	if endsInReversal(name) {
		return ReversalQualifier
	}
	return NoQualifier
}

// endsInReversal reports whether a name is nested, behind something that is no label,
// and its last segment alone is a reversal.
func endsInReversal(name string) bool {
	outer, last := cutLastSegment(name)
	if outer == "" {
		return false
	}
	read, ok := readName(last)
	return ok && read.qualifier() == ReversalQualifier && (read.roles&roleDoubt == 0 || read.roles&roleMood != 0) && !isLabelName(outer)
}

// cutLastSegment cuts a nested name before its last segment: a.b, a[b], and a[b][0].
// The outer part of any other name is empty.
func cutLastSegment(name string) (outer, last string) {
	for {
		open := strings.LastIndexByte(name, '[')
		if open < 0 || name[len(name)-1] != ']' || !ascii.IsDigits(name[open+1:len(name)-1]) && open+2 < len(name) {
			break
		}
		name = name[:open]
	}
	at := strings.LastIndexAny(name, ".[")
	if at < 0 {
		return "", name
	}
	return name[:at], name[at+1:]
}

// QualifierIn is QualifierOf for a parameter with that value. A parameter outside the
// family is a DenialQualifier where its value plainly denies the conversion.
func QualifierIn(name, value string) QualifierKind {
	if kind := QualifierOf(name); kind != NoQualifier {
		return kind
	}
	if Denies(name, value) {
		return DenialQualifier
	}
	return NoQualifier
}

// maxIndexBytes bounds the index of a list in its brackets: [123]. Without a bound a name
// of 64 KiB of opening brackets took 0.2 s.
const maxIndexBytes = 12

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
			if end := strings.IndexByte(name[i:min(len(name), i+maxIndexBytes)], ']'); end > 1 && ascii.IsDigits(name[i+1:i+end]) {
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

// MaxDenials bounds how many of a hit's parameters are kept as a DenialQualifier under
// their own names. The denials of all others are kept under the canonical name.
const MaxDenials = 4

// canonicalQualifier stands for the name of a qualifier that cannot be kept as it is. Each
// text that denies under any name does so under that of a DenialQualifier: it consists of
// words of the vocabulary, one of them for amounts and one for events.
var canonicalQualifier = map[QualifierKind]string{EventQualifier: "event", StatusQualifier: "status", ReversalQualifier: "rejected_reason",
	ApprovalQualifier: "approved", DenialQualifier: "remark_type_value"}

// Canonical returns the name that stands for any name with this qualifier.
func (q QualifierKind) Canonical() string { return canonicalQualifier[q] }

// Qualifier is QualifierIn for a parameter of this hit that is not of the contract. A
// tracking link has none: there the same names are labels.
func (h *Hit) Qualifier(name string) QualifierKind {
	if h.Kind == Click || KnownParam(name) {
		return NoQualifier
	}
	return QualifierIn(name, h.Params[name])
}

// KeptName returns the name under which a parameter with this qualifier is kept:
// valid UTF-8 without NUL. A name made of words of the family is no secret; any other
// goes through clean, which takes secrets out of it.
func (q QualifierKind) KeptName(name string, clean func(string) string) string {
	sent := readingOf(name)
	if !isMadeOfWords(name) {
		name = clean(name)
	}
	name = Clean(name)
	kind := QualifierOf(name)
	if q == DenialQualifier && kind == NoQualifier && !KnownParam(name) && readingOf(name) >= sent {
		kind = q
	}
	if escapedBytes(name) > maxQualifierNameBytes || kind != q {
		return canonicalQualifier[q]
	}
	return name
}

// IsOurName reports whether a parameter's name may be told to anybody: it is one of
// the contract, or a word of the family without any mark.
func IsOurName(name string) bool {
	return KnownParam(name) || ascii.IsWord(name) && QualifierOf(name) != NoQualifier && isMadeOfWords(name)
}

// JoinQualifiers returns the value of a qualifier that was sent twice: both, unless they
// are the same in any letter case, so that neither hides the other.
func JoinQualifiers(first, second string) string {
	if strings.EqualFold(first, second) {
		return first
	}
	return first + "," + second
}

// JoinKeptQualifiers returns the value of two parameters that are kept under one name, of
// which one at least is a qualifier. The result is bounded as every value of a qualifier
// is. Where both do not fit it is FurtherDenials, which holds the hit.
func JoinKeptQualifiers(first, second string) string {
	if strings.EqualFold(first, second) {
		return first
	}
	if both := first + ", " + second; escapedBytes(both) <= maxQualifierValueBytes {
		return both
	}
	return FurtherDenials
}

// FoldQualifier returns the form in which the names of qualifiers are compared. It is
// empty for a name that no qualifier has: a label, or a parameter of the contract other
// than an amount.
func FoldQualifier(name string) string {
	if KnownParam(name) && !isOwnAmount(name) || QualifierOf(name) == NoQualifier && readingOf(name) == unread {
		return ""
	}
	folded, _ := foldName(make([]byte, 0, len(name)), name)
	if len(folded) == 0 {
		return strings.ToLower(name) // of no ASCII letters
	}
	return string(folded)
}
