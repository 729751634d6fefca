package api

import (
	"encoding"
	"iter"
)

// Paging is embedded in the parameters of lists.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"At most so many items."`
	Cursor string `query:"cursor" maxLength:"200" doc:"The next of the page before."`
}

// readCursor reads the cursor of a request; an empty one is the beginning.
func readCursor(text string, into encoding.TextUnmarshaler) error {
	if text == "" {
		return nil
	}
	return into.UnmarshalText([]byte(text))
}

// take returns at most most items of a list, and its error.
func take[T any](list iter.Seq2[T, error], most int) (items []T, err error) {
	for item, err := range list {
		if err != nil {
			return nil, err
		}
		if items = append(items, item); len(items) == most {
			break
		}
	}
	return items, nil
}
