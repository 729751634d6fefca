//go:build !linux

package process

import "syscall"

// attributes prevent a terminal's Ctrl-C from reaching a process.
func attributes(outlives bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: outlives, Setpgid: !outlives}
}
