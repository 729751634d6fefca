package users

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"integr8/pipeline/token"
)

// Session is a browser in which a user is logged in.
type Session struct {
	ID       int64  `db:"id" json:"id"`
	UserName string `db:"user_name" json:"user"`
	Browser
	CreatedAt time.Time `db:"created_at" json:"created_at"`
	// LastSeenAt is written at most once a minute.
	LastSeenAt time.Time `db:"last_seen_at" json:"last_seen_at"`
	ExpiresAt  time.Time `db:"expires_at" json:"expires_at"`
}

// Browser says where a session is used.
type Browser struct {
	Address   string `db:"address" json:"address"`
	UserAgent string `db:"user_agent" json:"user_agent"`
}

const (
	// SessionLasts is how long a session can be used, and SessionIdle how long it may go
	// unused.
	SessionLasts = 7 * 24 * time.Hour
	SessionIdle  = 12 * time.Hour
	// mostUserAgent is in bytes.
	mostUserAgent = 256
)

// sessionStore holds sessions and links by the digest of their text.
type sessionStore interface {
	// BeginSession adds a session of a user as he was looked at; false when he was
	// disabled, or his password was changed, since.
	BeginSession(ctx context.Context, user User, digest token.Digest, from Browser, lasts time.Duration) (bool, error)
	// UseSession returns the user of a session, and writes that it is used; false when
	// there is none, or when it has ended or was idle for too long.
	UseSession(ctx context.Context, digest token.Digest, idle time.Duration) (User, bool, error)
	// EndSession ends the session with a digest.
	EndSession(ctx context.Context, digest token.Digest) error
	// Sessions lists the sessions that can be used of a user (empty: of all), the newest
	// first.
	Sessions(ctx context.Context, name string, idle time.Duration) ([]Session, error)
	// EndSessions ends a session of a user (0: all of them), and returns how many it was.
	EndSessions(ctx context.Context, name string, id int64) (int64, error)
	// KnowsAddress reports whether a user has logged in from an address.
	KnowsAddress(ctx context.Context, name, address string) (bool, error)
	// CreateLink adds a link; false when there is no such user who may log in.
	CreateLink(ctx context.Context, name string, digest token.Digest, lasts time.Duration) (bool, error)
	// UseLink uses up a link and returns its user; false when there is none.
	UseLink(ctx context.Context, digest token.Digest) (User, bool, error)
}

func (u Users) begin(ctx context.Context, user User, from Browser) (string, error) {
	if len(from.UserAgent) > mostUserAgent {
		from.UserAgent = from.UserAgent[:mostUserAgent]
	}
	from.UserAgent = strings.ToValidUTF8(strings.ReplaceAll(from.UserAgent, "\x00", ""), string(utf8.RuneError))
	text := newText(sessionMark)
	begun, err := u.Store.BeginSession(ctx, user, token.DigestOf(text), from, SessionLasts)
	switch {
	case err != nil:
		return "", err
	case !begun:
		return "", ErrRefused
	default:
		return text, nil
	}
}

// BySession returns the user of a session; false when it cannot be used.
func (u Users) BySession(ctx context.Context, text string) (User, bool, error) {
	if !isWellFormed(sessionMark, text) {
		return User{}, false, nil
	}
	return u.Store.UseSession(ctx, token.DigestOf(text), SessionIdle)
}

// LogOut ends a session.
func (u Users) LogOut(ctx context.Context, text string) error {
	if !isWellFormed(sessionMark, text) {
		return nil
	}
	return u.Store.EndSession(ctx, token.DigestOf(text))
}

// Sessions lists the sessions that can be used of a user (empty: of all), the newest
// first.
func (u Users) Sessions(ctx context.Context, name string) ([]Session, error) {
	return u.Store.Sessions(ctx, name, SessionIdle)
}

// EndSessions ends a session of a user (0: all of them), and returns how many it was.
func (u Users) EndSessions(ctx context.Context, name string, id int64) (int64, error) {
	return u.Store.EndSessions(ctx, name, id)
}

// KnowsAddress reports whether a user has logged in from an address.
func (u Users) KnowsAddress(ctx context.Context, name, address string) (bool, error) {
	return u.Store.KnowsAddress(ctx, name, address)
}

// The form of the text of a session or a link: a mark, and 32 random bytes in hex.
const (
	sessionMark = "i8s_"
	linkMark    = "i8l_"
	randomBytes = 32
)

func newText(mark string) string {
	var random [randomBytes]byte
	rand.Read(random[:]) // never fails: crypto/rand aborts the program instead
	return mark + hex.EncodeToString(random[:])
}

func isWellFormed(mark, text string) bool {
	return len(text) == len(mark)+2*randomBytes && strings.HasPrefix(text, mark)
}
