package attribution

import (
	"encoding/binary"
	"iter"
	"slices"
	"time"

	"integr8/pipeline/token"
)

// Snapshot is all reference data that the rules need, as it stood at one moment. It is
// never changed, so its methods may be called from many goroutines at once; the zero value
// is empty. With returns a changed one, which shares what did not change. Its objects are
// packed: a look-up unpacks one, and their texts are parts of the snapshot's memory.
type Snapshot struct {
	Moment
	tables   [kinds]table
	hosts    table // accounts by the hosts of domains
	imported int   // how many tokens were imported
}

// Moment is the part of a Snapshot that each load replaces.
type Moment struct {
	// LoadedAt is the moment of the snapshot, by the database's clock.
	LoadedAt time.Time `json:"loaded_at"`
	// IdentityKnownUntil is the KnownUntil of all offers.
	IdentityKnownUntil time.Time `json:"identity_known_until"`
	// Secrets are the service secrets that processes have, the newest signer
	// first.
	Secrets []token.KnownSecret `json:"secrets"`
	// DroppedClickDays are the days of clicks that retention has dropped, in days
	// since 1970, ascending.
	DroppedClickDays []int64 `json:"dropped_click_days"`
}

// Sizes are the numbers of a snapshot's objects.
type Sizes struct {
	Offers     int `json:"offers"`
	Publishers int `json:"publishers"`
	Tokens     int `json:"tokens"`
	Domains    int `json:"domains"`
}

// ClickDropped reports whether the day of a click has been dropped. Then it is no
// longer known whether there was such a click.
func (m *Moment) ClickDropped(id token.TransactionID) bool {
	_, dropped := slices.BinarySearch(m.DroppedClickDays, id.Time().UnixMilli()/(24*time.Hour).Milliseconds())
	return dropped
}

// Token finds a token by its digest, also an expired one.
func (s *Snapshot) Token(digest token.Digest) (Token, bool) {
	value, ok := s.tables[tokens].get(digest[:])
	if !ok {
		return Token{}, false
	}
	in := unpacker{rest: value}
	return in.token(), true
}

// OnlyGenerated reports that no token was imported. Every token then has the form of a
// generated one, and a text of another form need not be looked up by its digest.
func (s *Snapshot) OnlyGenerated() bool { return !s.LoadedAt.IsZero() && s.imported == 0 }

// Offer finds an offer by its id, which is unique over all accounts.
func (s *Snapshot) Offer(id int64) (Offer, bool) {
	var key [binary.MaxVarintLen64]byte
	value, ok := s.tables[offers].get(appendID(key[:0], id))
	if !ok {
		return Offer{}, false
	}
	in := unpacker{rest: value}
	offer := in.offer(id)
	offer.KnownUntil = s.IdentityKnownUntil
	return offer, true
}

// Publisher finds a publisher of the account.
func (s *Snapshot) Publisher(account, id int64) (Publisher, bool) {
	var key [2 * binary.MaxVarintLen64]byte
	value, ok := s.tables[publishers].get(appendPartyKey(key[:0], account, id))
	if !ok {
		return Publisher{}, false
	}
	in := unpacker{rest: value}
	return in.publisher(account, id), true
}

// Domain returns the account that a tracking domain belongs to. The host is in the form
// that NormalizeHost returns.
func (s *Snapshot) Domain(host string) (accountID int64, ok bool) {
	value, ok := s.hosts.get([]byte(host))
	in := unpacker{rest: value}
	return in.id(), ok
}

// Offers yields all offers, in no order.
func (s *Snapshot) Offers() iter.Seq[Offer] {
	return func(yield func(Offer) bool) {
		for one := range s.tables[offers].all() {
			key, in := unpacker{rest: one.key}, unpacker{rest: one.value}
			offer := in.offer(key.id())
			offer.KnownUntil = s.IdentityKnownUntil
			if !yield(offer) {
				return
			}
		}
	}
}

// Publishers yields all publishers, in no order.
func (s *Snapshot) Publishers() iter.Seq[Publisher] {
	return func(yield func(Publisher) bool) {
		for one := range s.tables[publishers].all() {
			key, in := unpacker{rest: one.key}, unpacker{rest: one.value}
			if !yield(in.publisher(key.id(), key.id())) {
				return
			}
		}
	}
}

// Tokens yields all tokens with their digests, in no order.
func (s *Snapshot) Tokens() iter.Seq2[token.Digest, Token] {
	return func(yield func(token.Digest, Token) bool) {
		for one := range s.tables[tokens].all() {
			in := unpacker{rest: one.value}
			if !yield(token.Digest([]byte(one.key)), in.token()) {
				return
			}
		}
	}
}

// Domains yields all domains, in no order.
func (s *Snapshot) Domains() iter.Seq[Domain] {
	return func(yield func(Domain) bool) {
		for one := range s.tables[domains].all() {
			key, in := unpacker{rest: one.key}, unpacker{rest: one.value}
			if !yield(in.domain(key.id())) {
				return
			}
		}
	}
}

// Sizes returns the numbers of the objects.
func (s *Snapshot) Sizes() Sizes {
	return Sizes{Offers: s.tables[offers].size, Publishers: s.tables[publishers].size,
		Tokens: s.tables[tokens].size, Domains: s.tables[domains].size}
}

// Bytes returns about how much memory the objects take.
func (s *Snapshot) Bytes() int {
	bytes := s.hosts.bytes()
	for k := range kinds {
		bytes += s.tables[k].bytes()
	}
	return bytes
}

// Sized returns an empty snapshot with room for that many objects, which only saves time.
func Sized(sizes Sizes) *Snapshot {
	s := new(Snapshot)
	for k, size := range [kinds]int{offers: sizes.Offers, publishers: sizes.Publishers, tokens: sizes.Tokens, domains: sizes.Domains} {
		s.tables[k] = s.tables[k].sized(size)
	}
	s.hosts = s.hosts.sized(sizes.Domains)
	return s
}

// At returns the snapshot with the same objects at another moment.
func (s *Snapshot) At(moment Moment) *Snapshot {
	later := *s
	later.Moment = moment
	return &later
}

// With returns the snapshot with the objects of the batch, which replace others with
// their ids or digests.
func (s *Snapshot) With(b *Batch) *Snapshot {
	changed := *s
	var leaving, coming []byte // hosts
	replaced := [kinds]func(before, after string){
		tokens: func(before, after string) {
			if isImported(before) {
				changed.imported--
			}
			if isImported(after) {
				changed.imported++
			}
		},
		domains: func(before, after string) {
			was, is := domainOf(before), domainOf(after)
			leaving = appendEntry(leaving, []byte(was.Host), nil)
			coming = appendEntry(coming, []byte(is.Host), appendID(nil, is.AccountID))
		},
	}
	for k := range kinds {
		changed.tables[k] = changed.tables[k].with(string(b.entries[k]), replaced[k])
	}
	changed.hosts = changed.hosts.with(string(append(leaving, coming...)), nil)
	return &changed
}

func domainOf(value string) Domain {
	in := unpacker{rest: value}
	return in.domain(0)
}

// News returns the part of the batch that the snapshot lacks, or holds otherwise.
func (s *Snapshot) News(b *Batch) *Batch {
	news := new(Batch)
	for k := range kinds {
		for one := range entriesOf(string(b.entries[k])) {
			if known, ok := s.tables[k].get([]byte(one.key)); !ok || known != one.value {
				news.entries[k] = append(news.entries[k], one.whole...)
			}
		}
	}
	return news
}

// batchBytes is the size from which Batches begins another batch.
const batchBytes = 1 << 20

// Batches yields all objects, in batches of about a megabyte. Each is valid until the next.
func (s *Snapshot) Batches() iter.Seq[*Batch] {
	return func(yield func(*Batch) bool) {
		next := new(Batch)
		for k := range kinds {
			for block := range s.tables[k].blocks() {
				next.entries[k] = append(next.entries[k], block...)
				if len(next.entries[k]) < batchBytes {
					continue
				}
				if !yield(next) {
					return
				}
				next.clear()
			}
		}
		if !next.IsEmpty() {
			yield(next)
		}
	}
}
