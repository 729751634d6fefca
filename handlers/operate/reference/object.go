package reference

import (
	"context"
	"slices"
)

// Object is the name of a kind of reference data, for people and in commands.
type Object string

// The kinds of reference data.
const (
	AccountObject    Object = "account"
	AdvertiserObject Object = "advertiser"
	PublisherObject  Object = "publisher"
	OfferObject      Object = "offer"
	DomainObject     Object = "domain"
	TokenObject      Object = "token"
	KeyObject        Object = "key"
	AlertRuleObject  Object = "alert rule"
	WebhookObject    Object = "webhook"
)

// owners finds the account of an object.
type owners interface {
	// Owner returns the account that has the object. The error matches ErrNotFound when
	// no account has it, and ErrConflict when several have it.
	Owner(ctx context.Context, object Object, id int64) (int64, error)
}

// ownerOf returns the named account, or, without one, the account that has the object.
func ownerOf(ctx context.Context, store owners, object Object, account, id int64) (int64, error) {
	if account != 0 {
		return account, nil
	}
	return store.Owner(ctx, object, id)
}

// Named holds the ids in a filter; 0 means none.
type Named struct{ Account, Advertiser, Publisher, Offer, Token int64 }

// NamedStore looks up the objects that a filter names.
type NamedStore interface {
	owners
	Account(ctx context.Context, id int64) (Account, error)
}

// Check refuses ids of objects that do not exist: a list or a report for them would be
// empty and look like a result. The error is a NotFoundError, or that of the store.
func (n Named) Check(ctx context.Context, store NamedStore) error {
	if n.Account != 0 {
		if _, err := store.Account(ctx, n.Account); err != nil {
			return err
		}
	}
	for _, one := range n.objects() {
		owner, err := store.Owner(ctx, one.object, one.id)
		if err != nil {
			return err
		}
		if n.Account != 0 && owner != n.Account {
			return &NotFoundError{Object: one.object, ID: one.id, Account: n.Account}
		}
	}
	return nil
}

// Owner returns the account that the filter names, or else that of the first object that it
// names; 0 when it names none. It returns the error of Check where that object does not exist.
func (n Named) Owner(ctx context.Context, store NamedStore) (int64, error) {
	objects := n.objects()
	if n.Account != 0 || len(objects) == 0 {
		return n.Account, nil
	}
	return store.Owner(ctx, objects[0].object, objects[0].id)
}

// namedObject is an object that a filter names.
type namedObject struct {
	object Object
	id     int64
}

// objects are those that the filter names, without the account.
func (n Named) objects() []namedObject {
	all := []namedObject{{AdvertiserObject, n.Advertiser}, {PublisherObject, n.Publisher}, {OfferObject, n.Offer}, {TokenObject, n.Token}}
	return slices.DeleteFunc(all, func(one namedObject) bool { return one.id == 0 })
}
