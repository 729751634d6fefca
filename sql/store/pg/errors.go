package pg

import (
	"database/sql"
	"errors"
	"slices"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"integr8/pipeline/failure"
)

// refusedWith reports whether the server refused a statement with one of the
// codes.
func refusedWith(err error, codes ...pqerror.Code) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && slices.Contains(codes, refused.Code)
}

// IsLocked reports whether the server ended a statement because other sessions held a
// lock for longer than lock_timeout.
func IsLocked(err error) bool { return refusedWith(err, pqerror.LockNotAvailable) }

// IsCancelled reports whether the server was running a statement and ended it because
// its context had ended, or because of statement_timeout.
func IsCancelled(err error) bool { return refusedWith(err, pqerror.QueryCanceled) }

// IsMisfit reports whether the server refused a statement for what it says: it names what
// is not there, is not understood, or is not permitted (class 42).
func IsMisfit(err error) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code.Class() == "42"
}

// IsUniqueViolation reports whether a row with the same key exists already.
func IsUniqueViolation(err error) bool { return refusedWith(err, pqerror.UniqueViolation) }

// ForeignKey returns the name of the foreign key that refers to a missing row, or "" for
// any other error.
func ForeignKey(err error) string {
	var refused *pq.Error
	if errors.As(err, &refused) && refused.Code == pqerror.ForeignKeyViolation {
		return refused.Constraint
	}
	return ""
}

// LacksPartition reports whether the table has no partition for a row. The server
// reports that as a check violation without a constraint.
func LacksPartition(err error) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code == pqerror.CheckViolation && refused.Constraint == ""
}

// DetachesNotConcurrently reports whether the server cannot detach a partition
// CONCURRENTLY: Postgres 13 does not know the keyword, and other engines, or a table
// with a default partition, refuse it.
func DetachesNotConcurrently(err error) bool {
	return refusedWith(err, pqerror.SyntaxError, pqerror.FeatureNotSupported, pqerror.ObjectNotInPrerequisiteState)
}

// Ended marks an error of database/sql as an outage when it means that the session or
// the transaction has ended, as after the end of a context.
func Ended(err error) error {
	if errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone) {
		return failure.Unavailable(err)
	}
	return err
}
