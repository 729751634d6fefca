package failure

import (
	"errors"

	"github.com/lib/pq"
)

// IsOfText reports whether the database has refused a text, which holds a NUL or is no
// UTF-8: its sender is wrong, and nothing has failed.
func IsOfText(err error) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && (refused.Code == "22021" || refused.Code == "22P05")
}
