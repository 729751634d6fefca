package main

import (
	"errors"
	"strings"
)

// ofAccounts is embedded in lists of what belongs to accounts.
type ofAccounts struct {
	Account int64 `placeholder:"ID" help:"Only those of this account. Default: of all accounts."`
}

// byName is embedded in lists of what has a name.
type byName struct {
	Name textLike `placeholder:"TEXT" help:"Only those whose name has this in it, in either case."`
}

// textLike is a text that others have in them; the empty one is in all.
type textLike string

// UnmarshalText refuses a filter that excludes nothing.
func (l *textLike) UnmarshalText(text []byte) error {
	if strings.TrimSpace(string(text)) == "" {
		return errors.New("the text to look for is empty")
	}
	*l = textLike(strings.ToLower(strings.TrimSpace(string(text))))
	return nil
}

func (l textLike) in(text string) bool { return strings.Contains(strings.ToLower(text), string(l)) }

// only returns the elements that are wanted, and never nil.
func only[T any](all []T, wanted func(T) bool) []T {
	some := []T{}
	for _, element := range all {
		if wanted(element) {
			some = append(some, element)
		}
	}
	return some
}
