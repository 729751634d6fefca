package failure

import (
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// ofRefusal classifies the error that the server returned for a statement, by what
// removes the cause:
//
//   - Outage: time does. The server, its locks or the schema are not ready yet. The hit
//     is held, and all others with it.
//   - Permanent: nothing does. The server refused the hit's own values.
//   - Transient: a retry may. Errors that only a new release can remove are here too,
//     because hits that do not need the statement must not be held.
func ofRefusal(err *pq.Error) Class {
	if err.Severity == "FATAL" || err.Severity == "PANIC" {
		return Outage // the session ended, or never began: the hit is not the cause
	}
	if err.Code == checkViolation && err.Constraint == "" {
		return Transient // no partition exists for the row: one is being made or dropped
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

// refusalsByCode holds the exceptions from refusalsByClass. Codes are those of the
// PostgreSQL manual, appendix A.
var refusalsByCode = map[pqerror.Code]Class{
	// A failover made the server a standby, or its operator has set it read-only because
	// the disk is nearly full. It becomes writable again, or another server does.
	"25006": Outage, // read_only_sql_transaction

	// The schema is not migrated yet, or not granted yet: workers may be newer than the
	// schema while a deployment runs. The values of hits do not cause these errors.
	"3F000": Outage, // invalid_schema_name
	"42501": Outage, // insufficient_privilege
	"42703": Outage, // undefined_column
	"42704": Outage, // undefined_object
	"42804": Outage, // datatype_mismatch: a column still has its old type
	"42883": Outage, // undefined_function
	"42P01": Outage, // undefined_table
	"42P10": Outage, // invalid_column_reference: ON CONFLICT finds no such key

	// Another transaction wrote the same row at the same time. A retry finds that row.
	"23505": Transient, // unique_violation
}

// refusalsByClass holds classes by the first two characters of a code. All others are
// Transient:
//
//   - 0A, not supported: this server never accepts the statement. (When a standby
//     refuses to begin a transaction for writing, the code is 0A too, but the error is
//     that of BEGIN and so marked Unavailable. Package store marks the error for a
//     statement that was prepared before a migration.)
//   - 40, deadlock and serialization.
//   - 42 except for the codes above: the statement itself is wrong.
//   - P0, an exception of a trigger that somebody added.
//   - XX, an internal error, such as a damaged page, which may concern only this row.
var refusalsByClass = map[pqerror.Class]Class{
	"08": Outage, // connection
	"26": Outage, // no such statement: a pooler assigned a session that did not prepare it
	"28": Outage, // log-in refused: the deployment has wrong credentials
	"3D": Outage, // no such database
	"53": Outage, // disk, memory, connections
	"55": Outage, // locked or in use by another session
	"57": Outage, // operator intervention, and statements that took too long
	"58": Outage, // the server's files

	"22": Permanent, // a value is invalid for its type
	"23": Permanent, // a value violates a constraint
	"54": Permanent, // a value is too large
}
