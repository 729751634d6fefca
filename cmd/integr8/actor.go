package main

import (
	"os"
	"os/user"
	"strconv"

	"github.com/google/uuid"

	"integr8/sql/store"
)

// actor names the person behind a command for records of who did what: the user
// of the operating system and the host, as in ann@desk. Who became root by sudo
// is named as himself.
func (a *app) actor() string {
	name, _ := a.lookup("SUDO_USER")
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

// act is what this command does to dead letters.
func (a *app) act(event store.DeadEventKind, note string) store.DeadAct {
	return store.DeadAct{ID: uuid.New(), Event: event, By: a.actor(), Note: note}
}
