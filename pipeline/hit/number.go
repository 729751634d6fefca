package hit

import (
	"errors"
	"strconv"
	"strings"

	"integr8/pipeline/ascii"
)

// ErrInvalidNumber is the error of Number.
var ErrInvalidNumber = errors.New("a number is digits only, from 1 up")

// maxNumberLength is generous: an int64 has 19 digits.
const maxNumberLength = 64

// Number reads the id of an offer or a publisher: digits only, from 1 up.
func Number(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxNumberLength || !ascii.IsDigits(text) {
		return 0, ErrInvalidNumber
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n == 0 {
		return 0, ErrInvalidNumber
	}
	return n, nil
}
