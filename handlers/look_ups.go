package handlers

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"integr8/pipeline/batch"
	"integr8/pipeline/failure"
)

const (
	// rememberedLookUps and rememberedFor bound the cache of results. The
	// time is also how long a new token, offer or publisher may be refused, if it was
	// looked up just before it was created and no notification came.
	rememberedLookUps = 10_000
	rememberedFor     = 3 * time.Second
	// maxLookUp is how many keys one query looks up.
	maxLookUp = 512
	// lookUpTimeout bounds one query, including the wait for a connection.
	lookUpTimeout = 20 * time.Second
)

// lookUps queries the database for values of one kind that are not in memory. One query
// is under way at a time; keys that are requested meanwhile share the next one. So a
// sender that invents a name for each hit costs a part of a query for each, and not a
// query. Results are cached for a few seconds, also that a key does not exist. Errors
// are not cached.
type lookUps[K comparable, V any] struct {
	find  func(ctx context.Context, keys []K) (map[K]V, error)
	group *batch.Group[*request[K, V]]
	found *lru.Cache[K, result[V]]
}

// request is one key to look up.
type request[K comparable, V any] struct {
	key K
	// valid reports whether a cached result may be used.
	valid func(*V) bool
	value *V // nil when it does not exist
}

// result is a cached result, nil when the key does not exist, and when it expires.
type result[V any] struct {
	value *V
	until time.Time
}

func newLookUps[K comparable, V any](find func(context.Context, []K) (map[K]V, error)) *lookUps[K, V] {
	found, err := lru.New[K, result[V]](rememberedLookUps)
	if err != nil {
		panic(err) // impossible: only a size below one is an error
	}
	l := &lookUps[K, V]{find: find, found: found}
	l.group = batch.New(batch.Options[*request[K, V]]{
		MaxItems: maxLookUp,
		Isolate: func(err error) bool {
			class := failure.Of(err)
			return class == failure.Transient || class == failure.Permanent
		},
	}, l.query)
	return l
}

// get returns the value of a key, nil when there is none. The result is not older than
// the call, unless a cached one is valid.
func (l *lookUps[K, V]) get(ctx context.Context, key K, valid func(*V) bool) (*V, error) {
	if known, ok := l.remembered(key, valid); ok {
		return known, nil
	}
	q := &request[K, V]{key: key, valid: valid}
	if err := l.group.Do(ctx, q); err != nil {
		return nil, fmt.Errorf("look up reference data: %w", err)
	}
	return q.value, nil
}

func (l *lookUps[K, V]) query(requests []*request[K, V]) error {
	asked := make(map[K]bool, len(requests))
	keys := make([]K, 0, len(requests))
	for _, q := range requests {
		if known, ok := l.remembered(q.key, q.valid); ok { // the previous query found it
			q.value = known
		} else if !asked[q.key] {
			asked[q.key] = true
			keys = append(keys, q.key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookUpTimeout)
	defer cancel()
	found, err := l.find(ctx, keys)
	if err != nil {
		return err
	}
	until := time.Now().Add(rememberedFor)
	for _, key := range keys {
		l.found.Add(key, result[V]{valueOf(found, key), until})
	}
	for _, q := range requests {
		if asked[q.key] {
			q.value = valueOf(found, q.key)
		}
	}
	return nil
}

func valueOf[K comparable, V any](found map[K]V, key K) *V {
	if value, ok := found[key]; ok {
		return &value
	}
	return nil
}

// remembered returns a cached result that has not expired and is valid.
func (l *lookUps[K, V]) remembered(key K, valid func(*V) bool) (*V, bool) {
	known, ok := l.found.Get(key)
	if !ok || !time.Now().Before(known.until) {
		return nil, false
	}
	return known.value, valid(known.value)
}
