package cli

import (
	"os"
	"os/user"
	"strconv"

	"integr8/handlers/operate/dead"
)

// actor names the person behind a command for records of who did what: the user
// of the operating system and the host, as in ann@desk. Who became root by sudo
// is named as himself.
func (inv *invocation) actor() string {
	name, _ := inv.lookup("SUDO_USER")
	if name == "" {
		if current, err := user.Current(); err == nil {
			name = current.Username
		} else {
			name = "uid " + strconv.Itoa(os.Getuid()) // as in a container without a list of users
		}
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

// operator is who acts, with the note that says why.
func (inv *invocation) operator(note string) dead.Operator {
	return dead.Operator{Name: inv.actor(), Note: note}
}
