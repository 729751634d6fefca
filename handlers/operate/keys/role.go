package keys

import "integr8/handlers/operate"

// Role is what a key may do. Each role may do what those before it may.
type Role string

// The roles.
const (
	// Read looks at everything and changes nothing.
	Read Role = "read"
	// Operate also acts on dead letters and, of all accounts, pauses queues.
	Operate Role = "operate"
	// Admin also creates and edits reference data, sees tokens with their secrets, and
	// revokes keys.
	Admin Role = "admin"
)

// Roles are all roles, the weakest first.
func Roles() []Role { return []Role{Read, Operate, Admin} }

// Includes reports whether a role may do all that another may. An unknown role includes
// none.
func (r Role) Includes(other Role) bool { return operate.Includes(Roles(), r, other) }
