package history

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"integr8/handlers/operate/reference"
)

// Filter matches entries; a field with its zero value matches all.
type Filter struct {
	Account int64
	Noun    Noun
	// ObjectID is that of Entry, and goes with a Noun.
	ObjectID string
	// By is a part of the actor, in upper or lower case, or = and the whole actor.
	By string
	// Since and Until are both inclusive.
	Since, Until time.Time
}

// Actor returns the part of the actor, or the whole of it, that the filter has.
func (f Filter) Actor() (part, whole string) {
	if whole, exact := strings.CutPrefix(f.By, "="); exact {
		return "", whole
	}
	return f.By, ""
}

// Store is the record of changes.
type Store interface {
	reference.NamedStore
	// History reads at most limit entries that match the filter, the newest first. before
	// is the id of the last entry that was read; 0 is for the first page.
	History(ctx context.Context, filter Filter, before int64, limit int) ([]Entry, error)
}

// Histories are the use cases on the record of changes.
type Histories struct{ Store Store }

// pageSize is how many entries are read at once.
const pageSize = 500

// List yields at most limit entries (0: all) behind the cursor that match the filter, the
// newest first. It reads them page by page, so their number is not limited. When there
// are none, it yields a reference.NotFoundError for an account or an object of the filter
// that does not exist.
func (h Histories) List(ctx context.Context, filter Filter, behind Cursor, limit int) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for read, before := 0, behind.id; limit == 0 || read < limit; {
			size := pageSize
			if limit > 0 {
				size = min(size, limit-read)
			}
			page, err := h.Store.History(ctx, filter, before, size)
			if err == nil && read+len(page) == 0 && behind.IsZero() {
				err = h.checkNamed(ctx, filter)
			}
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, entry := range page {
				if !yield(entry, nil) {
					return
				}
			}
			if read += len(page); len(page) < size {
				return
			}
			before = page[len(page)-1].ID
		}
	}
}

// objects are the nouns whose objects have a number and may be looked up.
var objects = map[Noun]reference.Object{
	Advertiser: reference.AdvertiserObject,
	Publisher:  reference.PublisherObject,
	Offer:      reference.OfferObject,
	Domain:     reference.DomainObject,
	Token:      reference.TokenObject,
}

// checkNamed refuses an account or an object that is not there: its history would be
// empty and look like a result.
func (h Histories) checkNamed(ctx context.Context, filter Filter) error {
	if err := (reference.Named{Account: filter.Account}).Check(ctx, h.Store); err != nil {
		return err
	}
	id, err := strconv.ParseInt(filter.ObjectID, 10, 64)
	if err != nil {
		return nil // no object with a number is named
	}
	if object, numbered := objects[filter.Noun]; numbered {
		owner, err := h.Store.Owner(ctx, object, id)
		if err == nil && filter.Account != 0 && owner != filter.Account {
			err = &reference.NotFoundError{Object: object, ID: id, Account: filter.Account}
		}
		return err
	}
	if filter.Noun != Account {
		return nil
	}
	if filter.Account != 0 && id != filter.Account {
		return &reference.NotFoundError{Object: reference.AccountObject, ID: id}
	}
	_, err = h.Store.Account(ctx, id)
	return err
}
