package hit

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// decodePlain reads the very form that Encode writes of a hit in which there
// is nothing to escape, as nearly all are, at a quarter of the cost of package
// json: each field where Encode puts it, and every text a part of the one that
// is given. Whatever is otherwise, valid or not, it answers false, and package
// json has the word.
func decodePlain(data []byte) (*Hit, bool) {
	if !isPlain(data) {
		return nil, false
	}
	h := new(Hit)
	r := plainObject{rest: string(data)}
	r.must(`{"id":"`)
	r.parse(&h.ID)
	r.must(`,"kind":"`)
	h.Kind = Kind(r.text())
	r.must(`,"received_at":"`)
	r.time(&h.ReceivedAt)
	r.must(`,"method":"`)
	h.Method = r.text()
	r.must(`,"host":"`)
	h.Host = r.text()
	r.must(`,"path":"`)
	h.Path = r.text()
	if r.has(`,"params":{"`) {
		h.Params = r.texts()
	}
	if r.has(`,"token_digest":"`) {
		r.parse(&h.TokenDigest)
	}
	if r.has(`,"transaction_id":"`) {
		r.parse(&h.TransactionID)
	}
	r.optionalNumber(`,"account_id":`, &h.AccountID)
	r.optionalNumber(`,"offer_id":`, &h.OfferID)
	r.optionalNumber(`,"publisher_id":`, &h.PublisherID)
	r.optionalText(`,"destination":"`, &h.Destination)
	r.optionalText(`,"client_ip":"`, &h.ClientIP)
	r.optionalText(`,"user_agent":"`, &h.UserAgent)
	r.optionalText(`,"referer":"`, &h.Referer)
	if r.has(`,"refusal":"`) {
		h.Refusal = Refusal(r.text())
	}
	h.TokenLeaked = r.has(`,"token_leaked":true`)
	if r.has(`,"notes":["`) {
		h.Notes = r.list()
	}
	h.Surplus = r.has(`,"surplus":true`)
	r.must(`}`)
	return h, !r.failed && r.rest == ""
}

// isPlain reports whether there are only characters that stand for themselves
// in a JSON text: ASCII, neither control characters nor a backslash.
func isPlain(data []byte) bool {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	for ; len(data) >= 8; data = data[8:] {
		word := binary.LittleEndian.Uint64(data)
		control := word - ones*0x20 // borrows where a byte is below 0x20
		other := word ^ ones*'\\'   // 0 where a byte is a backslash
		if (word|control|(other-ones))&highs != 0 {
			return isPlainBytewise(data)
		}
	}
	return isPlainBytewise(data)
}

func isPlainBytewise(data []byte) bool {
	for _, letter := range data {
		if letter < 0x20 || letter >= 0x80 || letter == '\\' {
			return false
		}
	}
	return true
}

// plainObject is what is left to read of an object of plain texts. After the
// first thing that is not as expected it has failed, and what it answers means
// nothing.
type plainObject struct {
	rest   string
	failed bool
}

// has passes over the words if they come next.
func (r *plainObject) has(words string) bool {
	rest, found := strings.CutPrefix(r.rest, words)
	r.rest = rest
	return found
}

func (r *plainObject) must(words string) {
	if !r.has(words) {
		r.failed = true
	}
}

// text reads up to a closing quote.
func (r *plainObject) text() string {
	text, rest, closed := strings.Cut(r.rest, `"`)
	r.rest = rest
	r.failed = r.failed || !closed
	return text
}

func (r *plainObject) optionalText(name string, into *string) {
	if r.has(name) {
		*into = r.text()
	}
}

func (r *plainObject) parse(into interface{ UnmarshalText([]byte) error }) {
	if err := into.UnmarshalText([]byte(r.text())); err != nil {
		r.failed = true // package json says what is wrong
	}
}

// time reads a time. Package time by itself takes some more than the form that
// is meant, which package json does not.
func (r *plainObject) time(into *time.Time) {
	const form, zone = "2006-01-02T15:04:05", "Z"
	text := r.text()
	if len(text) < len(form+zone) || text[13] != ':' || text[16] != ':' || text[len(form)] != '.' && text[len(form):] != zone {
		r.failed = true
		return
	}
	if err := into.UnmarshalText([]byte(text)); err != nil {
		r.failed = true
	}
}

// optionalNumber reads a number above 0, as only they are written.
func (r *plainObject) optionalNumber(name string, into *int64) {
	if !r.has(name) {
		return
	}
	end := 0
	for end < len(r.rest) && '0' <= r.rest[end] && r.rest[end] <= '9' {
		end++
	}
	number, err := strconv.ParseInt(r.rest[:end], 10, 64)
	if err != nil || r.rest[0] == '0' {
		r.failed = true
		return
	}
	*into, r.rest = number, r.rest[end:]
}

// list reads a list of texts after its first quote.
func (r *plainObject) list() []string {
	var texts []string
	for !r.failed {
		texts = append(texts, r.text())
		if r.has(`]`) {
			break
		}
		r.must(`,"`)
	}
	return texts
}

// texts reads an object of texts after its first quote. That each name comes
// after the one before means that none comes twice.
func (r *plainObject) texts() map[string]string {
	const usual = 8
	texts := make(map[string]string, usual)
	for last := ""; !r.failed; {
		name := r.text()
		r.must(`:"`)
		if len(texts) > 0 && name <= last {
			r.failed = true
		}
		texts[name] = r.text()
		if r.has(`}`) {
			break
		}
		r.must(`,"`)
		last = name
	}
	return texts
}
