package users_test

import (
	"database/sql"
	"encoding/json"
	"strings"
	"testing"

	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

var _ users.Store = (*store.Store)(nil)

const password = "correct horse battery"

var desk = users.Browser{Address: "192.0.2.1", UserAgent: "a browser"}

// opened returns the use cases over a fresh database with the account 1 and the operator
// ann, and that database, for what no use case shows.
func opened(t *testing.T) (users.Users, *store.Store, *sql.DB) {
	t.Helper()
	url := storetest.URL(t)
	db, err := store.Open(url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	raw, err := sql.Open("postgres", url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, raw.Close()) })
	_, err = db.CreateAccount(t.Context(), "Own", reference.DefaultTimeZone)
	require.NoError(t, err)
	use := users.Users{Store: db}
	_, err = use.Create(t.Context(), users.NewUser{Name: "ann", Role: users.Operator, Account: 1, Password: password})
	require.NoError(t, err)
	return use, db, raw
}

// loggedIn returns the text of a new session of ann.
func loggedIn(t *testing.T, use users.Users) string {
	t.Helper()
	session, err := use.LogIn(t.Context(), "ann", password, desk)
	require.NoError(t, err)
	return session
}

func usable(t *testing.T, use users.Users, session string) bool {
	t.Helper()
	_, ok, err := use.BySession(t.Context(), session)
	require.NoError(t, err)
	return ok
}

func TestAUserLogsInWithHisPasswordAndNoOther(t *testing.T) {
	t.Parallel()
	use, _, raw := opened(t)
	session := loggedIn(t, use)
	user, ok, err := use.BySession(t.Context(), session)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "ann", user.Name)
	require.EqualValues(t, 1, user.Account())
	for name, wrong := range map[string]string{"ann": password + "x", "bob": password, "": "", "ann@example.com": password} {
		_, err := use.LogIn(t.Context(), name, wrong, desk)
		require.ErrorIs(t, err, users.ErrRefused, name)
	}
	long := strings.Repeat("long pw ", 9)
	_, err = use.Create(t.Context(), users.NewUser{Name: "eve", Role: users.Viewer, Password: long})
	require.NoError(t, err)
	_, err = use.LogIn(t.Context(), "eve", long, desk)
	require.NoError(t, err)
	_, err = use.LogIn(t.Context(), "eve", long+"x", desk)
	require.ErrorIs(t, err, users.ErrRefused, "what bcrypt does not read counts")

	var rows string
	require.NoError(t, raw.QueryRow(`SELECT string_agg(r, ' ') FROM (SELECT u::text FROM users AS u UNION ALL SELECT s::text FROM user_sessions AS s
		UNION ALL SELECT h::text FROM history AS h) AS all_rows (r)`).Scan(&rows))
	require.NotContains(t, rows, password)
	require.NotContains(t, rows, session[4:])
}

func TestAChangedPasswordAndADisabledUserEndSessionsAndLinksAtOnce(t *testing.T) {
	t.Parallel()
	use, db, _ := opened(t)
	disabled, enabled := true, false
	for what, change := range map[string]func() error{
		"password": func() error { _, err := use.SetPassword(t.Context(), "ann", password); return err },
		"disabled": func() error { _, err := use.Edit(t.Context(), "ann", users.Change{Disabled: &disabled}); return err },
	} {
		session := loggedIn(t, use)
		link, err := use.NewLink(t.Context(), "ann")
		require.NoError(t, err)
		require.True(t, usable(t, use, session))
		require.NoError(t, change())
		require.False(t, usable(t, use, session), what)
		_, err = use.Edit(t.Context(), "ann", users.Change{Disabled: &enabled})
		require.NoError(t, err)
		require.False(t, usable(t, use, session), "%s: a session that has ended stays so", what)
		_, err = use.LogInByLink(t.Context(), link, desk)
		require.ErrorIs(t, err, users.ErrRefused, what)
	}
	_, err := use.Edit(t.Context(), "ann", users.Change{Disabled: &disabled})
	require.NoError(t, err)
	_, err = use.LogIn(t.Context(), "ann", password, desk)
	require.ErrorIs(t, err, users.ErrRefused)
	_, err = use.NewLink(t.Context(), "ann")
	require.ErrorIs(t, err, reference.ErrNotFound)

	changes, err := db.History(t.Context(), history.Filter{Noun: history.User}, 0, 10)
	require.NoError(t, err)
	require.Len(t, changes, 5, "created, password, disabled, enabled, disabled: %v", changes)
}

// TestNoSessionBeginsForAUserWhoChangedMeanwhile: between the look at the password and
// the session.
func TestNoSessionBeginsForAUserWhoChangedMeanwhile(t *testing.T) {
	t.Parallel()
	use, db, _ := opened(t)
	before, _, _, err := db.Credentials(t.Context(), "ann")
	require.NoError(t, err)
	_, err = use.SetPassword(t.Context(), "ann", "another "+password)
	require.NoError(t, err)
	begun, err := db.BeginSession(t.Context(), before, [32]byte{1}, desk, users.SessionLasts)
	require.NoError(t, err)
	require.False(t, begun)
}

func TestALinkLogsInOnceAndInItsTime(t *testing.T) {
	t.Parallel()
	use, _, raw := opened(t)
	link, err := use.NewLink(t.Context(), "ann")
	require.NoError(t, err)
	session, err := use.LogInByLink(t.Context(), link, desk)
	require.NoError(t, err)
	require.True(t, usable(t, use, session))
	_, err = use.LogInByLink(t.Context(), link, desk)
	require.ErrorIs(t, err, users.ErrRefused)

	late, err := use.NewLink(t.Context(), "ann")
	require.NoError(t, err)
	_, err = raw.Exec(`UPDATE user_links SET expires_at = now()`)
	require.NoError(t, err)
	_, err = use.LogInByLink(t.Context(), late, desk)
	require.ErrorIs(t, err, users.ErrRefused)
	_, err = use.LogInByLink(t.Context(), session, desk)
	require.ErrorIs(t, err, users.ErrRefused, "a session is no link")
}

func TestASessionEndsByItselfAndWhenItIsEnded(t *testing.T) {
	t.Parallel()
	use, _, raw := opened(t)
	for what, age := range map[string]string{"idle": "last_seen_at = now() - interval '13 hours'", "old": "expires_at = now()"} {
		session := loggedIn(t, use)
		require.True(t, usable(t, use, session))
		_, err := raw.Exec(`UPDATE user_sessions SET ` + age)
		require.NoError(t, err)
		require.False(t, usable(t, use, session), what)
	}
	first, second := loggedIn(t, use), loggedIn(t, use)
	listed, err := use.Sessions(t.Context(), "ann")
	require.NoError(t, err)
	require.Len(t, listed, 2)
	require.Equal(t, desk, listed[0].Browser)
	ended, err := use.EndSessions(t.Context(), "ann", listed[0].ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, ended)
	require.False(t, usable(t, use, second))
	require.True(t, usable(t, use, first))
	require.NoError(t, use.LogOut(t.Context(), first))
	require.False(t, usable(t, use, first))
	known, err := use.KnowsAddress(t.Context(), "ann", desk.Address)
	require.NoError(t, err)
	require.True(t, known)
}

func TestWhatIsNoUserIsRefused(t *testing.T) {
	t.Parallel()
	use, _, _ := opened(t)
	right := users.NewUser{Name: "bob", Role: users.Viewer, Password: password}
	for name, wrong := range map[string]func(*users.NewUser){
		"an address":         func(u *users.NewUser) { u.Name = "bob@example.com" },
		"capitals":           func(u *users.NewUser) { u.Name = "Bob" },
		"no role":            func(u *users.NewUser) { u.Role = "root" },
		"a short password":   func(u *users.NewUser) { u.Password = "short" },
		"a long password":    func(u *users.NewUser) { u.Password = strings.Repeat("long ", 20) },
		"no account":         func(u *users.NewUser) { u.Account = 7 },
		"a name that exists": func(u *users.NewUser) { u.Name = "ann" },
	} {
		user := right
		wrong(&user)
		_, err := use.Create(t.Context(), user)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), user.Password, name)
	}
	_, err := use.Edit(t.Context(), "nobody", users.Change{})
	require.ErrorIs(t, err, reference.ErrNotFound)
	made, err := use.Create(t.Context(), right)
	require.NoError(t, err)
	require.EqualValues(t, 2, made.ID, "what is refused uses up no number")
	text, err := json.Marshal(made)
	require.NoError(t, err)
	require.NotContains(t, string(text), "hash")
}
