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
	// rememberedLookUps and rememberedFor bound what is kept of results. The
	// time is also how long something just created may be refused, if it was
	// asked for right before and no notification came.
	rememberedLookUps = 10_000
	rememberedFor     = 3 * time.Second
	// largestLookUp is how many things one query looks up.
	largestLookUp = 512
	// lookUpTimeout bounds one query, with the wait for a connection.
	lookUpTimeout = 20 * time.Second
)

// lookUps asks the database for things of one sort that memory does not have.
// One query is under way, and what is asked for meanwhile goes along in the next:
// whoever makes up a name for each hit costs others a part of a query, not a
// query. A thing that was found, or that does not exist, is remembered for a few
// seconds. Errors are not.
type lookUps[K comparable, V any] struct {
	find  func(ctx context.Context, keys []K) (map[K]V, error)
	group *batch.Group[*question[K, V]]
	found *lru.Cache[K, answer[V]]
}

// question is one thing that is looked up.
type question[K comparable, V any] struct {
	key K
	// valid reports whether an earlier result will do.
	valid func(*V) bool
	value *V // nil when it does not exist
}

// answer is what the database said, nil for nothing, and until when that is
// believed.
type answer[V any] struct {
	value *V
	until time.Time
}

func newLookUps[K comparable, V any](find func(context.Context, []K) (map[K]V, error)) *lookUps[K, V] {
	found, err := lru.New[K, answer[V]](rememberedLookUps)
	if err != nil {
		panic(err) // only a size below one is refused
	}
	l := &lookUps[K, V]{find: find, found: found}
	l.group = batch.New(batch.Options[*question[K, V]]{
		MaxItems: largestLookUp,
		Isolate: func(err error) bool {
			class := failure.Of(err)
			return class == failure.Transient || class == failure.Permanent
		},
	}, l.ask)
	return l
}

// get returns what has that key, nil when nothing has. The result is not older
// than the call, unless an earlier one is valid.
func (l *lookUps[K, V]) get(ctx context.Context, key K, valid func(*V) bool) (*V, error) {
	if known, ok := l.remembered(key, valid); ok {
		return known, nil
	}
	q := &question[K, V]{key: key, valid: valid}
	if err := l.group.Do(ctx, q); err != nil {
		return nil, fmt.Errorf("look up reference data: %w", err)
	}
	return q.value, nil
}

func (l *lookUps[K, V]) ask(questions []*question[K, V]) error {
	asked := make(map[K]bool, len(questions))
	keys := make([]K, 0, len(questions))
	for _, q := range questions {
		if known, ok := l.remembered(q.key, q.valid); ok { // the query before has brought it
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
		l.found.Add(key, answer[V]{valueOf(found, key), until})
	}
	for _, q := range questions {
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

// remembered returns an earlier result that is still believed.
func (l *lookUps[K, V]) remembered(key K, valid func(*V) bool) (*V, bool) {
	known, ok := l.found.Get(key)
	if !ok || !time.Now().Before(known.until) {
		return nil, false
	}
	return known.value, valid(known.value)
}
