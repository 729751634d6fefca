package failure

import (
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// ofRefusal classifies what the server replied to a statement. The question is
// what mends it:
//
//   - Outage: waiting does, as the server, its locks or the schema are not what
//     they must be yet. The hit is held, and its neighbours with it.
//   - Permanent: nothing does, as the hit's own values are refused.
//   - Transient: trying again may. What only a new release can mend is here too:
//     hits that do not need the statement must not be held for it.
func ofRefusal(err *pq.Error) Class {
	if err.Severity == "FATAL" || err.Severity == "PANIC" {
		return Outage // the session ended, or never began: nothing about this hit
	}
	if err.Code == checkViolation && err.Constraint == "" {
		return Transient // no partition takes the row: one is being made or dropped
	}
	if class, ok := refusalsByCode[err.Code]; ok {
		return class
	}
	if class, ok := refusalsByClass[err.Code.Class()]; ok {
		return class
	}
	return Transient
}

const checkViolation = "23514"

// refusalsByCode are the exceptions from refusalsByClass. Codes are those of the
// PostgreSQL manual, appendix A.
var refusalsByCode = map[pqerror.Code]Class{
	// A server that failover made a standby, or one whose operator guards a
	// disk that is nearly full. It becomes writable, or another one does.
	"25006": Outage, // read_only_sql_transaction

	// A schema that is not migrated yet, or not granted yet: workers may be
	// newer than the schema for as long as a deployment takes. The values of
	// hits play no part in these.
	"3F000": Outage, // invalid_schema_name
	"42501": Outage, // insufficient_privilege
	"42703": Outage, // undefined_column
	"42704": Outage, // undefined_object
	"42804": Outage, // datatype_mismatch: a column has its old type still
	"42883": Outage, // undefined_function
	"42P01": Outage, // undefined_table
	"42P10": Outage, // invalid_column_reference: ON CONFLICT finds no such key

	// Somebody else has written the same row in the same moment. It is there to
	// be found next time.
	"23505": Transient, // unique_violation
}

// refusalsByClass are the first two characters of codes. What is not here is
// Transient:
//
//   - 0A, not supported: a statement that this server never takes. (That a
//     standby begins no transaction for writing is an 0A too, but of BEGIN, and
//     so marked as Unavailable. So is a statement that was prepared before a
//     migration, by package store.)
//   - 40, deadlock and serialization.
//   - 42 beside the codes above: a statement that is wrong in itself.
//   - P0, an exception of a trigger that somebody has added.
//   - XX, an internal error, such as a damaged page: it may concern this row only.
var refusalsByClass = map[pqerror.Class]Class{
	"08": Outage, // connection
	"26": Outage, // no such statement: a pooler lent us a session that did not prepare it
	"28": Outage, // log-in refused: a deployment is broken
	"3D": Outage, // no such database
	"53": Outage, // disk, memory, connections
	"55": Outage, // locked or in use, by whatever others do
	"57": Outage, // operator intervention, and statements that took too long
	"58": Outage, // the server's files

	"22": Permanent, // a value that its type does not take
	"23": Permanent, // a value that a constraint does not take
	"54": Permanent, // a value that is too large
}
