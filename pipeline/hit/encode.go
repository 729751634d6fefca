package hit

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Encode returns the JSON form that travels and is stored: what encoding/json
// makes of a Hit, except that of its escapes only those that JSON asks for
// are written. It names the fields itself, because half of what encoding/json
// takes for a hit, which every request pays, goes into finding them.
func (h *Hit) Encode() ([]byte, error) {
	o := object{data: make([]byte, 0, h.encodedSize())}
	o.plain("id", h.ID.String())
	o.text("kind", string(h.Kind))
	if err := o.time("received_at", h.ReceivedAt); err != nil {
		return nil, fmt.Errorf("encode hit %s: %w", h.ID, err)
	}
	o.text("method", h.Method)
	o.text("host", h.Host)
	o.text("path", h.Path)
	o.texts("params", h.Params)
	if !h.TokenDigest.IsZero() {
		o.hex("token_digest", h.TokenDigest[:])
	}
	if h.TransactionID != (TransactionID{}) {
		o.plain("transaction_id", h.TransactionID.String())
	}
	o.number("account_id", h.AccountID)
	o.number("offer_id", h.OfferID)
	o.number("publisher_id", h.PublisherID)
	o.optional("destination", h.Destination)
	o.optional("client_ip", h.ClientIP)
	o.optional("user_agent", h.UserAgent)
	o.optional("referer", h.Referer)
	o.optional("refusal", string(h.Refusal))
	o.flag("token_leaked", h.TokenLeaked)
	o.list("notes", h.Notes)
	o.flag("surplus", h.Surplus)
	return append(o.data, '}'), nil
}

// encodedSize is about how long the JSON form is, so that it is rarely copied
// as it grows.
func (h *Hit) encodedSize() int {
	const names = 512 // and what is always of the same length
	size := names + len(h.Host) + len(h.Path) + len(h.Destination) + len(h.UserAgent) + len(h.Referer)
	for name, value := range h.Params {
		size += len(name) + len(value) + len(`"":"",`)
	}
	return size
}

// object is a JSON object under way, without its closing brace.
type object struct{ data []byte }

func (o *object) name(name string) {
	if len(o.data) == 0 {
		o.data = append(o.data, '{')
	} else {
		o.data = append(o.data, ',')
	}
	o.plainText(name)
	o.data = append(o.data, ':')
}

func (o *object) plainText(text string) {
	o.data = append(o.data, '"')
	o.data = append(o.data, text...)
	o.data = append(o.data, '"')
}

func (o *object) quoted(text string) {
	// The error says that something was not UTF-8, and was replaced: the doors
	// have done so before.
	o.data, _ = jsontext.AppendQuote(o.data, text)
}

// plain adds a text in which there is nothing to escape.
func (o *object) plain(name, text string) {
	o.name(name)
	o.plainText(text)
}

func (o *object) text(name, text string) {
	o.name(name)
	o.quoted(text)
}

// optional adds a text unless it is empty.
func (o *object) optional(name, text string) {
	if text != "" {
		o.text(name, text)
	}
}

// number adds a number unless it is 0.
func (o *object) number(name string, number int64) {
	if number != 0 {
		o.name(name)
		o.data = strconv.AppendInt(o.data, number, 10)
	}
}

// flag adds a flag where it is set.
func (o *object) flag(name string, set bool) {
	if set {
		o.name(name)
		o.data = append(o.data, "true"...)
	}
}

// list adds a list of texts unless it is empty.
func (o *object) list(name string, texts []string) {
	if len(texts) == 0 {
		return
	}
	o.name(name)
	separator := byte('[')
	for _, text := range texts {
		o.data = append(o.data, separator)
		o.quoted(text)
		separator = ','
	}
	o.data = append(o.data, ']')
}

func (o *object) hex(name string, bytes []byte) {
	o.name(name)
	o.data = append(o.data, '"')
	o.data = hex.AppendEncode(o.data, bytes)
	o.data = append(o.data, '"')
}

func (o *object) time(name string, at time.Time) (err error) {
	o.name(name)
	o.data = append(o.data, '"')
	if o.data, err = at.AppendText(o.data); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	o.data = append(o.data, '"')
	return nil
}

// texts adds an object of texts, in the order of their names, unless it is
// empty.
func (o *object) texts(name string, texts map[string]string) {
	if len(texts) == 0 {
		return
	}
	const usual = 16
	names := make([]string, 0, usual)
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	o.name(name)
	separator := byte('{')
	for _, name := range names {
		o.data = append(o.data, separator)
		o.quoted(name)
		o.data = append(o.data, ':')
		o.quoted(texts[name])
		separator = ','
	}
	o.data = append(o.data, '}')
}
