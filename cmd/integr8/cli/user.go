package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"integr8/handlers/operate"
	"integr8/handlers/operate/users"
)

type userCommand struct {
	Create   userCreateCommand   `cmd:"" help:"Create a user of the console. The password is read from standard input, or asked for."`
	List     userListCommand     `cmd:"" help:"List users with their roles and last log-ins."`
	Edit     userEditCommand     `cmd:"" help:"Change a user's role or account, disable or enable him."`
	Password userPasswordCommand `cmd:"" help:"Change a user's password, and end his sessions. It is read from standard input, or asked for."`
	Link     userLinkCommand     `cmd:"" help:"Print a link with which a user logs in once, within ten minutes."`
	Sessions userSessionsCommand `cmd:"" help:"List the browsers in which users are logged in."`
	Logout   userLogoutCommand   `cmd:"" help:"End a user's sessions, or one of them."`
}

func (inv *invocation) users() (users.Users, error) {
	db, err := inv.store()
	return users.Users{Store: db}, err
}

// readPassword reads a password from standard input; a person is asked twice, since he
// does not see what he types.
func (inv *invocation) readPassword(ctx context.Context) (string, error) {
	password, err := inv.readSecret(ctx, "Password: ")
	if err != nil || !inv.asksPeople() {
		return password, err
	}
	again, err := inv.readSecret(ctx, "Again: ")
	if err == nil && again != password {
		err = errors.New("the two passwords differ; nothing was done")
	}
	return password, err
}

// noArgument only catches those who would give a password as an argument.
type noArgument struct {
	Argument string `arg:"" optional:"" hidden:"" help:"Not taken: the password is read from standard input."`
}

// Validate refuses a password on the command line, and does not repeat it.
func (a *noArgument) Validate() error {
	if a.Argument != "" {
		return errors.New("a password is not taken as an argument, where the shell's history and the list of processes keep it: " +
			"pipe it in, or run the command without it and be asked")
	}
	return nil
}

type userCreateCommand struct {
	output
	Name        string     `arg:"" help:"Small letters, digits, dots, dashes and underscores."`
	Role        users.Role `required:"" enum:"viewer,operator,admin" help:"viewer looks, operator also acts on dead letters, tries offers, sets alert rules and, of all accounts, pauses queues, admin also changes reference data."`
	Account     int64      `placeholder:"ID" xor:"owner" help:"The only account that the user sees."`
	AllAccounts bool       `xor:"owner" help:"Let the user see all accounts, queues and processes."`
	NoPassword  bool       `help:"Ask for no password: the user logs in by links, see integr8 user link."`
	noArgument
}

// Validate demands an owner: a user who sees all accounts is no default.
func (c *userCreateCommand) Validate() error {
	if c.Account == 0 && !c.AllAccounts {
		return errors.New("name the user's --account, or pass --all-accounts for one who sees all of them")
	}
	return c.noArgument.Validate()
}

// Run creates a user.
func (c *userCreateCommand) Run(ctx context.Context, inv *invocation) error {
	password := users.NoPassword()
	if !c.NoPassword {
		var err error
		if password, err = inv.readPassword(ctx); err != nil {
			return err
		}
	}
	use, err := inv.users()
	if err != nil {
		return err
	}
	return printing(c.output, inv, userTable).one(use.Create(ctx, users.NewUser{Name: c.Name, Role: c.Role, Account: c.Account, Password: password}))
}

type userListCommand struct{ output }

// Run lists users.
func (c *userListCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.users()
	if err != nil {
		return err
	}
	return printing(c.output, inv, userTable).list(use.List(ctx))
}

type userEditCommand struct {
	output
	Name        string      `arg:"" help:"The user's name."`
	Role        *users.Role `enum:"viewer,operator,admin" help:"viewer, operator or admin."`
	Account     *int64      `placeholder:"ID" xor:"owner" help:"The only account that the user sees."`
	AllAccounts bool        `xor:"owner" help:"Let the user see all accounts, queues and processes."`
	Disable     bool        `xor:"disabled" help:"Let the user log in no more, and end his sessions at once."`
	Enable      bool        `xor:"disabled" help:"Let a disabled user log in again."`
}

// Validate refuses an edit that changes nothing.
func (c *userEditCommand) Validate() error {
	switch {
	case c.Account != nil && *c.Account < 1:
		return errors.New("--account is the number of an account; --all-accounts lets the user see all of them")
	case c.Role == nil && c.Account == nil && !c.AllAccounts && !c.Disable && !c.Enable:
		return errors.New("say what to change, such as --role or --disable; integr8 user password changes the password")
	}
	return nil
}

// Run edits a user.
func (c *userEditCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.users()
	if err != nil {
		return err
	}
	change := users.Change{Role: c.Role, Account: c.Account}
	if c.AllAccounts {
		change.Account = new(int64)
	}
	if c.Disable || c.Enable {
		change.Disabled = &c.Disable
	}
	return printing(c.output, inv, userTable).one(use.Edit(ctx, c.Name, change))
}

type userPasswordCommand struct {
	output
	Name string `arg:"" help:"The user's name."`
	noArgument
}

// Run changes a password.
func (c *userPasswordCommand) Run(ctx context.Context, inv *invocation) error {
	password, err := inv.readPassword(ctx)
	if err != nil {
		return err
	}
	use, err := inv.users()
	if err != nil {
		return err
	}
	return printing(c.output, inv, userTable).one(use.SetPassword(ctx, c.Name, password))
}

func userTable(all ...users.User) func(*table) {
	return func(t *table) {
		t.row("NAME", "ROLE", "SEES", "CREATED", "PASSWORD SET", "LAST LOG-IN", "DISABLED")
		for _, user := range all {
			t.row(user.Name, user.Role, accountInWords(user.AccountID), operate.Clock(user.CreatedAt), operate.Clock(user.PasswordSetAt), timeText(user.LastLogIn), timeText(user.DisabledAt))
		}
	}
}

type userLinkCommand struct {
	output
	Name string `arg:"" help:"The user's name."`
	Base string `placeholder:"URL" help:"Where browsers reach the console. Default: INTEGR8_WEB_ADDR, by plain HTTP."`
}

// madeLink is a link in JSON.
type madeLink struct {
	Link string `json:"link"`
}

// Run prints a link. The secret is in the fragment, which no browser sends and no proxy
// logs.
func (c *userLinkCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.users()
	if err != nil {
		return err
	}
	text, err := use.NewLink(ctx, c.Name)
	if err != nil {
		return err
	}
	link := cmp.Or(strings.TrimSuffix(c.Base, "/"), "http://"+reachable(inv.settings.WebAddr)) + "/login/link#" + text
	return c.print(inv, madeLink{link}, func(t *table) { t.row(link) })
}

// reachable returns an address by which a browser of this machine reaches a server that
// listens at one: every address of the machine is none to go to.
func reachable(listens string) string {
	host, port, err := net.SplitHostPort(listens)
	if address, wrong := netip.ParseAddr(host); err != nil || host != "" && (wrong != nil || !address.IsUnspecified()) {
		return listens
	}
	return net.JoinHostPort("127.0.0.1", port)
}

type userSessionsCommand struct {
	output
	Name string `arg:"" optional:"" help:"Only those of this user."`
}

// Run lists sessions.
func (c *userSessionsCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.users()
	if err != nil {
		return err
	}
	return printing(c.output, inv, sessionTable).list(use.Sessions(ctx, c.Name))
}

func sessionTable(all ...users.Session) func(*table) {
	return func(t *table) {
		t.row("ID", "USER", "ADDRESS", "SINCE", "LAST SEEN", "UNTIL", "BROWSER")
		for _, one := range all {
			t.row(one.ID, one.UserName, one.Address, operate.Clock(one.CreatedAt), operate.Clock(one.LastSeenAt), operate.Clock(one.ExpiresAt), long(one.UserAgent))
		}
	}
}

type userLogoutCommand struct {
	Name    string `arg:"" help:"The user's name."`
	Session int64  `placeholder:"ID" help:"Only this session, as user sessions numbers it."`
}

// Run ends sessions.
func (c *userLogoutCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.users()
	if err != nil {
		return err
	}
	ended, err := use.EndSessions(ctx, c.Name, c.Session)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(inv.stdout, operate.Count(ended, "session", "was", "were"), "ended")
	return err
}
