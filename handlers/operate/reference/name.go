package reference

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameLength, in characters, still fits into a line of a list.
const maxNameLength = 200

// CleanName trims a name and refuses a name that cannot be shown on one line. The error
// matches ErrInvalid.
func CleanName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", At("name", Refuse(ErrInvalid, "the name is empty"))
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", At("name", Refuse(ErrInvalid, "the name holds characters that cannot be shown"))
	case utf8.RuneCountInString(name) > maxNameLength:
		return "", At("name", Refuse(ErrInvalid, "the name is longer than %d characters", maxNameLength))
	}
	return name, nil
}

// cleanChange cleans the new value of a change; nil stays nil.
func cleanChange(value *string, clean func(string) (string, error)) (*string, error) {
	if value == nil {
		return nil, nil
	}
	cleaned, err := clean(*value)
	return &cleaned, err
}

// namesakes finds objects with the same name.
type namesakes interface {
	// Namesakes returns the ids of the account's other objects of that kind with the
	// same name in upper or lower case; the first five, by id. For an account it returns
	// other accounts.
	Namesakes(ctx context.Context, object Object, id int64) ([]int64, error)
}

// warnOfNamesakes warns when other objects of the account have the same name. That is
// allowed, because the number distinguishes them.
func warnOfNamesakes(ctx context.Context, store namesakes, object Object, id int64, name string) Warnings {
	ids, err := store.Namesakes(ctx, object, id)
	switch {
	case err != nil:
		return warn("%s %d is stored, but whether others have its name is not known: %v", object, id, err)
	case len(ids) == 1:
		return warn("%s %d has the name %q too: tell them apart by number, or rename one: `integr8 %s edit ID --name NAME`",
			object, ids[0], name, object)
	case len(ids) > 1:
		numbers := strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ", "), "[]")
		return warn("%ss %s have the name %q too: tell them apart by number, or rename them: `integr8 %s edit ID --name NAME`",
			object, numbers, name, object)
	}
	return nil
}
