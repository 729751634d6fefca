package operate

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
)

// Page is a part of a list.
type Page[T any] struct {
	Items []T `json:"items"`
	// Next is the cursor behind the last item; null where the list ends.
	Next *string `json:"next"`
}

// PageOf returns the page of at most limit items from the beginning of a list, which
// holds one more where the list goes on. cursor returns the cursor behind an item.
func PageOf[T any](items []T, limit int, cursor func(*T) string) Page[T] {
	if len(items) <= limit {
		return Page[T]{Items: append([]T{}, items...)}
	}
	next := cursor(&items[limit-1])
	return Page[T]{Items: items[:limit:limit], Next: &next}
}

// ErrCursor is the error for a text that is no cursor of a list by number.
var ErrCursor = errors.New("not a cursor: it is copied whole from the page before")

// NumberIn returns the number that a cursor of a list by number holds; 0 for an empty one,
// which is the beginning. The error is ErrCursor.
func NumberIn(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	number, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || number <= 0 || strconv.FormatInt(number, 10) != cursor {
		return 0, ErrCursor
	}
	return number, nil
}

// PageByNumber returns the page of at most limit items behind a cursor, which is empty for
// the beginning. The items are sorted by number. The error is ErrCursor.
func PageByNumber[T any](items []T, cursor string, limit int, number func(*T) int64) (Page[T], error) {
	last, err := NumberIn(cursor)
	if err != nil {
		return Page[T]{}, err
	}
	behind, _ := slices.BinarySearchFunc(items, last+1, func(item T, wanted int64) int { return cmp.Compare(number(&item), wanted) })
	return PageUpTo(items[behind:], limit, number), nil
}

// PageUpTo is PageOf with the number of an item as its cursor.
func PageUpTo[T any](items []T, limit int, number func(*T) int64) Page[T] {
	return PageOf(items, limit, func(item *T) string { return strconv.FormatInt(number(item), 10) })
}
