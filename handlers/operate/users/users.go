package users

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/token"
)

// Store holds users and their sessions.
type Store interface {
	// CreateUser adds a user. The error matches reference.ErrConflict when the name is
	// taken, and reference.ErrNotFound when there is no such account.
	CreateUser(ctx context.Context, user NewUser, hash string) (User, error)
	// Users lists all users by name.
	Users(ctx context.Context) ([]User, error)
	// EditUser changes a user. A change of his password or disabling him ends his sessions
	// and links. The error matches reference.ErrNotFound when there is none.
	EditUser(ctx context.Context, name string, change Change) (User, error)
	// Credentials returns a user with the hash of his password; false when there is none.
	Credentials(ctx context.Context, name string) (User, string, bool, error)

	sessionStore
}

// Users are the use cases.
type Users struct{ Store Store }

// NewUser is a user to be created.
type NewUser struct {
	Name string
	Role Role
	// Account is the only one that the user sees; 0 for all.
	Account  int64
	Password string
}

// Create adds a user.
func (u Users) Create(ctx context.Context, user NewUser) (User, error) {
	if err := errors.Join(checkName(user.Name), checkRole(user.Role)); err != nil {
		return User{}, err
	}
	hash, err := u.hashed(ctx, user.Name, user.Password)
	if err != nil {
		return User{}, err
	}
	return hinted(u.Store.CreateUser(ctx, user, hash))
}

// NoPassword returns a password that nobody knows, for a user who logs in by links.
func NoPassword() string { return rand.Text() + rand.Text() }

// hashed returns the hash of a password that can be one. It asks for the user before: a
// hash takes a while, after which nobody could tell a server that hangs from a busy machine.
func (u Users) hashed(ctx context.Context, name, password string) (string, error) {
	if err := checkPassword(password); err != nil {
		return "", err
	}
	if _, _, _, err := u.Store.Credentials(ctx, name); err != nil {
		return "", err
	}
	return hashOf(password)
}

// hinted adds to an error what to do about it.
func hinted(user User, err error) (User, error) {
	var account *reference.NotFoundError
	switch {
	case errors.Is(err, reference.ErrConflict):
		err = reference.At("name", failure.WithHint(err, "`integr8 user edit` changes a user, also one who is disabled"))
	case errors.Is(err, reference.ErrNotFound) && !errors.As(err, &account):
		err = failure.WithHint(err, listHint)
	}
	return user, err
}

const listHint = "`integr8 user list` shows the users"

// Show returns one user, without the time of his last log-in.
func (u Users) Show(ctx context.Context, name string) (User, error) {
	user, _, known, err := u.Store.Credentials(ctx, name)
	if err == nil && !known {
		err = failure.WithHint(reference.Refuse(reference.ErrNotFound, "there is no user %q", name), listHint)
	}
	return user, err
}

// List returns all users by name.
func (u Users) List(ctx context.Context) ([]User, error) { return u.Store.Users(ctx) }

// Change is a change of a user; a nil field stays as it is.
type Change struct {
	Role     *Role
	Account  *int64 // 0 for all
	Disabled *bool
	Hash     *string
}

// EndsSessions reports whether the change ends the user's sessions.
func (c Change) EndsSessions() bool { return c.Hash != nil || c.Disabled != nil && *c.Disabled }

// Edit changes a user's role, account, or whether he may log in.
func (u Users) Edit(ctx context.Context, name string, change Change) (User, error) {
	if change.Role != nil {
		if err := checkRole(*change.Role); err != nil {
			return User{}, err
		}
	}
	return hinted(u.Store.EditUser(ctx, name, change))
}

// SetPassword changes a password, and ends the user's sessions.
func (u Users) SetPassword(ctx context.Context, name, password string) (User, error) {
	hash, err := u.hashed(ctx, name, password)
	if err != nil {
		return User{}, err
	}
	return hinted(u.Store.EditUser(ctx, name, Change{Hash: &hash}))
}

// ErrRefused means that nobody can log in like this. It does not say why: whether a user
// exists is nobody's business.
var ErrRefused = errors.New("the name and the password do not belong together, or the user is disabled")

// LogIn begins a session of a user who knows his password, and returns its text. It takes
// as long for a name that does not exist. The error matches ErrRefused.
func (u Users) LogIn(ctx context.Context, name, password string, from Browser) (string, error) {
	user, hash, known, err := u.Store.Credentials(ctx, name)
	if err != nil {
		return "", err
	}
	if !known || len(password) > mostPassword {
		hash = noPassword
	}
	right, err := matches(ctx, hash, password)
	if err != nil {
		return "", err
	}
	if !right || !known || user.DisabledAt != nil {
		return "", ErrRefused
	}
	return u.begin(ctx, user, from)
}

// LinkLasts is how long a log-in link can be used.
const LinkLasts = 10 * time.Minute

// NewLink returns the text of a link with which a user logs in once, within LinkLasts.
func (u Users) NewLink(ctx context.Context, name string) (string, error) {
	text := newText(linkMark)
	made, err := u.Store.CreateLink(ctx, name, token.DigestOf(text), LinkLasts)
	if err == nil && !made {
		err = failure.WithHint(reference.Refuse(reference.ErrNotFound, "there is no user %q who may log in", name), listHint)
	}
	return text, err
}

// LogInByLink begins a session by a link, which can be used once. The error matches
// ErrRefused.
func (u Users) LogInByLink(ctx context.Context, text string, from Browser) (string, error) {
	if !isWellFormed(linkMark, text) {
		return "", ErrRefused
	}
	user, known, err := u.Store.UseLink(ctx, token.DigestOf(text))
	switch {
	case err != nil:
		return "", err
	case !known:
		return "", ErrRefused
	default:
		return u.begin(ctx, user, from)
	}
}
