package cli

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

// exactText is a text that others are equal to.
type exactText string

// UnmarshalText refuses a filter that excludes nothing.
func (e *exactText) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("the text to look for is empty")
	}
	*e = exactText(text)
	return nil
}
