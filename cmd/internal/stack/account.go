package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is a user of this machine that a server runs as. The zero value is the
// caller.
type account struct {
	name     string
	uid, gid uint32
	other    bool
}

// postgresAccount returns the user that Postgres runs as: the caller, or another user
// when the caller is root, whom Postgres refuses. For existing data it is their owner.
func postgresAccount(home string) (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	if info, err := os.Stat(home); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
			return account{name: strconv.Itoa(int(owner.Uid)), uid: owner.Uid, gid: owner.Gid, other: true}, nil
		}
	}
	return lookupAccount("postgres")
}

func lookupAccount(name string) (account, error) {
	found, err := user.Lookup(name)
	if err != nil {
		return account{}, fmt.Errorf("no user %q to run Postgres as, which refuses root: %w", name, err)
	}
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user id of %s: %w", name, err)
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("group id of %s: %w", name, err)
	}
	return account{name: name, uid: uint32(uid), gid: uint32(gid), other: true}, nil
}

// credential returns the credential of a new process of this user; nil for the caller.
// It does not keep root's other groups.
func (a account) credential() *syscall.Credential {
	if !a.other {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: []uint32{}}
}

// own makes this user the owner of a file or directory.
func (a account) own(path string) error {
	if !a.other {
		return nil
	}
	if err := os.Chown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give %s to user %s: %w", path, a.name, err)
	}
	return nil
}

// canEnter reports whether this user can work in a directory. It tries to, because the
// result depends not only on mode bits but also on access lists and on the parents.
func (a account) canEnter(directory string) (bool, error) {
	command := exec.Command("/bin/sh", "-c", ":")
	command.Dir = directory
	command.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential()}
	err := command.Run()
	if errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("try whether user %s can enter %s: %w", a.name, directory, err)
	}
	return true, nil
}
