package dead

import (
	"context"

	"integr8/handlers/operate"
)

// Page returns at most limit dead letters that match the filter, behind a cursor, the
// newest death first. Pages neither skip nor repeat letters that do not change between
// them.
func (l Letters) Page(ctx context.Context, filter Filter, behind Cursor, limit int) (operate.Page[Listed], error) {
	retention, err := l.Store.DeadRetention(ctx)
	if err != nil {
		return operate.Page[Listed]{}, err
	}
	read, err := l.Store.DeadLetters(ctx, filter, NewestFirst, behind.after(), limit+1)
	if err != nil {
		return operate.Page[Listed]{}, err
	}
	if len(read) == 0 {
		if err := l.checkNamed(ctx, filter); err != nil {
			return operate.Page[Listed]{}, err
		}
	}
	found := make([]Listed, len(read))
	for i, letter := range read {
		found[i] = listed(letter, retention)
	}
	return operate.PageOf(found, limit, func(l *Listed) string { return Behind(&l.Letter).String() }), nil
}

// Sample returns at most limit of the letters that were chosen: those that the act begins
// with.
func (w *Work) Sample(ctx context.Context, limit int) ([]Listed, error) {
	retention, err := w.letters.Store.DeadRetention(ctx)
	if err != nil {
		return nil, err
	}
	page, err := w.letters.Store.DeadLetters(ctx, w.filter, OldestFirst, nil, limit)
	sample := make([]Listed, len(page))
	for i, letter := range page {
		sample[i] = listed(letter, retention)
	}
	return sample, err
}
