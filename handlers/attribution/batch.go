package attribution

import (
	"errors"

	"integr8/pipeline/token"
)

// kind is a kind of object in a snapshot.
type kind int

const (
	offers kind = iota
	publishers
	tokens
	domains
	kinds
)

// Batch is reference data in the form in which a Snapshot holds it: objects to add to a
// snapshot, or to keep in a file. The zero Batch is empty.
type Batch struct {
	entries  [kinds][]byte
	key, row []byte // memory of the last entry
}

// AddOffer adds an offer, except its KnownUntil.
func (b *Batch) AddOffer(o *Offer) {
	b.key, b.row = appendID(b.key[:0], o.ID), appendOffer(b.row[:0], o)
	b.add(offers)
}

// AddPublisher adds a publisher.
func (b *Batch) AddPublisher(p *Publisher) {
	b.key, b.row = appendPartyKey(b.key[:0], p.AccountID, p.ID), appendPublisher(b.row[:0], p)
	b.add(publishers)
}

// AddToken adds a token with its digest, and whether it was imported.
func (b *Batch) AddToken(digest token.Digest, t *Token, imported bool) {
	b.key, b.row = append(b.key[:0], digest[:]...), appendToken(b.row[:0], t, imported)
	b.add(tokens)
}

// AddDomain adds a domain. Its host before counts no more.
func (b *Batch) AddDomain(d *Domain) {
	b.key, b.row = appendID(b.key[:0], d.ID), appendText(appendID(b.row[:0], d.AccountID), d.Host)
	b.add(domains)
}

func (b *Batch) add(k kind) { b.entries[k] = appendEntry(b.entries[k], b.key, b.row) }

func (b *Batch) clear() {
	for k := range b.entries {
		b.entries[k] = b.entries[k][:0]
	}
}

// IsEmpty reports whether nothing was added.
func (b *Batch) IsEmpty() bool { return b.bytes() == 0 }

func (b *Batch) bytes() (n int) {
	for _, entries := range b.entries {
		n += len(entries)
	}
	return n
}

// AppendBinary implements encoding.BinaryAppender. Its error is nil.
func (b *Batch) AppendBinary(to []byte) ([]byte, error) {
	for _, entries := range b.entries {
		to = appendText(to, entries)
	}
	return to, nil
}

var errBatch = errors.New("this is no reference data")

// ParseBatch reads what AppendBinary wrote. The bytes may be foreign. The Batch refers to
// them.
func ParseBatch(data []byte) (*Batch, error) {
	in := unpacker{rest: string(data)}
	b := new(Batch)
	for k := range kinds {
		entries := in.text()
		end := len(data) - len(in.rest)
		for rest := entries; rest != ""; {
			one, behind, ok := cutEntry(rest)
			if !ok || !k.valid(one) {
				return nil, errBatch
			}
			rest = behind
		}
		b.entries[k] = data[end-len(entries) : end : end]
	}
	if in.bad || in.rest != "" {
		return nil, errBatch
	}
	return b, nil
}
