package store

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lib/pq"
)

// What reference data may be refused for. Errors that match one of these are
// made for people: they say what is wrong and need no prefix.
var (
	// ErrNotFound matches what was looked up, or referred to, and is not there.
	ErrNotFound = errors.New("not found")
	// ErrConflict matches what there can be only one of.
	ErrConflict = errors.New("conflict")
	// ErrInvalid matches values that cannot be stored as they are.
	ErrInvalid = errors.New("invalid")
)

// Object names a kind of reference data, as people and commands do.
type Object string

// The kinds of reference data.
const (
	AccountObject    Object = "account"
	AdvertiserObject Object = "advertiser"
	PublisherObject  Object = "publisher"
	OfferObject      Object = "offer"
	DomainObject     Object = "domain"
	TokenObject      Object = "token"
)

// NotFoundError says which object is not there. It matches ErrNotFound.
type NotFoundError struct {
	Object Object
	ID     int64
	// Account is the one that was looked into; 0 when all were.
	Account int64
}

// Error tells it in words: account 7 has no offer 3.
func (e *NotFoundError) Error() string {
	if e.Account == 0 {
		return fmt.Sprintf("there is no %s %d", e.Object, e.ID)
	}
	return fmt.Sprintf("account %d has no %s %d", e.Account, e.Object, e.ID)
}

// Is makes the error match ErrNotFound.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// refusal is an error for people of one of the kinds above.
type refusal struct {
	kind error
	text string
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.kind }

func refuse(kind error, format string, arguments ...any) error {
	return refusal{kind, fmt.Sprintf(format, arguments...)}
}

// referring tells, by the name of the foreign key, which reference led
// nowhere; any other error it wraps with what was tried.
func referring(err error, tried string, references map[string]*NotFoundError) error {
	var pgErr *pq.Error
	if errors.As(err, &pgErr) && pgErr.Code == "23503" {
		if missing, ok := references[pgErr.Constraint]; ok {
			return missing
		}
	}
	return fmt.Errorf("%s: %w", tried, err)
}

// isUniqueViolation reports whether what was written is there already.
func isUniqueViolation(err error) bool {
	var pgErr *pq.Error
	return errors.As(err, &pgErr) && pgErr.Code == "23505"
}

// maxNameLength is in characters: what still fits a line of a list.
const maxNameLength = 200

// cleanName trims a name and refuses what would not show as one line.
func cleanName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", refuse(ErrInvalid, "the name is empty")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", refuse(ErrInvalid, "the name holds characters that cannot be shown")
	case utf8.RuneCountInString(name) > maxNameLength:
		return "", refuse(ErrInvalid, "the name is longer than %d characters", maxNameLength)
	}
	return name, nil
}

// cleanChange is cleanName for a name that may be left as it is.
func cleanChange(name *string) (*string, error) {
	if name == nil {
		return nil, nil
	}
	cleaned, err := cleanName(*name)
	return &cleaned, err
}
