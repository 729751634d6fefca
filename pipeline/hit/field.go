package hit

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// field is one field of a Hit, with every choice that is made for it.
type field struct {
	// name is the field's name in JSON.
	name string
	// empty says whether an empty value is written in JSON.
	empty presence
	// value returns where a hit holds the value. Its type is the form in which the
	// value is encoded, decoded and checked for NULs.
	value form
	secrets
}

// presence says whether an empty value is written in JSON.
type presence bool

const (
	written presence = true
	omitted presence = false
)

// secrets says what keeps secrets out of a field: redaction, or where its value
// comes from.
type secrets struct {
	// limit bounds what is recorded of a foreign text, in bytes; 0 for any other
	// field.
	limit int
	// weight says when Fit cuts a foreign text.
	weight weight
	// reason says why the field is not redacted as a foreign text.
	reason string
}

// weight says when Fit cuts a foreign text of a hit that is too large. Among texts of
// one weight it cuts the later ones of the table first.
type weight int

const (
	// uncut is the weight of a text that Fit leaves as it is.
	uncut weight = iota + 1
	// aboveDetails is the weight of a text that is cut after the details are.
	aboveDetails
	// belowDetails is the weight of a text that is cut before the details are.
	belowDetails
)

// foreign is a text of the sender's, which is redacted and cut to limit bytes.
func foreign(limit int, weight weight) secrets { return secrets{limit: limit, weight: weight} }

// ours is a value in which the sender can put no secret, for the given reason.
func ours(reason string) secrets { return secrets{reason: reason} }

// fields is the table of a hit's fields, in the order of the struct and of its
// JSON form. It drives Encode, the fast path of Decode, the NUL check, the bounds
// of the encoded form, the redaction of foreign texts and what Fit cuts of them.
var fields = [...]field{
	{"id", written, identity(func(h *Hit) *uuid.UUID { return &h.ID }), ours("made at the door")},
	{"kind", written, text(func(h *Hit) *string { return (*string)(&h.Kind) }), ours("one of the constants")},
	{"received_at", written, instant(func(h *Hit) *time.Time { return &h.ReceivedAt }), ours("made at the door")},
	{"method", written, text(func(h *Hit) *string { return &h.Method }), foreign(MaxNameBytes, uncut)},
	{"host", written, text(func(h *Hit) *string { return &h.Host }), foreign(maxHostBytes, aboveDetails)},
	{"path", written, text(func(h *Hit) *string { return &h.Path }), foreign(maxRefererBytes, aboveDetails)},
	{"params", omitted, texts(func(h *Hit) *map[string]string { return &h.Params }), ours("Redactor.Hit takes each parameter by itself")},
	{"token_digest", omitted, hexadecimal(func(h *Hit) []byte { return h.TokenDigest[:] }), ours("a digest")},
	{"transaction_id", omitted, hexadecimal(func(h *Hit) []byte { return h.TransactionID[:] }), ours("its check digits verified")},
	{"account_id", omitted, number(func(h *Hit) *int64 { return &h.AccountID }), ours("a number")},
	{"offer_id", omitted, number(func(h *Hit) *int64 { return &h.OfferID }), ours("a number")},
	{"publisher_id", omitted, number(func(h *Hit) *int64 { return &h.PublisherID }), ours("a number")},
	{"destination", omitted, text(func(h *Hit) *string { return &h.Destination }), foreign(maxDestinationBytes, belowDetails)},
	{"client_ip", omitted, text(func(h *Hit) *string { return &h.ClientIP }), ours("a parsed address")},
	{"user_agent", omitted, text(func(h *Hit) *string { return &h.UserAgent }), foreign(maxUserAgentBytes, belowDetails)},
	{"referer", omitted, text(func(h *Hit) *string { return &h.Referer }), foreign(maxRefererBytes, belowDetails)},
	{"refusal", omitted, text(func(h *Hit) *string { return (*string)(&h.Refusal) }), ours("one of the constants")},
	{"token_leaked", omitted, flag(func(h *Hit) *bool { return &h.TokenLeaked }), ours("a flag")},
	{"notes", omitted, list(func(h *Hit) *[]string { return &h.Notes }), ours("words of ours")},
	{"surplus", omitted, flag(func(h *Hit) *bool { return &h.Surplus }), ours("a flag")},
	{"incarnation", omitted, number(func(h *Hit) *int64 { return &h.Incarnation }), ours("a number")},
	{"number", omitted, number(func(h *Hit) *int64 { return &h.Number }), ours("a number")},
	{"test_account", omitted, number(func(h *Hit) *int64 { return &h.TestAccount }), ours("a number")},
}

// The bounds of what is recorded of a request's own description, in bytes.
const (
	// MaxNameBytes bounds the name of a parameter as well.
	MaxNameBytes      = 128
	maxHostBytes      = 255
	maxUserAgentBytes = 1024
	maxRefererBytes   = 2048
	// maxDestinationBytes is four times what an offer's destination may have:
	// macros that are filled in make it longer.
	maxDestinationBytes = 16 << 10
)

// fieldKeys holds what stands before the value of each of fields in JSON. The first
// one opens the object.
var fieldKeys = func() (keys [len(fields)]string) {
	for i, field := range fields {
		keys[i] = `,"` + field.name + `":`
	}
	keys[0] = "{" + keys[0][1:]
	return keys
}()

// textuals holds the values of fields that hold texts.
var textuals = func() (textuals []textual) {
	for _, field := range fields {
		if value, ok := field.value.(textual); ok {
			textuals = append(textuals, value)
		}
	}
	return textuals
}()

// hasNUL reports whether a text of the hit holds a NUL.
func (h *Hit) hasNUL() bool {
	return slices.ContainsFunc(textuals, func(value textual) bool { return value.hasNUL(h) })
}

// textBytes returns the length of the hit's texts, with the marks that separate
// those of lists and parameters in JSON.
func (h *Hit) textBytes() int {
	size := 0
	for _, value := range textuals {
		size += value.textBytes(h)
	}
	return size
}

// foreignText is a field of the table that holds text of the sender's.
type foreignText struct {
	at     text
	limit  int
	weight weight
	// what names the text in notes.
	what string
}

// foreignTexts holds those of fields that hold text of the sender's.
var foreignTexts = func() (foreign []foreignText) {
	for _, field := range fields {
		if field.limit > 0 {
			foreign = append(foreign, foreignText{
				at: field.value.(text), limit: field.limit, weight: field.weight, what: strings.ReplaceAll(field.name, "_", " "),
			})
		}
	}
	return foreign
}()

// EachForeignText calls visit for each text of the hit, besides Params, that holds
// text of the sender's, with the bound of its record in bytes.
func (h *Hit) EachForeignText(visit func(text *string, limit int)) {
	for _, foreign := range foreignTexts {
		visit(foreign.at(h), foreign.limit)
	}
}
