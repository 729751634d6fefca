package users

import (
	"regexp"
	"slices"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
)

// Role is what a user may do. Each role may do what those before it may.
type Role string

// The roles.
const (
	// Viewer looks at everything and changes nothing.
	Viewer Role = "viewer"
	// Operator also acts on dead letters, tries offers, sets alert rules and, of all accounts,
	// pauses queues.
	Operator Role = "operator"
	// Admin also changes reference data.
	Admin Role = "admin"
)

// Roles are all roles, the weakest first.
func Roles() []Role { return []Role{Viewer, Operator, Admin} }

// Includes reports whether a role may do all that another may. An unknown role includes
// none.
func (r Role) Includes(other Role) bool { return operate.Includes(Roles(), r, other) }

// User is a person who logs in to the console.
type User struct {
	ID   int64  `db:"id" json:"id"`
	Name string `db:"name" json:"name"`
	Role Role   `db:"role" json:"role"`
	// AccountID is the only account that the user sees; null for one who sees all.
	AccountID     *int64     `db:"account_id" json:"account_id"`
	CreatedAt     time.Time  `db:"created_at" json:"created_at"`
	PasswordSetAt time.Time  `db:"password_set_at" json:"password_set_at"`
	DisabledAt    *time.Time `db:"disabled_at" json:"disabled_at"`
	// LastLogIn is set in lists.
	LastLogIn *time.Time `db:"last_log_in" json:"last_log_in,omitempty"`
}

// Account is the only account that the user sees; 0 for all.
func (u User) Account() int64 {
	if u.AccountID == nil {
		return 0
	}
	return *u.AccountID
}

// wellFormedName leaves no room for an e-mail address, which never reaches the database.
var wellFormedName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

func checkName(name string) error {
	if !wellFormedName.MatchString(name) {
		return reference.At("name", reference.Refuse(reference.ErrInvalid, "a user's name has 1 to 64 small letters, digits, dots, dashes and underscores, and begins with a letter or a digit"))
	}
	return nil
}

func checkRole(role Role) error {
	if !slices.Contains(Roles(), role) {
		return reference.At("role", reference.Refuse(reference.ErrInvalid, "%q is no role: it is viewer, operator or admin", role))
	}
	return nil
}
